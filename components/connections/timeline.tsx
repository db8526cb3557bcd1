"use client";

import { RefreshCw } from "lucide-react";
import { useTranslations } from "next-intl";
import { useOwner } from "@/components/shell/owner";
import { RelativeTime } from "@/components/ui/relative-time";
import { Spinner } from "@/components/ui/spinner";
import { EventIcon, EventWords } from "./event-words";
import { useEvents } from "./use-events";

type Props = { connectionId: string; connectorName: string };

/** Everything that happened to a connection, newest first: what, and who or what caused it. */
export function Timeline({ connectionId, connectorName }: Props) {
  const t = useTranslations("timeline");
  const owner = useOwner();
  const query = useEvents(connectionId);
  const { events, isPending, isError, isFetchingNextPage, hasNextPage } = query;
  return (
    <section className="panel" aria-labelledby="timeline-title">
      <div className="panel-title">
        <h2 id="timeline-title">{t("title")}</h2>
      </div>
      {isPending ? (
        <TimelineSkeleton label={t("loading")} />
      ) : isError && events.length === 0 ? (
        <div role="alert" className="flex flex-wrap items-center justify-between gap-3 px-4 py-3.5">
          <p>{t("error")}</p>
          <button type="button" className="btn" onClick={() => void query.refetch()}>
            <RefreshCw size={14} aria-hidden="true" />
            {t("retry")}
          </button>
        </div>
      ) : events.length === 0 ? (
        <p className="px-4 py-5 text-sm text-ink-2">{t("empty")}</p>
      ) : (
        <ol>
          {events.map((event) => (
            <li
              key={event.id}
              data-event={event.type}
              className="flex gap-x-3 border-b border-line px-4 py-2.5 last:border-b-0"
            >
              <EventIcon event={event} />
              <div className="min-w-0 flex-1 items-baseline justify-between gap-x-4 sm:flex">
                <EventWords event={event} connectorName={connectorName} />
                <span className="text-xs whitespace-nowrap text-ink-2">
                  <RelativeTime iso={event.created_at} serverNow={owner.serverNow} />
                </span>
              </div>
            </li>
          ))}
        </ol>
      )}
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
            {isFetchingNextPage ? <Spinner /> : null}
            {t(isFetchingNextPage ? "loadingMore" : "more")}
          </button>
        </div>
      ) : null}
    </section>
  );
}

/** Lines to be, in the shape of lines. */
function TimelineSkeleton({ label }: { label: string }) {
  return (
    <div aria-busy="true">
      <p className="sr-only">{label}</p>
      {["w-56", "w-44", "w-64"].map((width) => (
        <div
          key={width}
          aria-hidden="true"
          className="flex h-[41px] items-center gap-3 border-b border-line px-4 last:border-b-0"
        >
          <span className="skeleton size-[15px] rounded-full" />
          <span className={`skeleton h-3.5 ${width}`} />
          <span className="skeleton ml-auto h-3 w-16" />
        </div>
      ))}
    </div>
  );
}
