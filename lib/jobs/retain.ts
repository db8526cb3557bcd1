import "server-only";
import { type Forgettable, forget, forgettable, type Place } from "@/lib/db/upkeep";
import { env } from "@/lib/env";
import { log } from "@/lib/log";

const BATCH = 1_000;
/** Milliseconds. A job that runs longer than a minute is taken for dead; the rest is another job's. */
const AT_MOST = 20_000;
/** A link is a record of who asked whom, and use is compared with the year before: for more than a year. */
const YEAR_DAYS = 400;

/**
 * Deletes what is older than its retention: raw deliveries, history, attempts that ended, resolved quarantine, seen
 * notices, connect links, counters of use, and what limits and repeated requests need for a day at most. In small
 * batches, so that nobody waits for a lock. Connections are never among it.
 *
 * @param batch rows per transaction
 * @param atMost milliseconds after which no further batch is begun
 * @returns whether time ran out with more left to delete
 * @throws AppError database_unavailable; what was deleted until then stays deleted
 */
export async function retain(batch = BATCH, atMost = AT_MOST): Promise<{ more: boolean }> {
  const { deliveriesDays, eventsDays } = env().retention;
  const end = performance.now() + atMost;
  const daysOf = (what: Forgettable) =>
    what === "events" ? eventsDays : what === "links" || what === "usage" ? YEAR_DAYS : deliveriesDays;
  const deleted: Partial<Record<Forgettable, number>> = {};
  let more = false;
  for (const what of forgettable) {
    let place: Place | null | undefined;
    while (place !== null && !more) {
      const result = await forget(what, daysOf(what), batch, place);
      deleted[what] = (deleted[what] ?? 0) + result.deleted;
      place = result.next;
      more = place !== null && performance.now() >= end;
    }
  }
  log().info({ ...deleted, more }, "what is past its retention was deleted");
  return { more };
}
