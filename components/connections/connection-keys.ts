import type { ConnectionFilters } from "./connections-api";

/** Keys of all that is cached about connections. The owner comes first: another organisation is another cache. */
export const connectionKeys = {
  all: (ownerId: string) => [ownerId, "connections"] as const,
  lists: (ownerId: string) => [ownerId, "connections", "list"] as const,
  list: (ownerId: string, filters: ConnectionFilters) => [ownerId, "connections", "list", filters] as const,
  one: (ownerId: string, id: string) => [ownerId, "connections", "one", id] as const,
  events: (ownerId: string, id: string) => [ownerId, "connections", "events", id] as const,
  count: (ownerId: string) => [ownerId, "connections", "count"] as const,
};
