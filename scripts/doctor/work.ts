import { countDeliveries } from "@/lib/db/deliveries";
import { lastSweep } from "@/lib/db/reconcile";
import { listStuckJobs, retryJob } from "@/lib/db/stuck-jobs";
import { closeSystemDb } from "@/lib/db/system";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { type Finding, fine, wrong } from "./finding";

const HOUR = 3_600_000;
/** The worker sweeps every hour; missing two of them is no accident. */
const LONGEST_WITHOUT_SWEEP = 3 * HOUR;

/**
 * What goes on behind the pages: jobs that keep failing, webhooks that were given up, and when all was last compared.
 * @param retry makes every job that keeps failing due now
 */
export async function checkWork(retry: boolean): Promise<Finding[]> {
  try {
    return [await checkJobs(retry), await checkDeliveries(), await checkSweep()];
  } catch (error) {
    // What is wrong with the database was said before.
    if (error instanceof AppError && error.code === "database_unavailable") return [];
    throw error;
  } finally {
    await closeSystemDb();
  }
}

async function checkJobs(retry: boolean): Promise<Finding> {
  const stuck = await listStuckJobs(1_000);
  const [first] = stuck;
  if (!first) return fine("Jobs: none keeps failing");
  if (retry) for (const { id } of stuck) await retryJob(id);
  return wrong(
    `Jobs: ${stuck.length} keep failing (${first.task}: ${first.lastError ?? "no reason given"}, ${first.attempts} tries)`,
    retry
      ? "all of them are tried again now; run the doctor once more in a minute"
      : "mend the cause; they are tried again by themselves, and at once by npm run doctor -- --retry-jobs",
  );
}

async function checkDeliveries(): Promise<Finding> {
  const counts = await countDeliveries(30);
  const gaveUp = counts.filter((each) => each.reason === "gave_up").reduce((sum, each) => sum + each.count, 0);
  const all = counts.reduce((sum, each) => sum + each.count, 0);
  return gaveUp
    ? wrong(
        `Webhooks: ${gaveUp} of the last 30 days' ${all} were given up`,
        "mend the cause, then run npm run deliveries:replay -- --reason gave_up",
      )
    : fine(`Webhooks: none of the last 30 days' ${all} was given up`);
}

async function checkSweep(): Promise<Finding> {
  if (!env().nango.enabled) return fine("Sweep: there is nothing to compare with without Nango");
  const last = await lastSweep();
  if (!last) return fine("Sweep: none has begun yet; the worker begins one every hour");
  if (last.status === "braked") {
    return wrong(
      "Sweep: stopped, because too many connections seem gone",
      "check that NANGO_SECRET_KEY is of the right environment; if they are gone indeed, run npm run reconcile -- --accept-gone",
    );
  }
  return Date.now() - Date.parse(last.startedAt) > LONGEST_WITHOUT_SWEEP
    ? wrong(
        `Sweep: the last began at ${last.startedAt}`,
        "run npm run worker beside the app, or have a scheduler call /api/cron/reconcile every hour",
      )
    : fine(`Sweep: the last began at ${last.startedAt} (${last.status})`);
}
