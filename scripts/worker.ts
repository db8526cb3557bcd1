/**
 * The worker: takes jobs as they come (remote deletes, deliveries, account names) until it is told to stop. Run it next
 * to the app, with the same settings: `npm run worker`. Any number may run at once.
 */

import { constants, setPriority } from "node:os";
import type { Runner } from "graphile-worker";
import { closeSystemDb } from "@/lib/db/system";
import { isLostConnection, startWorker } from "@/lib/jobs/worker";
import { log } from "@/lib/log";
import { checkAtStart } from "@/lib/start-checks";

const RETRY_AFTER = 2_000;
/** How long a database that is still starting is waited for, in milliseconds. */
const PATIENCE = 60_000;

checkAtStart();
// Jobs can wait; people cannot. On one machine with the app, the app comes first.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

/** @param patience how long a database that cannot be reached is waited for, in milliseconds */
async function startPatiently(patience: number): Promise<Runner> {
  const giveUpAt = Date.now() + patience;
  for (;;) {
    try {
      return await startWorker();
    } catch (error) {
      if (stopping || Date.now() >= giveUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER));
    }
  }
}

let stopping = false;
let runner = await startPatiently(PATIENCE).catch((error: unknown) => {
  process.stderr.write(
    `The worker cannot reach the database: ${error instanceof Error ? error.name : "unknown error"}.\n`,
  );
  process.exit(1);
});
process.stdout.write("worker ready\n");

async function stop() {
  if (stopping) return;
  stopping = true;
  // Running jobs are finished; what is left over is taken by the next worker.
  await Promise.race([runner.stop().catch(() => {}), new Promise((resolve) => setTimeout(resolve, 8_000))]);
  await closeSystemDb();
  process.exit(0);
}
// A lost connection must not end the worker; anything else that nobody handles does.
process.on("unhandledRejection", (error) => {
  if (!isLostConnection(error)) throw error;
  log().warn({ err: error }, "a job could not be ticked off");
});
process.on("SIGTERM", stop);
process.on("SIGINT", stop);

while (!stopping) {
  await runner.promise.catch((error: unknown) => log().warn({ err: error }, "the worker starts again"));
  if (!stopping) runner = await startPatiently(Number.POSITIVE_INFINITY);
}
