"use client";

import { Plug, RefreshCw } from "lucide-react";
import { useTranslations } from "next-intl";
import { connectorFilters } from "@/components/connectors/connector-filters";
import { useOwner } from "@/components/shell/owner";
import { AccountRow } from "./account-row";
import { type InitialConnections, useConnections } from "./use-connections";

type Props = { slug: string; name: string; revocationUrl: string | null; initial: InitialConnections };

/** The accounts of one connector, live. */
export function AccountList({ slug, name, revocationUrl, initial }: Props) {
  const t = useTranslations("accounts");
  const owner = useOwner();
  const query = useConnections({ filters: connectorFilters(slug), initial });
  const { connections, totalCount, isError, isPending, hasNextPage } = query;
  const waiting = owner.switching || (isPending && !isError);
  return (
    <section className="panel" aria-labelledby="accounts-title">
      <div className="panel-title">
        <h2 id="accounts-title">{t("title")}</h2>
        <span className="count">{waiting ? "" : totalCount}</span>
      </div>
      {waiting ? (
        <div aria-busy="true" className="flex items-center gap-3 px-4 py-3.5">
          <span className="sr-only">{t("loading")}</span>
          <span aria-hidden="true" className="skeleton size-6 rounded-full" />
          <span aria-hidden="true" className="grid gap-1.5">
            <span className="skeleton h-3.5 w-40" />
            <span className="skeleton h-3 w-56" />
          </span>
        </div>
      ) : isError && connections.length === 0 ? (
        <div role="alert" className="flex flex-wrap items-center justify-between gap-3 px-4 py-3.5">
          <p>{t("error")}</p>
          <button type="button" className="btn" onClick={() => void query.refetch()}>
            <RefreshCw size={14} aria-hidden="true" />
            {t("retry")}
          </button>
        </div>
      ) : connections.length === 0 ? (
        <p className="flex items-center gap-2.5 px-4 py-5 text-sm text-ink-2">
          <Plug size={16} aria-hidden="true" className="flex-none text-ink-3" />
          {t("empty", { name })}
        </p>
      ) : (
        <ul>
          {connections.map((connection) => (
            <AccountRow
              key={connection.id}
              connection={connection}
              connectorName={name}
              revocationUrl={revocationUrl}
            />
          ))}
        </ul>
      )}
      {!waiting && hasNextPage ? (
        <div className="border-t border-line p-2">
          <button type="button" className="btn btn-ghost w-full" onClick={() => void query.fetchNextPage()}>
            {t("more")}
          </button>
        </div>
      ) : null}
    </section>
  );
}
