import "server-only";
import { ask, systemDb } from "@/lib/db/system";

/**
 * Takes connections that are due for a probe and enqueues a look at each, in one transaction. A second call at the same
 * time takes none.
 *
 * @param budget.limit at most so many
 * @param budget.perOwnerPerHour no more than that of one owner within an hour; the rest is postponed
 * @param budget.everyHours the period; the next probe of each comes 0.75 to 1.25 of it later
 * @param budget.callsPerMinute what all background work together may ask of Nango
 * @returns how many were claimed, and how many postponed
 */
export async function claimProbes(budget: {
  limit: number;
  perOwnerPerHour: number;
  everyHours: number;
  callsPerMinute: number;
}): Promise<{ claimed: number; postponed: number }> {
  const { limit, perOwnerPerHour, everyHours, callsPerMinute } = budget;
  const [row] = await ask(systemDb("jobs")`
    select claimed, postponed
    from patchbay.claim_probes(${limit}, ${perOwnerPerHour}, ${everyHours}, ${callsPerMinute})`);
  return { claimed: row?.claimed ?? 0, postponed: row?.postponed ?? 0 };
}

/** The same for direct connections, which ask nothing of Nango. */
export async function claimDirectProbes(budget: {
  limit: number;
  perOwnerPerHour: number;
  everyHours: number;
}): Promise<{ claimed: number; postponed: number }> {
  const { limit, perOwnerPerHour, everyHours } = budget;
  const [row] = await ask(systemDb("jobs")`
    select claimed, postponed from patchbay.claim_direct_probes(${limit}, ${perOwnerPerHour}, ${everyHours})`);
  return { claimed: row?.claimed ?? 0, postponed: row?.postponed ?? 0 };
}

/**
 * Warns of sign-ins that end within 14, 3 or 1 days: an event and a notice, once per step.
 * @returns how many were warned of; fewer than `limit` means that none is left
 */
export async function warnExpiring(limit: number): Promise<number> {
  const [row] = await ask(systemDb("jobs")`select patchbay.warn_expiring(${limit}) as warned`);
  return row?.warned ?? 0;
}

/** What retention deletes, in an order that lets each go: an attempt only after the quarantine that names it. */
export const forgettable = [
  "deliveries",
  "events",
  "notices",
  "quarantined",
  "attempts",
  "links",
  "clerk_deliveries",
  "states",
  "usage",
  "counts",
  "requests",
] as const;
export type Forgettable = (typeof forgettable)[number];

/** Where a batch begins. Only attempts need it: of them many are kept, and are not to be read again. */
export type Place = { at: string; id: string };
const beginning: Place = { at: "-infinity", id: "00000000-0000-0000-0000-000000000000" };

/**
 * Deletes a batch of what is older than so many days, in a transaction of its own.
 *
 * @param limit rows
 * @param from where the batch before said that this one begins
 * @returns how many were deleted, and where the next batch begins; null when none is left
 */
export async function forget(
  what: Forgettable,
  days: number,
  limit: number,
  from: Place = beginning,
): Promise<{ deleted: number; next: Place | null }> {
  const sql = systemDb("jobs");
  if (what === "attempts") {
    const [row] = await ask(sql`
      select seen, deleted, last_at::text as at, last_id as id
      from patchbay.forget_attempts(${days}, ${limit}, ${from.at}::text::timestamptz, ${from.id})`);
    return { deleted: row?.deleted ?? 0, next: row && row.seen >= limit ? { at: row.at, id: row.id } : null };
  }
  const [row] = await ask(sql`select ${sql(`patchbay.forget_${what}`)}(${days}, ${limit}) as deleted`);
  const deleted: number = row?.deleted ?? 0;
  return { deleted, next: deleted >= limit ? beginning : null };
}

/** Starts what the worker's clock starts otherwise: probes and warnings now, retention once a day. */
export async function enqueueUpkeep(): Promise<void> {
  await ask(systemDb("jobs")`select patchbay.enqueue_upkeep()`);
}
