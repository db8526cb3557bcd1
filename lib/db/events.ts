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

/**
 * History of a connection that the tenant may see, newest first; empty for any other.
 * @param page.limit 1 to 200; 50 if left out
 * @param page.cursor `nextCursor` of the page before: the id of its last event
 */
export async function listConnectionEvents(
  tenant: Tenant,
  connectionId: string,
  page: { limit?: number | undefined; cursor?: string | undefined } = {},
  door?: Door,
): Promise<{ events: EventRow[]; nextCursor: string | null }> {
  if (!isUuid(connectionId)) return { events: [], nextCursor: null };
  const limit = Math.min(Math.max(page.limit ?? 50, 1), 200);
  const asked = {
    p_connection: connectionId,
    p_before_id: page.cursor === undefined ? undefined : Number(page.cursor),
    // One more than asked for tells whether there is a next page.
    p_limit: limit + 1,
  };
  const found = await read(tenant, "list_connection_events", asked, { door });
  const events = found.slice(0, limit).map((row) => ({
    id: Number(row.id),
    connectionId,
    type: row.type as EventType,
    reasonCode: row.reason_code as EventReason | null,
    actor: { kind: row.actor_kind as ActorKind, id: row.actor_id, name: row.actor_name },
    data: (row.data ?? {}) as Record<string, unknown>,
    createdAt: toIso(row.created_at),
  }));
  return { events, nextCursor: found.length > limit ? String(events.at(-1)?.id) : null };
}
