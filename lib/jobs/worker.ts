import "server-only";
import { Logger, parseCronItems, type Runner, run, runOnce } from "graphile-worker";
import { expireAttempts } from "@/lib/db/attempts";
import { env } from "@/lib/env";
import { tasks } from "@/lib/jobs/tasks";
import { log, scrub } from "@/lib/log";

const logger = new Logger((scope) => (level, message, meta) => {
  const { error } = meta ?? {};
  const line = { task: scope.taskIdentifier, job_id: scope.jobId, ...(error !== undefined && { err: error }) };
  const text = scrub(message);
  if (level === "error") log().error(line, text);
  else if (level === "warning") log().warn(line, text);
  else log().debug(line, text);
});

function options(concurrency: number) {
  return {
    connectionString: env().supabase.databaseUrl,
    taskList: tasks,
    logger,
    // One connection stays with the listener for new jobs.
    maxPoolSize: concurrency + 2,
    noHandleSignals: true,
    pollInterval: 1_000,
  };
}

/**
 * Starts a worker that takes jobs as they come, until it is stopped.
 * @param concurrency jobs at a time
 * @throws when the database cannot be reached
 */
export function startWorker(concurrency = 5): Promise<Runner> {
  return run({
    ...options(concurrency),
    concurrency,
    parsedCronItems: parseCronItems([{ task: "expire_attempts", match: "* * * * *", identifier: "expire_attempts" }]),
  });
}

/**
 * Runs the jobs that are due and returns: for platforms without long-running processes.
 * @throws when the database cannot be reached
 */
export async function runDueJobs(): Promise<void> {
  await expireAttempts();
  await runOnce(options(1));
}
