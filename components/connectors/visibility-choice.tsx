"use client";

import { useTranslations } from "next-intl";
import { useId } from "react";
import type { Visibility } from "@/lib/api/views";

type Props = {
  value: Visibility;
  onChange: (value: Visibility) => void;
  organizationName: string | null;
  /** True where the question is the title of what it stands in. */
  asked?: boolean;
};

/** Who may use the account that is about to be connected: each choice with a sentence that says what it means. */
export function VisibilityChoice({ value, onChange, organizationName, asked = false }: Props) {
  const t = useTranslations("visibility");
  const name = useId();
  const organization = organizationName ?? t("yourOrganization");
  const choices = [
    { key: "everyone", label: t("everyone", { organization }), hint: t("everyoneHint") },
    { key: "only_me", label: t("onlyMe"), hint: t("onlyMeHint") },
  ] as const;
  return (
    <fieldset>
      <legend className={asked ? "sr-only" : "mb-2 text-sm font-semibold"}>{t("legend")}</legend>
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
              <span className="block text-xs text-ink-2">{hint}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
