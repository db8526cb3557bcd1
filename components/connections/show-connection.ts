import type { QueryClient } from "@tanstack/react-query";
import type { ConnectionView } from "@/lib/api/views";
import { connectionKeys } from "./connection-keys";
import type { ConnectionPages } from "./use-connections";

const withConnection = (data: ConnectionPages, changed: ConnectionView): ConnectionPages => ({
  ...data,
  pages: data.pages.map((page) => ({
    ...page,
    connections: page.connections.map((connection) => (connection.id === changed.id ? changed : connection)),
  })),
});

/** Puts a connection as the server gave it in place of what is cached of it, so that the page shows it at once. */
export function showConnection(queries: QueryClient, ownerId: string, changed: ConnectionView): void {
  queries.setQueryData(connectionKeys.one(ownerId, changed.id), changed);
  for (const [key, data] of queries.getQueriesData<ConnectionPages>({ queryKey: connectionKeys.lists(ownerId) }))
    if (data) queries.setQueryData(key, withConnection(data, changed));
}
