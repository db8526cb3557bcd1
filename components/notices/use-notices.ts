"use client";

import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useOwner } from "@/components/shell/owner";
import type { NoticeView } from "@/lib/api/views";
import { noticeKeys } from "./notice-keys";
import { fetchNotices, markNoticesSeen } from "./notices-api";

/** What the server drew the page with: of which owner, and when. */
export type DrawnNotices = { ownerId: string; at: number; unseen: number };

/** What is known of the notices. A page is drawn with their number alone; the list comes with the first answer. */
export type KnownNotices = { notices: NoticeView[] | null; unseen_count: number };

const everyMinute = 60_000;

const noticesOf = (ownerId: string) =>
  queryOptions({
    queryKey: noticeKeys.list(ownerId),
    queryFn: ({ signal }): Promise<KnownNotices> => fetchNotices(ownerId, signal),
  });

/** How many notices the person has not seen: kept current once a minute while the page is visible, and on focus. */
export function useUnseenCount(drawn: DrawnNotices): number {
  const owner = useOwner();
  const own = drawn.ownerId === owner.id;
  const query = useQuery({
    ...noticesOf(owner.id),
    initialData: own ? { notices: null, unseen_count: drawn.unseen } : undefined,
    initialDataUpdatedAt: own ? drawn.at : undefined,
    refetchInterval: everyMinute,
  });
  return query.data?.unseen_count ?? 0;
}

/** The notices themselves, asked for whenever somebody wants to read them. */
export function useNotices() {
  const owner = useOwner();
  return useQuery({ ...noticesOf(owner.id), refetchOnMount: "always" });
}

/** Marks what was shown as seen: the number is gone at once, and comes back with the next answer if that failed. */
export function useMarkSeen() {
  const owner = useOwner();
  const queries = useQueryClient();
  const { queryKey } = noticesOf(owner.id);
  return useMutation({
    mutationFn: (untilId: string) => markNoticesSeen(untilId, owner.id),
    onMutate: async () => {
      await queries.cancelQueries({ queryKey });
      queries.setQueryData(queryKey, (known) => known && { ...known, unseen_count: 0 });
    },
    onError: () => queries.invalidateQueries({ queryKey }),
  });
}
