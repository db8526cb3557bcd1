"use client";

import { KeyRound, RefreshCw } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ConnectorEntry } from "@/components/notices/connector-entry";
import { useOwner } from "@/components/shell/owner";
import { Spinner } from "@/components/ui/spinner";
import { KeyListSkeleton } from "./key-list-skeleton";
import { KeyRow } from "./key-row";
import { type InitialKeys, useKeys } from "./use-keys";

type Props = { initial: InitialKeys; connectors: ConnectorEntry[] };

/** Newest first, those that have ended among them. */
export function KeyList({ initial, connectors }: Props) {
  const t = useTranslations("apiKeys");
  const owner = useOwner();
  const query = useKeys(initial);
  const { keys, totalCount, isError, isPending, isRefetching, isFetchingNextPage, hasNextPage } = query;

  if (owner.switching || (isPending && !isError)) return <KeyListSkeleton label={t("loading")} />;
  if (isError && keys.length === 0)
    return (
      <div role="alert" className="panel grid justify-items-center gap-1 px-6 py-14 text-center">
        <h2 className="text-base font-semibold">{t("error.title")}</h2>
        <p className="mb-3 max-w-96 text-sm text-ink-2">{t("error.text")}</p>
        <button
          type="button"
          className="btn"
          aria-disabled={isRefetching || undefined}
          onClick={() => {
            if (!isRefetching) void query.refetch();
          }}
        >
          {isRefetching ? <Spinner /> : <RefreshCw size={14} aria-hidden="true" />}
          {t("error.retry")}
        </button>
      </div>
    );
  if (keys.length === 0)
    return (
      <div className="panel grid justify-items-center gap-1 px-6 py-14 text-center">
        <KeyRound size={22} aria-hidden="true" className="mb-2 text-ink-3" />
        <h2 className="text-base font-semibold">{t("empty.title")}</h2>
        <p className="max-w-96 text-sm text-ink-2">{t("empty.text")}</p>
      </div>
    );
  return (
    <section className="panel" aria-labelledby="keys-title">
      <div className="panel-title">
        <h2 id="keys-title">{t("list")}</h2>
        <span className="count">{totalCount}</span>
      </div>
      <ul>
        {keys.map((key) => (
          <KeyRow key={key.id} apiKey={key} connectors={connectors} />
        ))}
      </ul>
      {hasNextPage ? (
        <div className="border-t border-line p-2">
          <button
            type="button"
            className="btn btn-ghost w-full"
            aria-disabled={isFetchingNextPage || undefined}
            onClick={() => {
              if (!isFetchingNextPage) void query.fetchNextPage();
            }}
          >
            {t(isFetchingNextPage ? "loadingMore" : "more")}
          </button>
        </div>
      ) : null}
    </section>
  );
}
