"use client";

import { RefreshCw, UserRoundCheck } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ConnectorEntry } from "@/components/notices/connector-entry";
import { useOwner } from "@/components/shell/owner";
import { Spinner } from "@/components/ui/spinner";
import { DepartureRow } from "./departure-row";
import { QuarantineSkeleton } from "./quarantine-skeleton";
import { type InitialDepartures, useDepartures } from "./use-departures";

type Props = { connectors: ConnectorEntry[]; initial: InitialDepartures };

/** Who left, newest first, and what became of what they had connected. */
export function DepartureList({ connectors, initial }: Props) {
  const t = useTranslations("peopleLeft");
  const owner = useOwner();
  const query = useDepartures(initial);
  const { departures, totalCount, isError, isPending, isRefetching, isFetchingNextPage, hasNextPage } = query;

  if (owner.switching || (isPending && !isError)) return <QuarantineSkeleton label={t("loading")} />;
  if (isError && departures.length === 0)
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
  if (departures.length === 0)
    return (
      <div className="panel grid justify-items-center gap-1 px-6 py-14 text-center">
        <UserRoundCheck size={22} aria-hidden="true" className="mb-2 text-ink-3" />
        <h2 className="text-base font-semibold">{t("empty.title")}</h2>
        <p className="max-w-96 text-sm text-ink-2">{t("empty.text")}</p>
      </div>
    );
  return (
    <section className="panel" aria-labelledby="departures-title">
      <div className="panel-title">
        <h2 id="departures-title">{t("list")}</h2>
        <span className="count">{totalCount}</span>
      </div>
      <ul>
        {departures.map((departure) => (
          <DepartureRow key={departure.id} departure={departure} connectors={connectors} />
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
            {t(isFetchingNextPage ? "loadingMore" : "showMore")}
          </button>
        </div>
      ) : null}
    </section>
  );
}
