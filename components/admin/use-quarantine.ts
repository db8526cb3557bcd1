"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { useOwner } from "@/components/shell/owner";
import type { QuarantineList } from "@/lib/api/quarantine-views";
import { fetchQuarantine } from "./quarantine-api";
import { quarantineKeys } from "./quarantine-keys";
import { quarantinePageSize } from "./quarantine-page-size";

/** What the server drew the page with: of which owner, and when. */
export type InitialQuarantine = { ownerId: string; at: number; list: QuarantineList };

/** What waits in quarantine, page after page, fetched again on focus. Cached per owner. */
export function useQuarantine(initial: InitialQuarantine) {
  const owner = useOwner();
  const drawn = initial.ownerId === owner.id ? initial : undefined;
  const query = useInfiniteQuery({
    queryKey: quarantineKeys.list(owner.id),
    queryFn: ({ pageParam, signal }) =>
      fetchQuarantine(owner.id, { limit: quarantinePageSize, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    initialData: drawn && { pages: [drawn.list], pageParams: [null] },
    initialDataUpdatedAt: drawn?.at,
  });
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  const { total_count: totalCount = 0, others_only_me_count: othersOnlyMe = 0 } = query.data?.pages[0] ?? {};
  return { ...query, items, totalCount, othersOnlyMe };
}
