"use client";

import { useTranslations } from "next-intl";
import { useRef } from "react";
import { accountName } from "@/components/connections/account-name";
import { type InitialConnections, useConnections } from "@/components/connections/use-connections";
import { CopyButton } from "@/components/ui/copy-button";
import { connectorFilters } from "./connector-filters";

/** The ids of a connector's accounts, live. */
export function ConnectionIds({ slug, name, initial }: { slug: string; name: string; initial: InitialConnections }) {
  const t = useTranslations("developers");
  const { connections } = useConnections({ filters: connectorFilters(slug), initial });
  if (connections.length === 0) return <p className="text-sm text-ink-2">{t("none")}</p>;
  return (
    <ul className="grid gap-1">
      {connections.map((connection) => (
        <li key={connection.id}>
          <Id of={accountName(connection, name)} id={connection.id} />
        </li>
      ))}
    </ul>
  );
}

/** One id, with whose it is. */
export function Id({ of, id }: { of: string; id: string }) {
  const t = useTranslations("developers");
  const shown = useRef<HTMLElement>(null);
  return (
    <div className="flex items-center gap-2">
      <p className="min-w-0 flex-1 text-sm">
        <span className="wrap-any block">{of}</span>
        <code ref={shown} className="wrap-any block font-mono text-xs text-ink-2">
          {id}
        </code>
      </p>
      <CopyButton icon look="ghost" text={id} shown={shown} label={t("copyId", { name: of })} said={t("idCopied")} />
    </div>
  );
}
