"use client";

import { RefreshCw, Send } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useOwner } from "@/components/shell/owner";
import { Spinner } from "@/components/ui/spinner";
import { LinkListSkeleton } from "./link-list-skeleton";
import { type ConnectorMark, LinkRow } from "./link-row";
import { type InitialLinks, useLinks } from "./use-links";

/** The connect links that the person may see. */
export function LinkList({ names, initial }: { names: Record<string, ConnectorMark>; initial: InitialLinks }) {
  const t = useTranslations("links");
  const owner = useOwner();
  const query = useLinks(initial);
  const { links, totalCount, isError, isPending, isRefetching, isFetchingNextPage, hasNextPage } = query;

  if (owner.switching || (isPending && !isError)) return <LinkListSkeleton label={t("loading")} />;
  if (isError && links.length === 0)
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
  if (links.length === 0)
    return (
      <div className="panel grid justify-items-center gap-1 px-6 py-14 text-center">
        <Send size={22} aria-hidden="true" className="mb-2 text-ink-3" />
        <h2 className="text-base font-semibold">{t("empty.title")}</h2>
        <p className="mb-3 max-w-96 text-sm text-ink-2">{t("empty.text")}</p>
        <Link href="/connectors" className="btn btn-solid">
          {t("empty.browse")}
        </Link>
      </div>
    );
  return (
    <section className="panel" aria-labelledby="links-title">
      <div className="panel-title">
        <h2 id="links-title">{t("list")}</h2>
        <span className="count">{totalCount}</span>
      </div>
      <ul>
        {links.map((link) => (
          <LinkRow key={link.id} link={link} connector={names[link.connector]} />
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
