import "server-only";
import { connectionListSchema, connectionViewSchema } from "@/lib/api/views";
import type { Tenant } from "@/lib/auth/tenant";
import { connectionView } from "@/lib/connect/views";
import { countOthersOnlyMe, getConnection, listConnections } from "@/lib/db/connections";
import type { ConnectionFilters } from "./connections-api";
import type { InitialConnection } from "./use-connection";
import type { InitialConnections } from "./use-connections";

/** The first page of connections for a page to be drawn with, in the shape that the API gives later. */
export async function initialConnections(tenant: Tenant, filters: ConnectionFilters): Promise<InitialConnections> {
  const at = Date.now();
  const [page, othersOnlyMe] = await Promise.all([listConnections(tenant, filters), countOthersOnlyMe(tenant)]);
  const list = connectionListSchema.parse({
    connections: page.connections.map(connectionView),
    total_count: page.totalCount,
    others_only_me_count: othersOnlyMe,
    next_cursor: page.nextCursor,
  });
  return { ownerId: tenant.ownerId, at, list };
}

/** One connection for its page to be drawn with; null when it does not exist or the tenant may not see it. */
export async function initialConnection(tenant: Tenant, id: string): Promise<InitialConnection | null> {
  const at = Date.now();
  const row = await getConnection(tenant, id);
  return row && { ownerId: tenant.ownerId, at, connection: connectionViewSchema.parse(connectionView(row)) };
}
