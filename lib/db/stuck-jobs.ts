import "server-only";
import { ask, systemDb, toIso } from "@/lib/db/system";
import { scrub } from "@/lib/log";

/** A job that keeps failing: something that a person should see to. */
export type StuckJob = {
  id: string;
  task: string;
  /** What it is about, if it is about one of these. */
  connectionId: string | null;
  deliveryId: string | null;
  attempts: number;
  /** It has had its last try, and waits for somebody to ask for another. */
  gaveUp: boolean;
  /** The first line of it, without secrets. */
  lastError: string | null;
  /** When it is tried next; null when it gave up. */
  nextRunAt: string | null;
};

/** Ten tries are nearly half a day of them. */
const MANY_ATTEMPTS = 10;

/** Jobs with ten failed tries or more, and those that gave up, the most tried first. @param limit 100 if left out */
export async function listStuckJobs(limit = 100): Promise<StuckJob[]> {
  const found = await ask(systemDb("jobs")`select * from patchbay.stuck_jobs(${MANY_ATTEMPTS}, ${limit})`);
  return found.map((row) => ({
    id: String(row.id),
    task: row.task,
    connectionId: row.connection_id,
    deliveryId: row.delivery_id,
    attempts: row.attempts,
    gaveUp: row.attempts >= row.max_attempts,
    lastError: row.last_error === null ? null : shortened(row.last_error),
    nextRunAt: row.attempts >= row.max_attempts ? null : toIso(row.run_at),
  }));
}

function shortened(error: string): string {
  return scrub(error.slice(0, 2_000)).split("\n", 1)[0]?.slice(0, 200) ?? "";
}

/** Makes a job due now. @returns false when there is no such job, or it is under way */
export async function retryJob(id: string): Promise<boolean> {
  if (!/^\d{1,18}$/.test(id)) return false;
  const [row] = await ask(systemDb("jobs")`select patchbay.retry_job(${id}) as done`);
  return row?.done === true;
}
