"use client";

import { Plug, RefreshCw, Send } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { useOwner } from "@/components/shell/owner";
import { ConnectionFilterBar, useConnectionFilters } from "./connection-filters";
import type { ConnectionFilters } from "./connections-api";
import { ConnectionsTable, type ConnectorName } from "./connections-table";
import { type InitialConnections, useConnections } from "./use-connections";

type Props = {
  names: Record<string, ConnectorName>;
  /** Slugs with connections when the page was drawn, to filter by. */
  inUse: string[];
  initial: InitialConnections;
  initialFilters: ConnectionFilters;
};

/** All connections that the person may see. */
export function ConnectionList({ names, inUse, initial, initialFilters }: Props) {
  const t = useTranslations("connections");
  const owner = useOwner();
  const { filters, change } = useConnectionFilters();
  const drawnFor = JSON.stringify(filters) === JSON.stringify(initialFilters);
  const query = useConnections({ filters, initial: drawnFor ? initial : undefined });
  const { connections, totalCount, isError, isPending, isFetchingNextPage, hasNextPage } = query;
  const waiting = owner.switching || (isPending && !isError);
  // For admins alone: others keep these to themselves, and their number is all that there is to know.
  const others = waiting ? null : query.data?.pages[0]?.others_only_me_count;
  const filtered = Boolean(filters.connector ?? filters.status ?? filters.owner);

  const slugs = new Set([...inUse, ...connections.map((connection) => connection.connector)]);
  if (filters.connector) slugs.add(filters.connector);
  const connectors = [...slugs]
    .map((slug) => ({ slug, name: names[slug]?.name ?? slug }))
    .sort((a, b) => a.name.localeCompare(b.name));

  return (
    <>
      <header className="mb-5">
        <div className="flex items-start justify-between gap-3">
          <h1 id="page-title" tabIndex={-1} className="text-title font-semibold tracking-[-0.02em] outline-none">
            {t("title")}
          </h1>
          <Link href="/connections/links" prefetch={false} className="btn btn-ghost -mr-3">
            <Send size={14} aria-hidden="true" />
            {t("links")}
          </Link>
        </div>
        <p className="text-ink-2">
          {waiting || (isError && connections.length === 0) ? t("lead") : t("leadWithCount", { count: totalCount })}
          {others ? ` ${t("others", { count: others })}` : null}
        </p>
      </header>
      <ConnectionFilterBar filters={filters} change={change} connectors={connectors} />
      <div className="mt-4">
        {waiting ? (
          <ConnectionListSkeleton label={t("loading")} />
        ) : isError && connections.length === 0 ? (
          <Message alert title={t("error.title")} text={t("error.text")}>
            <button type="button" className="btn" onClick={() => void query.refetch()}>
              <RefreshCw size={14} aria-hidden="true" />
              {t("error.retry")}
            </button>
          </Message>
        ) : connections.length === 0 && filtered ? (
          <Message title={t("noMatch.title")} text={t("noMatch.text")}>
            <button type="button" className="btn" onClick={() => change({ connector: "", status: "", owner: "" })}>
              {t("noMatch.clear")}
            </button>
          </Message>
        ) : connections.length === 0 ? (
          <Message title={t("empty.title")} text={t("empty.text")}>
            <Link href="/connectors" className="btn btn-solid">
              {t("empty.browse")}
            </Link>
          </Message>
        ) : (
          <>
            <ConnectionsTable connections={connections} names={names} />
            {hasNextPage ? (
              <div className="mt-4 flex justify-center">
                <button
                  type="button"
                  className="btn"
                  aria-disabled={isFetchingNextPage || undefined}
                  onClick={() => void query.fetchNextPage()}
                >
                  {t(isFetchingNextPage ? "loadingMore" : "more")}
                </button>
              </div>
            ) : null}
          </>
        )}
      </div>
    </>
  );
}

function Message(props: { title: string; text: string; alert?: boolean; children: ReactNode }) {
  return (
    <div
      role={props.alert ? "alert" : undefined}
      className="panel grid justify-items-center gap-1 px-6 py-14 text-center"
    >
      <Plug size={22} aria-hidden="true" className="mb-2 text-ink-3" />
      <h2 className="text-base font-semibold">{props.title}</h2>
      <p className="mb-3 max-w-96 text-sm text-ink-2">{props.text}</p>
      {props.children}
    </div>
  );
}

/** Rows to be, in the shape of rows. */
export function ConnectionListSkeleton({ label }: { label: string }) {
  return (
    <div aria-busy="true" className="panel">
      <p className="sr-only">{label}</p>
      <div aria-hidden="true" className="h-[38px] border-b border-line" />
      {Array.from({ length: 5 }, (_, index) => `row-${index}`).map((key) => (
        <div
          key={key}
          aria-hidden="true"
          className="flex h-[51px] items-center gap-4 border-b border-line px-4 last:border-b-0"
        >
          <span className="skeleton size-7" />
          <span className="skeleton h-3.5 w-28" />
          <span className="skeleton hidden h-3.5 w-36 sm:block" />
          <span className="skeleton ml-auto h-3.5 w-20" />
        </div>
      ))}
    </div>
  );
}
