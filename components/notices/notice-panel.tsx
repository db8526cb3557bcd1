"use client";

import { BellOff, RefreshCw } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { useOwner } from "@/components/shell/owner";
import { Spinner } from "@/components/ui/spinner";
import { type NoticeContext, NoticeRow } from "./notice-row";
import { NoticeSkeleton } from "./notice-skeleton";
import { type KnownNotices, useMarkSeen, useNotices } from "./use-notices";

/** The notices, newest first. Being shown makes them seen; what was new stays marked until the panel closes. */
export function NoticePanel(context: NoticeContext) {
  const t = useTranslations("notices");
  const owner = useOwner();
  const { data, isError, isFetching, refetch } = useNotices();
  const fresh = useSeenWhenShown(owner.switching ? undefined : data);
  const notices = data?.notices;

  if (owner.switching || (!notices && !isError)) return <NoticeSkeleton label={t("loading")} />;
  if (!notices)
    return (
      <div role="alert" className="flex flex-wrap items-center justify-between gap-3 px-4 py-3.5 text-sm">
        <p>{t("error")}</p>
        <button
          type="button"
          className="btn"
          aria-disabled={isFetching || undefined}
          onClick={() => {
            if (!isFetching) void refetch();
          }}
        >
          {isFetching ? <Spinner /> : <RefreshCw size={14} aria-hidden="true" />}
          {t("retry")}
        </button>
      </div>
    );
  if (notices.length === 0)
    return (
      <div className="grid justify-items-center gap-1 px-6 py-10 text-center">
        <BellOff size={20} aria-hidden="true" className="mb-1.5 text-ink-3" />
        <p className="text-sm font-semibold">{t("empty.title")}</p>
        <p className="max-w-64 text-sm text-ink-2">{t("empty.text")}</p>
      </div>
    );
  return (
    <ul>
      {notices.map((notice) => (
        <NoticeRow key={notice.id} notice={notice} isNew={!notice.seen || fresh.has(notice.id)} {...context} />
      ))}
    </ul>
  );
}

/** Marks what is shown as seen, each newest one once. @returns ids of what was unseen at any time since the panel opened */
function useSeenWhenShown(data: KnownNotices | undefined): ReadonlySet<string> {
  const { mutate } = useMarkSeen();
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const marked = useRef<string | null>(null);
  useEffect(() => {
    const unseen = data?.notices?.filter((notice) => !notice.seen) ?? [];
    if (unseen.length > 0) setFresh((before) => new Set([...before, ...unseen.map(({ id }) => id)]));
    const newest = data?.notices?.[0]?.id;
    // Once only: a server that refuses must not be asked without end.
    if (!data?.unseen_count || !newest || marked.current === newest) return;
    marked.current = newest;
    mutate(newest);
  }, [data, mutate]);
  return fresh;
}
