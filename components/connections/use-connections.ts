"use client";

import { type InfiniteData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useConnect } from "@/components/connectors/connect-provider";
import { isBusy } from "@/components/connectors/connect-state";
import { useOwner } from "@/components/shell/owner";
import type { ConnectionList, ConnectionView } from "@/lib/api/views";
import { connectionKeys } from "./connection-keys";
import { type ConnectionFilters, fetchConnections } from "./connections-api";

/** What the server drew the page with: of which owner, and when. */
export type InitialConnections = { ownerId: string; at: number; list: ConnectionList };
export type ConnectionPages = InfiniteData<ConnectionList, string | null>;

const whileAttempt = 3_000;
const whileNameless = 1_500;
/** How long after connecting a missing account name is waited for; then the account keeps its number. */
const namelessFor = 20_000;

function isNameless(connection: ConnectionView): boolean {
  if (connection.account_name !== null || connection.connected_at === null) return false;
  return connection.status === "connected" && Date.now() - Date.parse(connection.connected_at) < namelessFor;
}

export type UseConnectionsOptions = {
  filters?: ConnectionFilters;
  initial?: InitialConnections;
  /** Fetch page after page until all are here; for pages that count. */
  all?: boolean;
};

/**
 * The connections that the person may see, kept live: fetched again on focus, every few seconds while an attempt is open,
 * and after a connection was made until its account has a name. Cached per owner.
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
      if (current.state.data?.pages.some((page) => page.connections.some(isNameless))) return whileNameless;
      return isBusy(state) ? whileAttempt : false;
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
