"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useId } from "react";
import type { FieldFault } from "@/components/api-client";
import type { Question } from "@/lib/catalogue/connection-config";

type Props = {
  question: Question;
  connectorName: string;
  value: string;
  fault: FieldFault | null;
  focusFirst: boolean;
  onChange: (value: string) => void;
};

/** One question: what it is, where to find it, and what stands around the answer in the address. */
export function QuestionField({ question, connectorName, value, fault, focusFirst, onChange }: Props) {
  const t = useTranslations("connect.questions");
  const id = useId();
  const { name, title, description, example, prefix, suffix, options, optional } = question;
  const scheme = /^https:\/\//.exec(prefix ?? "")?.[0] ?? "";
  const missing = t(options ? "missingChoice" : "missing");
  const malformed = example ? t("malformedLike", { example }) : t("malformed", { name: connectorName });
  // Of what can be wrong here, the longer sentence: it keeps its place, so that nothing moves when one is said.
  const faults = [...(optional ? [] : [missing]), ...(options ? [] : [malformed])];
  const longest = faults.sort((one, other) => other.length - one.length)[0];
  const common = {
    id,
    name,
    value,
    required: !optional,
    "data-first-focus": focusFirst ? "" : undefined,
    // Said either way: a field that is merely empty yet would else be called invalid.
    "aria-invalid": fault !== null,
    "aria-describedby": [`${id}-fault`, description && `${id}-help`, prefix && `${id}-prefix`, suffix && `${id}-suffix`]
      .filter(Boolean)
      .join(" "),
  };
  return (
    <div>
      <label htmlFor={id} className="font-medium text-ink">
        {title}
      </label>
      {optional ? <span className="ml-1.5 text-xs text-ink-3">{t("optional")}</span> : null}
      {description ? (
        <p id={`${id}-help`} className="wrap-any mt-0.5 text-xs">
          {description}
        </p>
      ) : null}
      {options ? (
        <select
          {...common}
          className="field mt-2 aria-invalid:border-bad"
          onChange={(event) => onChange(event.target.value)}
        >
          <option value="">{t(optional ? "none" : "choose")}</option>
          {options.map((option) => (
            <option key={option} value={option}>
              {`${prefix ?? ""}${option}${suffix ?? ""}`}
            </option>
          ))}
        </select>
      ) : (
        <div className="field mt-2 flex overflow-hidden p-0 has-aria-invalid:border-bad focus-within:outline-2 focus-within:-outline-offset-1 focus-within:outline-accent">
          {prefix ? (
            // A phone has no room for what goes without saying.
            <Affix id={`${id}-prefix`} className={`flex-none border-r ${prefix === scheme ? "max-sm:hidden" : ""}`}>
              {scheme ? <span className="max-sm:hidden">{scheme}</span> : null}
              {prefix.slice(scheme.length)}
            </Affix>
          ) : null}
          <input
            {...common}
            className="min-w-20 flex-1 bg-transparent px-2 text-ink outline-none sm:px-3"
            maxLength={300}
            placeholder={example ?? undefined}
            autoComplete="off"
            autoCapitalize="none"
            autoCorrect="off"
            spellCheck={false}
            onChange={(event) => onChange(event.target.value)}
          />
          {suffix ? (
            <Affix id={`${id}-suffix`} className="border-l">
              {suffix}
            </Affix>
          ) : null}
        </div>
      )}
      <div className="wrap-any mt-1 grid text-xs font-medium *:[grid-area:1/1]">
        <p aria-hidden="true" className="invisible">
          {longest}
        </p>
        <p id={`${id}-fault`} role="alert" className="text-bad">
          {fault === "missing" ? missing : fault === "malformed" ? malformed : null}
        </p>
      </div>
    </div>
  );
}

function Affix({ id, className, children }: { id: string; className: string; children: ReactNode }) {
  return (
    <span id={id} className={`${className} block truncate bg-chip px-2 sm:px-2.5 text-sm leading-[34px] text-ink-2`}>
      {children}
    </span>
  );
}
