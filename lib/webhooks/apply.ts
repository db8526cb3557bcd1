import "server-only";
import { factsOf } from "@/lib/connect/facts";
import { applyDelivery, finishDelivery, openDelivery } from "@/lib/db/deliveries";
import { log } from "@/lib/log";
import { readConnection } from "@/lib/nango/connections";
import { saysFailure } from "@/lib/webhooks/parse";

/**
 * Threat: a validly signed body can be written by a stranger (Nango forwards what providers send), a captured one
 * verifies for ever, and they arrive in any order.
 * Invariant: nothing of the body is believed. The connection it names is read at Nango, and that answer is applied.
 * Guarded by tests/integration/server-webhooks.test.ts.
 */

/** Types that say something about a connection. The others are kept and counted. */
const handled = new Set(["auth", "sync"]);
const known = new Set(["auth", "sync", "forward", "async_action"]);

/**
 * Looks into one stored delivery and ends it with a verdict. Doing it again after it ended changes nothing.
 * @throws AppError nango_*, database_unavailable: try again later
 */
export async function applyStoredDelivery(id: string): Promise<void> {
  const delivery = await openDelivery(id);
  if (!delivery) return;
  const { type, operation, integrationKey, connectionId } = delivery;
  if (type === null || !known.has(type)) {
    await finishDelivery(id, "parked", type === null ? "not_nangos_format" : "unknown_type");
    return;
  }
  if (!handled.has(type)) {
    await finishDelivery(id, "ignored", "not_about_connections");
    return;
  }
  if (integrationKey === null || connectionId === null) {
    await finishDelivery(id, "parked", "names_no_connection");
    return;
  }
  const text = new TextDecoder().decode(delivery.body);
  if (type === "sync" && saysFailure(text)) {
    await finishDelivery(id, "ignored", "sync_failed");
    return;
  }
  if (operation === "creation" && saysFailure(text)) {
    // A denied reconnect names the existing, still working connection: it says nothing about its state.
    await finishDelivery(id, "ignored", "attempt_failed");
    return;
  }
  const applied = await applyDelivery(id, { integrationKey, connectionId }, async () => {
    // An answer about another one is refused where it is applied, and the verdict tells of it.
    const connection = await readConnection(integrationKey, connectionId);
    return connection && factsOf(connection);
  });
  if (applied) log().debug({ delivery_id: id, ...applied }, "delivery applied");
}
