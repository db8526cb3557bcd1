"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { useOwner } from "@/components/shell/owner";
import { connectionKeys } from "./connection-keys";
import { fetchEvents } from "./connections-api";

/** The history of a connection, newest first, page by page. */
export function useEvents(connectionId: string) {
  const owner = useOwner();
  const query = useInfiniteQuery({
    queryKey: connectionKeys.events(owner.id, connectionId),
    queryFn: ({ pageParam, signal }) => fetchEvents(connectionId, owner.id, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
  return { ...query, events: query.data?.pages.flatMap((page) => page.events) ?? [] };
}
