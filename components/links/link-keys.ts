import { connectionKeys } from "@/components/connections/connection-keys";

/** What is cached of connect links. Under the connections' prefix: a link that is used becomes a connection. */
export const linkKeys = {
  list: (ownerId: string) => [...connectionKeys.all(ownerId), "links"] as const,
};
