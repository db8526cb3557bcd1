"use client";

import { Search, X } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import type { AuthKind } from "@/lib/catalogue/card";
import type { CatalogFilters } from "./filter-values";

type Props = {
  filters: CatalogFilters;
  change: (part: Partial<CatalogFilters>) => void;
  kinds: AuthKind[];
  connected: number;
  attention: number;
};

export function CatalogToolbar({ filters, change, kinds, connected, attention }: Props) {
  const t = useTranslations("catalog");
  const kindNames = useTranslations("authKinds");
  const segments = [
    { key: null, label: t("status.all"), count: null },
    { key: "connected", label: t("status.connected"), count: connected },
    { key: "attention", label: t("status.attention"), count: attention },
  ] as const;
  return (
    <search className="flex flex-wrap gap-2">
      <SearchField value={filters.query} onChange={(query) => change({ query })} />
      <fieldset className="flex h-9 min-w-0 flex-1 basis-full overflow-clip rounded-[10px] border border-line-strong bg-card sm:flex-none sm:basis-auto">
        <legend className="sr-only">{t("status.legend")}</legend>
        {segments.map(({ key, label, count }) => (
          <button
            key={key ?? "all"}
            type="button"
            aria-pressed={filters.status === key}
            onClick={() => change({ status: key })}
            className="flex flex-1 items-center justify-center gap-1.5 border-l border-line px-3 text-sm font-medium text-ink-2 transition-colors first:border-l-0 hover:text-ink focus-visible:-outline-offset-2 aria-pressed:bg-chip aria-pressed:text-ink"
          >
            {label}
            {count === null ? null : <span className="count">{count}</span>}
          </button>
        ))}
      </fieldset>
      <select
        aria-label={t("auth.label")}
        className="field w-auto"
        value={filters.auth ?? ""}
        onChange={(event) => change({ auth: (event.target.value || null) as CatalogFilters["auth"] })}
      >
        <option value="">{t("auth.any")}</option>
        {kinds.map((kind) => (
          <option key={kind} value={kind}>
            {kindNames(kind)}
          </option>
        ))}
      </select>
    </search>
  );
}

function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const t = useTranslations("catalog");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.metaKey || event.ctrlKey || event.altKey) return;
      const target = event.target as HTMLElement;
      if (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return (
    <div className="relative min-w-0 flex-1 basis-full md:basis-72">
      <Search size={16} aria-hidden="true" className="pointer-events-none absolute top-2.5 left-3 text-ink-3" />
      <input
        ref={input}
        type="search"
        name="q"
        value={value}
        aria-label={t("search.label")}
        aria-keyshortcuts="/"
        placeholder={t("search.placeholder")}
        autoComplete="off"
        spellCheck={false}
        enterKeyHint="search"
        className="field truncate pr-10 pl-9 [&::-webkit-search-cancel-button]:hidden"
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || !value) return;
          event.preventDefault();
          onChange("");
        }}
      />
      {value ? (
        <button
          type="button"
          aria-label={t("search.clear")}
          className="absolute top-1 right-1 grid size-7 place-items-center rounded-md text-ink-3 hover:bg-hover hover:text-ink"
          onClick={() => {
            onChange("");
            input.current?.focus();
          }}
        >
          <X size={15} aria-hidden="true" />
        </button>
      ) : (
        <span
          aria-hidden="true"
          className="pointer-events-none absolute top-2 right-2.5 hidden h-5 min-w-5 place-items-center rounded border border-line px-1 font-sans text-xs text-ink-3 sm:grid"
        >
          /
        </span>
      )}
    </div>
  );
}
