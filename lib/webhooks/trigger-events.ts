import "server-only";
import { z } from "zod";
import type { triggerEventListSchema } from "@/lib/api/connector-views";
import type { Tenant } from "@/lib/auth/tenant";
import { getConnection } from "@/lib/db/connections";
import { listTriggerEvents, type TriggerEventRow } from "@/lib/db/trigger-events";
import { AppError } from "@/lib/errors";

/**
 * What providers pushed about somebody's connections.
 *
 * Threat: one owner reads what a provider pushed about another's account; a page of large bodies fills the memory; a body
 * that a stranger wrote is taken for the provider's word.
 * Invariant: the connection that Nango names decides, under the same predicate as every other reading; what is large is
 * left out in the database. Nothing here is believed, and the API's description says so. Guarded by
 * tests/integration/trigger-events.test.ts.
 */

/** Largest delivery that is given out, in bytes. A page holds a hundred. */
const MAX_BYTES = 64 * 1024;

const forwarded = z.object({ payload: z.json() });

/** Nango's own wrapper stays here: it holds the connection's id there. */
function payloadOf(body: Uint8Array) {
  try {
    return forwarded.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body))).payload;
  } catch {
    return null;
  }
}

const view = (row: TriggerEventRow): z.input<typeof triggerEventListSchema>["events"][number] => ({
  id: row.id,
  connection_id: row.connectionId,
  connector: row.connector,
  received_at: row.receivedAt,
  size: row.size,
  payload: row.body && payloadOf(row.body),
  truncated: row.body === null,
});

/** @throws AppError not_found for a connection that the tenant may not see */
export async function triggerEvents(
  tenant: Tenant,
  filter: {
    connection_id?: string | undefined;
    since?: string | undefined;
    limit: number;
    cursor?: string | undefined;
  },
): Promise<z.input<typeof triggerEventListSchema>> {
  const { connection_id: connectionId, since, limit, cursor: before } = filter;
  if (connectionId !== undefined && !(await getConnection(tenant, connectionId))) throw new AppError("not_found");
  const page = await listTriggerEvents(tenant, { connectionId, since, before, limit, maxBytes: MAX_BYTES });
  return { events: page.events.map(view), next_cursor: page.nextCursor };
}
