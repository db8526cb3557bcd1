import { connectionKeys } from "@/components/connections/connection-keys";

/**
 * What is cached of the notices. Under the connections' prefix, because whatever changes a connection can change what
 * there is to tell: one invalidation asks for both again.
 */
export const noticeKeys = {
  list: (ownerId: string) => [...connectionKeys.all(ownerId), "notices"] as const,
};
