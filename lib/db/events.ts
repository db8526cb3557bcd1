import "server-only";
import type { Tenant } from "@/lib/auth/tenant";
import { isUuid } from "@/lib/db/connections";
import { type Door, read } from "@/lib/db/reading";
import { toIso } from "@/lib/db/system";
import type { ActorKind, EventReason, EventType } from "@/lib/db/vocabulary";

/** One line of a connection's history. */
export type EventRow = {
  id: number;
  connectionId: string;
  type: EventType;
  reasonCode: EventReason | null;
  actor: { kind: ActorKind; id: string | null; name: string | null };
  data: Record<string, unknown>;
  createdAt: string;
};

/** History of a connection that the tenant may see, newest first; empty for any other. @param before id of the last event of the page before */
export async function listConnectionEvents(
  tenant: Tenant,
  connectionId: string,
  page: { limit?: number; before?: number } = {},
  door: Door = "token",
): Promise<EventRow[]> {
  if (!isUuid(connectionId)) return [];
  const found = await read(tenant, door, "list_connection_events", {
    p_connection: connectionId,
    p_before_id: page.before,
    p_limit: Math.min(Math.max(page.limit ?? 50, 1), 200),
  });
  return found.map((row) => ({
    id: Number(row.id),
    connectionId,
    type: row.type as EventType,
    reasonCode: row.reason_code as EventReason | null,
    actor: { kind: row.actor_kind as ActorKind, id: row.actor_id, name: row.actor_name },
    data: (row.data ?? {}) as Record<string, unknown>,
    createdAt: toIso(row.created_at),
  }));
}
