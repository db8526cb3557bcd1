"use client";

import { type InfiniteData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useConnect } from "@/components/connectors/connect-provider";
import { isBusy } from "@/components/connectors/connect-state";
import { useOwner } from "@/components/shell/owner";
import type { ConnectionList } from "@/lib/api/views";
import { connectionKeys } from "./connection-keys";
import { type ConnectionFilters, fetchConnections } from "./connections-api";
import { liveInterval } from "./live-interval";

/** What the server drew the page with: of which owner, and when. */
export type InitialConnections = { ownerId: string; at: number; list: ConnectionList };
export type ConnectionPages = InfiniteData<ConnectionList, string | null>;

const whileAttempt = 3_000;

export type UseConnectionsOptions = {
  filters?: ConnectionFilters;
  initial?: InitialConnections;
  /** Fetch page after page until all are here; for pages that count. */
  all?: boolean;
};

/**
 * The connections that the person may see, kept live: fetched again on focus, every few seconds while an attempt is open,
 * and while something is under way: a look, the deletion at Nango, the name of a new account. Cached per owner.
 */
export function useConnections({ filters = {}, initial, all = false }: UseConnectionsOptions = {}) {
  const owner = useOwner();
  const { state } = useConnect();
  const drawn = initial && initial.ownerId === owner.id ? initial : undefined;

  const query = useInfiniteQuery({
    queryKey: connectionKeys.list(owner.id, filters),
    queryFn: ({ pageParam, signal }) => fetchConnections(owner.id, filters, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    initialData: drawn && { pages: [drawn.list], pageParams: [null] },
    initialDataUpdatedAt: drawn?.at,
    refetchInterval: (current) => {
      const shown = current.state.data?.pages.flatMap((page) => page.connections) ?? [];
      return liveInterval(shown, Date.now()) || (isBusy(state) && whileAttempt);
    },
    refetchIntervalInBackground: true,
  });

  const { hasNextPage, isFetchingNextPage, isError, fetchNextPage } = query;
  useEffect(() => {
    if (all && hasNextPage && !isFetchingNextPage && !isError) void fetchNextPage();
  }, [all, hasNextPage, isFetchingNextPage, isError, fetchNextPage]);

  const connections = query.data?.pages.flatMap((page) => page.connections) ?? [];
  return { ...query, connections, totalCount: query.data?.pages[0]?.total_count ?? 0, ownerId: owner.id };
}

/** How many connections there are in all, for the navigation. */
export function useConnectionCount(initial: { ownerId: string; at: number; count: number }): number | null {
  const owner = useOwner();
  const drawn = initial.ownerId === owner.id ? initial : undefined;
  const query = useQuery({
    queryKey: connectionKeys.count(owner.id),
    queryFn: async ({ signal }) => (await fetchConnections(owner.id, { limit: 1 }, null, signal)).total_count,
    initialData: drawn?.count,
    initialDataUpdatedAt: drawn?.at,
  });
  return query.data ?? null;
}
