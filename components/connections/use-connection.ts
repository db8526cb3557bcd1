"use client";

import { useQuery } from "@tanstack/react-query";
import { useOwner } from "@/components/shell/owner";
import type { ConnectionView } from "@/lib/api/views";
import { connectionKeys } from "./connection-keys";
import { fetchConnection } from "./connections-api";
import { liveInterval } from "./live-interval";

/** What the server drew a connection's page with: of which owner, and when. */
export type InitialConnection = { ownerId: string; at: number; connection: ConnectionView };

/** One connection, kept live: fetched again on focus, and every few seconds while something is under way. */
export function useConnection(initial: InitialConnection) {
  const owner = useOwner();
  const { id } = initial.connection;
  const drawn = initial.ownerId === owner.id ? initial : undefined;
  return useQuery({
    queryKey: connectionKeys.one(owner.id, id),
    queryFn: ({ signal }) => fetchConnection(id, owner.id, signal),
    initialData: drawn?.connection,
    initialDataUpdatedAt: drawn?.at,
    enabled: drawn !== undefined,
    refetchInterval: ({ state }) => (state.data ? liveInterval([state.data], Date.now()) : false),
    refetchIntervalInBackground: true,
  });
}
