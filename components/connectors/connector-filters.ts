import type { ConnectionFilters } from "@/components/connections/connections-api";

/** The accounts of one connector: the same question from the header, the list and the server. */
export function connectorFilters(slug: string): ConnectionFilters {
  return { connector: slug, limit: 50 };
}
