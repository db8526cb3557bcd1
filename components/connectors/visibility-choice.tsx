"use client";

import { useTranslations } from "next-intl";
import { useId } from "react";
import type { Visibility } from "@/lib/api/views";

type Props = { value: Visibility; onChange: (value: Visibility) => void; organizationName: string | null };

/** Who may use the account that is about to be connected, said in a sentence. */
export function VisibilityChoice({ value, onChange, organizationName }: Props) {
  const t = useTranslations("visibility");
  const hintId = useId();
  const name = useId();
  const organization = organizationName ?? t("yourOrganization");
  return (
    <fieldset aria-describedby={hintId}>
      <legend className="mb-1.5 text-sm font-medium">{t("legend")}</legend>
      <div className="grid grid-cols-2 overflow-clip rounded-lg border border-line-strong">
        {(["everyone", "only_me"] as const).map((choice) => (
          <label
            key={choice}
            className="flex min-h-8 cursor-pointer items-center justify-center border-l border-line px-2 py-1 text-center text-sm font-medium text-ink-2 transition-colors first:border-l-0 hover:text-ink has-checked:bg-chip has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-accent"
          >
            <input
              type="radio"
              className="sr-only"
              name={name}
              value={choice}
              checked={value === choice}
              onChange={() => onChange(choice)}
            />
            <span className="wrap-any">{choice === "everyone" ? t("everyone", { organization }) : t("onlyMe")}</span>
          </label>
        ))}
      </div>
      <p id={hintId} className="mt-1.5 min-h-9 text-xs text-ink-3">
        {value === "everyone" ? t("everyoneHint", { organization }) : t("onlyMeHint")}
      </p>
    </fieldset>
  );
}
