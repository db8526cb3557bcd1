import "server-only";
import { readerOf, type Tenant } from "@/lib/auth/tenant";
import { ask, systemDb } from "@/lib/db/system";

/** Something that a provider pushed about a connection. */
export type TriggerEventRow = {
  id: string;
  connectionId: string;
  connector: string;
  /** ISO 8601. */
  receivedAt: string;
  /** Of the whole body, in bytes. */
  size: number;
  /** As it arrived; null when it is larger than was asked for. */
  body: Uint8Array | null;
};

/**
 * What providers pushed about connections that the tenant may see, newest first.
 * @param filter.connectionId one that the tenant may see; any other gives nothing
 * @param filter.since ISO 8601
 * @param filter.before `nextCursor` of the page before: the id of its last line
 */
export async function listTriggerEvents(
  tenant: Tenant,
  filter: {
    connectionId?: string | undefined;
    since?: string | undefined;
    before?: string | undefined;
    limit: number;
    maxBytes: number;
  },
): Promise<{ events: TriggerEventRow[]; nextCursor: string | null }> {
  const { connectionId = null, since = null, before = null, limit, maxBytes } = filter;
  // One more than asked for tells whether there is a next page.
  const found = await ask(systemDb("deliveries")`
    select id::text as id, connection_id, connector, received_at, size, body
    from patchbay.list_trigger_events(${tenant.ownerId}, ${readerOf(tenant)}, ${connectionId}, ${since}, ${before},
      ${limit + 1}, ${maxBytes})`);
  const events = found.slice(0, limit).map((row) => ({
    id: row.id,
    connectionId: row.connection_id,
    connector: row.connector,
    receivedAt: row.received_at,
    size: row.size,
    body: row.body,
  }));
  return { events, nextCursor: found.length > limit ? (events.at(-1)?.id ?? null) : null };
}
