"use client";

import { RefreshCw, ShieldCheck } from "lucide-react";
import { useTranslations } from "next-intl";
import { useOwner } from "@/components/shell/owner";
import type { Logo } from "@/components/ui/logo-tile";
import { Spinner } from "@/components/ui/spinner";
import { QuarantineRow } from "./quarantine-row";
import { QuarantineSkeleton } from "./quarantine-skeleton";
import { type InitialQuarantine, useQuarantine } from "./use-quarantine";

export type ConnectorMark = { name: string; logo: Logo };

type Props = { names: Record<string, ConnectorMark>; initial: InitialQuarantine };

/**
 * The connections that were finished without being allowed to count, and wait for this person's decision. Of those that
 * wait for others alone, only how many.
 */
export function QuarantineWaiting({ names, initial }: Props) {
  const t = useTranslations("quarantine");
  const owner = useOwner();
  const query = useQuarantine(initial);
  const { items, totalCount, othersOnlyMe, isError, isPending, isRefetching, isFetchingNextPage, hasNextPage } = query;

  if (owner.switching || (isPending && !isError)) return <QuarantineSkeleton label={t("loading")} />;
  if (isError && items.length === 0)
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
  const others = othersOnlyMe ? (
    <p className="mt-3 px-1 text-sm text-ink-2">{t("othersOnlyMe", { count: othersOnlyMe })}</p>
  ) : null;
  if (items.length === 0 && !hasNextPage)
    return (
      <>
        <div className="panel grid justify-items-center gap-1 px-6 py-14 text-center">
          <ShieldCheck size={22} aria-hidden="true" className="mb-2 text-ink-3" />
          <h2 className="text-base font-semibold">{t("empty.title")}</h2>
          <p className="max-w-96 text-sm text-ink-2">{t("empty.text")}</p>
        </div>
        {others}
      </>
    );
  return (
    <>
      <section className="panel" aria-labelledby="waiting-title">
        <div className="panel-title">
          <h2 id="waiting-title">{t("waiting")}</h2>
          <span className="count">{totalCount}</span>
        </div>
        <ul>
          {items.map((item) => (
            <QuarantineRow key={item.id} item={item} connector={names[item.connector ?? ""]} />
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
      {others}
    </>
  );
}
