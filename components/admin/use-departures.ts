"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { useOwner } from "@/components/shell/owner";
import type { DepartureList } from "@/lib/api/departure-views";
import { fetchDepartures } from "./departures-api";

/** What the server drew the page with: of which owner, and when. */
export type InitialDepartures = { ownerId: string; at: number; list: DepartureList };

/** Who left, page after page, fetched again on focus. Cached per owner. */
export function useDepartures(initial: InitialDepartures) {
  const owner = useOwner();
  const drawn = initial.ownerId === owner.id ? initial : undefined;
  const query = useInfiniteQuery({
    queryKey: [owner.id, "departures"],
    queryFn: ({ pageParam, signal }) => fetchDepartures(owner.id, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    initialData: drawn && { pages: [drawn.list], pageParams: [null] },
    initialDataUpdatedAt: drawn?.at,
  });
  const departures = query.data?.pages.flatMap((page) => page.departures) ?? [];
  return { ...query, departures, totalCount: query.data?.pages[0]?.total_count ?? 0 };
}
