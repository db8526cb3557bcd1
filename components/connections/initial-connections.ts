import "server-only";
import { connectionListSchema } from "@/lib/api/views";
import type { Tenant } from "@/lib/auth/tenant";
import { connectionView } from "@/lib/connect/views";
import { listConnections } from "@/lib/db/connections";
import type { ConnectionFilters } from "./connections-api";
import type { InitialConnections } from "./use-connections";

/** The first page of connections for a page to be drawn with, in the shape that the API gives later. */
export async function initialConnections(tenant: Tenant, filters: ConnectionFilters): Promise<InitialConnections> {
  const at = Date.now();
  const page = await listConnections(tenant, filters);
  const list = connectionListSchema.parse({
    connections: page.connections.map(connectionView),
    total_count: page.totalCount,
    next_cursor: page.nextCursor,
  });
  return { ownerId: tenant.ownerId, at, list };
}
