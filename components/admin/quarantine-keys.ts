import { connectionKeys } from "@/components/connections/connection-keys";

/** What is cached of the quarantine. Under the connections' prefix: adopting changes both, and is one invalidation. */
export const quarantineKeys = {
  list: (ownerId: string) => [...connectionKeys.all(ownerId), "quarantine", "list"] as const,
  count: (ownerId: string) => [...connectionKeys.all(ownerId), "quarantine", "count"] as const,
};
