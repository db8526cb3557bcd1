import "server-only";
import { type Applied, factsToJson, type NangoConnectionFacts, toApplied } from "@/lib/db/facts";
import { ask, systemDb } from "@/lib/db/system";
import type { Verdict } from "@/lib/db/vocabulary";

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

/** A delivery that still needs a verdict; null when it is unknown or final. */
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
 *   written, and the job comes again
 * @returns null when the delivery is final already
 */
export async function applyDelivery(
  id: string,
  about: { integrationKey: string; connectionId: string },
  read: () => Promise<NangoConnectionFacts | null>,
): Promise<Applied | null> {
  return ask(
    systemDb("jobs").begin(async (sql) => {
      await sql`select patchbay.lock_nango_connection(${about.integrationKey}, ${about.connectionId})`;
      const facts = await read();
      const [row] = await sql`
        select patchbay.apply_delivery(${id}, ${facts ? sql.json(factsToJson(facts)) : null}) as result`;
      return row?.result ? toApplied(row.result) : null;
    }) as Promise<Applied | null>,
  );
}

/** Ends a delivery that is about no connection. @param reason snake_case code. @returns false when it was final already */
export async function finishDelivery(id: string, verdict: Verdict, reason: string | null): Promise<boolean> {
  const [row] = await ask(systemDb("deliveries")`
    select patchbay.finish_delivery(${id}, ${verdict}, ${reason}) as done`);
  return row?.done === true;
}
