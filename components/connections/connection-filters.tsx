"use client";

import { useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { useMemo } from "react";
import { useOwner } from "@/components/shell/owner";
import type { ConnectionFilters } from "./connections-api";
import { readConnectionFilters } from "./read-connection-filters";

/** The filters of the list of connections, which live in the URL alone. */
export function useConnectionFilters() {
  const params = useSearchParams();
  const search = params.toString();
  const filters = useMemo(() => readConnectionFilters(new URLSearchParams(search)), [search]);
  const change = (part: Record<string, string>) => {
    const next = new URLSearchParams(search);
    for (const [name, value] of Object.entries(part)) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    window.history.pushState(null, "", `${window.location.pathname}${next.size > 0 ? `?${next}` : ""}`);
  };
  return { filters, change };
}

type Props = {
  filters: ConnectionFilters;
  change: (part: Record<string, string>) => void;
  /** Connectors to choose from: those in use. */
  connectors: { slug: string; name: string }[];
};

export function ConnectionFilterBar({ filters, change, connectors }: Props) {
  const t = useTranslations("connections.filters");
  const statuses = useTranslations("statuses");
  const owner = useOwner();
  return (
    <search className="flex flex-wrap gap-2">
      <Choice
        label={t("status")}
        className="max-sm:basis-full"
        value={filters.status ?? ""}
        onChange={(status) => change({ status })}
        options={[
          ["", t("anyStatus")],
          ["attention", t("attention")],
          ["connected", statuses("connected")],
          ["needs_attention", statuses("needs_attention")],
          ["disconnected", statuses("disconnected")],
        ]}
      />
      <Choice
        label={t("connector")}
        value={filters.connector ?? ""}
        onChange={(connector) => change({ connector })}
        options={[["", t("anyConnector")], ...connectors.map(({ slug, name }): [string, string] => [slug, name])]}
      />
      {owner.inOrganization ? (
        <Choice
          label={t("owner")}
          value={filters.owner ?? ""}
          onChange={(value) => change({ owner: value })}
          options={[
            ["", t("anyOwner")],
            ["mine", t("mine")],
            ["everyone", t("everyone")],
            ["only_me", t("onlyMe")],
          ]}
        />
      ) : null}
    </search>
  );
}

type ChoiceProps = {
  label: string;
  value: string;
  options: [value: string, label: string][];
  onChange: (value: string) => void;
  className?: string;
};

function Choice({ label, value, options, onChange, className = "basis-36" }: ChoiceProps) {
  return (
    <select
      aria-label={label}
      className={`field min-w-0 flex-1 sm:w-auto sm:flex-none sm:basis-auto ${className}`}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      {options.map(([key, text]) => (
        <option key={key} value={key}>
          {text}
        </option>
      ))}
    </select>
  );
}
