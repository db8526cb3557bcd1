import "server-only";
import { type Applied, factsToJson, type NangoConnectionFacts, type StoredVerdict, toApplied } from "@/lib/db/facts";
import { whileLocked } from "@/lib/db/nango-lock";
import { ask, systemDb } from "@/lib/db/system";
import type { Verdict } from "@/lib/db/vocabulary";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";

/** A verified webhook request. What it says of itself is a hint and decides nothing but where to look. */
export type IncomingDelivery = {
  /** Hex SHA-256 of the raw bytes. */
  sha256: string;
  body: Uint8Array;
  type: string | null;
  operation: string | null;
  integrationKey: string | null;
  connectionId: string | null;
};

/** stored: new. known: here already and not final. duplicate: final within 120 s. requeued: final before that, looked into again. */
export type RecordedDelivery = { id: string; outcome: "stored" | "known" | "duplicate" | "requeued" };

/**
 * Stores a batch and enqueues its jobs in one transaction. When it resolves, every item may be answered with 200.
 *
 * @returns one result per item, in order
 */
export async function recordDeliveries(batch: readonly IncomingDelivery[]): Promise<RecordedDelivery[]> {
  if (!batch.length) return [];
  const sql = systemDb("deliveries");
  const found = await ask(sql<RecordedDelivery[]>`
    select id::text as id, outcome from patchbay.record_deliveries(
      ${batch.map((item) => item.sha256)}::text[],
      ${batch.map((item) => Buffer.from(item.body).toString("base64"))}::text[],
      ${batch.map((item) => clean(item.type))}::text[],
      ${batch.map((item) => clean(item.operation))}::text[],
      ${batch.map((item) => clean(item.integrationKey))}::text[],
      ${batch.map((item) => clean(item.connectionId))}::text[])`);
  return found.map(({ id, outcome }) => ({ id, outcome }));
}

/** Postgres text holds no NUL, and nothing real is longer: such a value names nothing. */
function clean(value: string | null): string | null {
  return value === null || value === "" || value.length > 255 || value.includes("\0") ? null : value;
}

export type OpenDelivery = Omit<IncomingDelivery, "sha256"> & { id: string };

/** A delivery that still needs a verdict; null when it is unknown or final. Counts as a run of its job. */
export async function openDelivery(id: string): Promise<OpenDelivery | null> {
  if (!/^\d{1,18}$/.test(id)) return null;
  const [row] = await ask(systemDb("deliveries")`
    select id::text as id, body, type, operation, integration_key, nango_connection_id from patchbay.open_delivery(${id})`);
  if (!row) return null;
  return {
    id: row.id,
    body: row.body,
    type: row.type,
    operation: row.operation,
    integrationKey: row.integration_key,
    connectionId: row.nango_connection_id,
  };
}

/**
 * Reads the connection at Nango while nobody else may work on it, and applies the answer: lock, read, change, event and
 * verdict in one transaction, so that an older answer cannot overtake a newer one.
 *
 * @param read asks Nango (bounded by its own timeout); null is Nango's 404. What it throws is thrown on, nothing is
 *   applied, and the job comes again; after the twentieth failure the delivery is parked instead (gave_up)
 * @returns null when the delivery is final already
 */
export async function applyDelivery(
  id: string,
  about: { integrationKey: string; connectionId: string },
  read: () => Promise<NangoConnectionFacts | null>,
): Promise<Applied | null> {
  try {
    return await whileLocked(about, async (query) => {
      const facts = await read();
      const [row] = await query<{ result: StoredVerdict | null }>("select patchbay.apply_delivery($1, $2) as result", [
        id,
        facts && factsToJson(facts),
      ]);
      return row?.result ? toApplied(row.result) : null;
    });
  } catch (error) {
    if (!(await deliveryFailed(id, error))) throw error;
    log().error({ err: error, delivery_id: id }, "a delivery was given up");
    return { verdict: "parked", reason: "gave_up", connectionId: null };
  }
}

/** Failed runs after which a delivery is parked: about three days, the later ones six hours apart. */
const PATIENCE = 20;

/** Notes a failed run. @returns true when it was the last one */
async function deliveryFailed(id: string, error: unknown): Promise<boolean> {
  try {
    const [row] = await systemDb(
      "jobs",
    )`select patchbay.delivery_failed(${id}, ${summary(error)}, ${PATIENCE}) as last`;
    return row?.last === true;
  } catch {
    // Without the database nothing can be noted; the job comes again.
    return false;
  }
}

/** Code and status: an upstream's words, a database's messages and bodies may hold anything. */
function summary(error: unknown): string {
  if (!(error instanceof AppError)) {
    const code = error instanceof Error && "code" in error ? ` ${String(error.code).slice(0, 40)}` : "";
    return `${error instanceof Error ? error.name : "unknown"}${code}`.replace(/[^\w ]/g, "_");
  }
  const status = error.cause instanceof Error ? /: (\d{3})\b/.exec(error.cause.message)?.[1] : undefined;
  return status ? `${error.code} (${status})` : error.code;
}

/** Ends a delivery that is about no connection. @param reason snake_case code. @returns false when it was final already */
export async function finishDelivery(id: string, verdict: Verdict, reason: string | null): Promise<boolean> {
  const [row] = await ask(systemDb("deliveries")`
    select patchbay.finish_delivery(${id}, ${verdict}, ${reason}) as done`);
  return row?.done === true;
}

/** Which final deliveries are to be looked into again: by their ids, or by what became of them. */
export type ReplayFilter = { ids: string[] } | { verdict?: Verdict; reason?: string };

/**
 * Opens final deliveries again, with a job each. Those that end again while this runs are not taken twice.
 * @returns how many
 */
export async function replayDeliveries(filter: ReplayFilter): Promise<number> {
  const sql = systemDb("deliveries");
  const ids = "ids" in filter ? filter.ids : null;
  const { verdict = null, reason = null } = "ids" in filter ? {} : filter;
  const [clock] = await ask(sql`select now() as now`);
  const batch = 1_000;
  let total = 0;
  for (;;) {
    const [row] = await ask(sql`
      select patchbay.replay_deliveries(${ids}::bigint[], ${verdict}, ${reason}, ${clock?.now}, ${batch}) as count`);
    total += row?.count ?? 0;
    if ((row?.count ?? 0) < batch) return total;
  }
}

/** How many deliveries of a type ended how. Null: no type of Nango's; not final yet. */
export type DeliveryCount = {
  type: string | null;
  verdict: Verdict | null;
  reason: string | null;
  count: number;
};

/** What arrived in the last days, and what became of it. */
export async function countDeliveries(days: number): Promise<DeliveryCount[]> {
  const found = await ask(systemDb("deliveries")`select * from patchbay.delivery_counts(${days})`);
  return found.map((row) => ({
    type: row.type,
    verdict: row.verdict,
    reason: row.reason_code,
    count: Number(row.count),
  }));
}
