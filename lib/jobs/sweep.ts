import "server-only";
import type { JobHelpers } from "graphile-worker";
import { reconcile } from "@/lib/webhooks/reconcile";

/** Milliseconds of one job: a job that takes a minute counts as abandoned, and its last step may take some seconds. */
const SLICE = 30_000;
/** Nango is not asked every few seconds whether it is back. */
const PATIENCE = 30_000;

/**
 * A slice of the sweep; what is left goes on in a job of its own when the budget allows.
 * @throws AppError database_unavailable
 */
export async function sweepForAWhile(addJob: JobHelpers["addJob"]): Promise<void> {
  const { status, code, next } = await reconcile({ milliseconds: SLICE });
  if (status !== "paused") return;
  const earliest = Date.now() + (code?.startsWith("nango_") ? PATIENCE : 1_000);
  const runAt = new Date(Math.max(earliest, Date.parse(next ?? "") || 0));
  await addJob("reconcile", {}, { jobKey: "reconcile", runAt, maxAttempts: 3 });
}
