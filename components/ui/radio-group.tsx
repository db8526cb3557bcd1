"use client";

import { useId } from "react";

type Props<Key extends string> = {
  legend: string;
  choices: readonly { key: Key; label: string; hint?: string }[];
  value: Key;
  onChange: (value: Key) => void;
  /** True where the legend is the title of what it stands in. */
  asked?: boolean;
};

/** One of a few: each choice with a sentence that says what it means. */
export function RadioGroup<Key extends string>({ legend, choices, value, onChange, asked }: Props<Key>) {
  const name = useId();
  return (
    <fieldset>
      <legend className={asked ? "sr-only" : "mb-2 text-sm font-semibold text-ink"}>{legend}</legend>
      <div className="grid gap-2.5">
        {choices.map(({ key, label, hint }) => (
          <label key={key} className="flex cursor-pointer items-start gap-2.5">
            <input
              type="radio"
              name={name}
              value={key}
              checked={value === key}
              onChange={() => onChange(key)}
              className="mt-[3px] size-4 flex-none appearance-none rounded-full border border-control bg-card transition-[border-width] checked:border-[5px] checked:border-solid"
            />
            <span className="min-w-0">
              <span className="wrap-any block text-sm font-medium text-ink">{label}</span>
              {hint ? <span className="block text-xs text-ink-2">{hint}</span> : null}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
