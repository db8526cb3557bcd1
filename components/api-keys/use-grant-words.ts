"use client";

import { useLocale, useTranslations } from "next-intl";
import { type ConnectorEntry, connectorOf } from "@/components/notices/connector-entry";
import { grantsOf } from "./key-scopes";

/** Connectors that are named; of more, the rest is a number. */
const NAMED = 4;

/** What a key may do, a sentence each. */
export function useGrantWords(connectors: ConnectorEntry[]): (scopes: readonly string[]) => string[] {
  const t = useTranslations("apiKeys.grants");
  const list = new Intl.ListFormat(useLocale());
  const named = (which: "every" | string[]): string => {
    if (which === "every") return t("every");
    const names = which.map((slug) => connectorOf(connectors, slug).name);
    if (names.length <= NAMED) return list.format(names);
    return list.format([...names.slice(0, NAMED - 1), t("others", { count: names.length - NAMED + 1 })]);
  };
  return (scopes) => {
    const { sees, manages, run, read } = grantsOf(scopes);
    return [
      sees ? t(sees) : [],
      manages ? t("manage") : [],
      run.length > 0 ? t("run", { connectors: named(run) }) : [],
      read.length > 0 ? t("read", { connectors: named(read) }) : [],
    ].flat();
  };
}
