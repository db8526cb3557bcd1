"use client";

import { useTranslations } from "next-intl";
import { useId, useState } from "react";
import { type ConnectorEntry, connectorOf } from "@/components/notices/connector-entry";
import { LogoTile } from "@/components/ui/logo-tile";
import { RadioGroup } from "@/components/ui/radio-group";
import type { KeyChoice } from "./key-scopes";

type Props = {
  value: KeyChoice["connectors"];
  onChange: (value: KeyChoice["connectors"]) => void;
  connectors: ConnectorEntry[];
  offered: string[];
};

/** The connectors whose actions a key may run: every one, or some to be ticked. What was ticked is kept meanwhile. */
export function ConnectorChoice({ value, onChange, connectors, offered }: Props) {
  const t = useTranslations("apiKeys.making");
  const [ticked, setTicked] = useState<readonly string[]>(value === "every" ? [] : value);
  const [query, setQuery] = useState("");
  const countId = useId();
  const wanted = query.trim().toLowerCase();
  const found = offered
    .map((slug) => ({ slug, ...connectorOf(connectors, slug) }))
    .filter(({ slug, name }) => name.toLowerCase().includes(wanted) || slug.includes(wanted));
  const tick = (slug: string, on: boolean) => {
    const next = on ? [...ticked, slug] : ticked.filter((each) => each !== slug);
    setTicked(next);
    onChange(next);
  };
  return (
    <div className="grid gap-2.5">
      <RadioGroup
        legend={t("connectors")}
        choices={[
          { key: "chosen", label: t("chosen") },
          { key: "every", label: t("every") },
        ]}
        value={value === "every" ? "every" : "chosen"}
        onChange={(choice) => onChange(choice === "every" ? "every" : ticked)}
      />
      {value === "every" ? null : (
        <div>
          <input
            type="search"
            className="field"
            aria-label={t("search")}
            placeholder={t("search")}
            value={query}
            maxLength={60}
            onChange={(event) => setQuery(event.target.value)}
            onKeyDown={(event) => {
              // Enter looks for something here; it does not make the key.
              if (event.key === "Enter") event.preventDefault();
            }}
          />
          <fieldset
            aria-label={t("connectors")}
            aria-describedby={countId}
            className="mt-2 h-44 overflow-y-auto rounded-lg border border-line p-1"
          >
            {found.map(({ slug, name, logo }) => (
              <label
                key={slug}
                className="flex min-h-9 cursor-pointer items-center gap-2.5 rounded-md px-2 py-1 text-ink hover:bg-hover"
              >
                <input
                  type="checkbox"
                  className="size-4 flex-none accent-accent"
                  checked={ticked.includes(slug)}
                  onChange={(event) => tick(slug, event.target.checked)}
                />
                <LogoTile logo={logo} size="sm" />
                <span className="wrap-any min-w-0">{name}</span>
              </label>
            ))}
            {found.length === 0 ? <p className="px-2 py-1.5">{t("nothing")}</p> : null}
          </fieldset>
          <p id={countId} className="mt-1 text-xs">
            {t("count", { count: ticked.length })}
          </p>
        </div>
      )}
    </div>
  );
}
