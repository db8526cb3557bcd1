/**
 * The worker: takes jobs as they come (remote deletes, deliveries, account names) until it is told to stop. Run it next
 * to the app, with the same settings: `npm run worker`. Any number may run at once.
 */

import { constants, setPriority } from "node:os";
import { closeSystemDb } from "@/lib/db/system";
import { startWorker } from "@/lib/jobs/worker";
import { checkAtStart } from "@/lib/start-checks";

const RETRY_AFTER = 2_000;
/** How long a database that is still starting is waited for, in milliseconds. */
const PATIENCE = 60_000;

checkAtStart();
// Jobs can wait; people cannot. On one machine with the app, the app comes first.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

async function startPatiently() {
  const giveUpAt = Date.now() + PATIENCE;
  for (;;) {
    try {
      return await startWorker();
    } catch (error) {
      if (Date.now() >= giveUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER));
    }
  }
}

const runner = await startPatiently().catch((error: unknown) => {
  process.stderr.write(
    `The worker cannot reach the database: ${error instanceof Error ? error.name : "unknown error"}.\n`,
  );
  process.exit(1);
});
process.stdout.write("worker ready\n");

let stopping = false;
async function stop() {
  if (stopping) return;
  stopping = true;
  // Running jobs are finished; what is left over is taken by the next worker.
  await Promise.race([runner.stop(), new Promise((resolve) => setTimeout(resolve, 8_000))]);
  await closeSystemDb();
  process.exit(0);
}
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
await runner.promise;
