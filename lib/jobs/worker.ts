import "server-only";
import { EventEmitter } from "node:events";
import {
  Logger,
  parseCronItems,
  quickAddJob,
  type Runner,
  run,
  runOnce,
  type WorkerEvents,
  type WorkerPool,
} from "graphile-worker";
import { asAppError } from "@/lib/db/system";
import { queueUrl } from "@/lib/db/tls";
import { enqueueUpkeep } from "@/lib/db/upkeep";
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
    connectionString: queueUrl(env().supabase.databaseUrl, "patchbay-jobs"),
    taskList: tasks,
    logger,
    // One connection stays with the listener for new jobs.
    maxPoolSize: concurrency + 2,
    noHandleSignals: true,
    pollInterval: 1_000,
  };
}

/**
 * Starts a worker that takes jobs as they come, until it is stopped. Its promise is rejected when the database stays away:
 * whoever runs it starts another one.
 * @param concurrency jobs at a time
 * @throws when the database cannot be reached
 */
export async function startWorker(concurrency = 5): Promise<Runner> {
  // Whoever was at work before may have been killed: look now, not at the next full minute.
  await quickAddJob(options(concurrency), "tidy_up", {}, { jobKey: "tidy_up", maxAttempts: 3 });
  await enqueueUpkeep();
  return run({
    ...options(concurrency),
    concurrency,
    parsedCronItems: parseCronItems([
      { task: "tidy_up", match: "* * * * *", identifier: "tidy_up" },
      { task: "probe", match: "* * * * *", identifier: "probe", options: { jobKey: "probe", maxAttempts: 3 } },
      {
        task: "warn_expiring",
        match: "7 * * * *",
        identifier: "warn_expiring",
        options: { jobKey: "warn_expiring", maxAttempts: 3 },
      },
      {
        task: "reconcile",
        match: "41 * * * *",
        identifier: "reconcile",
        options: { jobKey: "reconcile", maxAttempts: 3 },
      },
      { task: "retain", match: "23 3 * * *", identifier: "retain", options: { jobKey: "retain", maxAttempts: 3 } },
    ]),
  });
}

/**
 * Whether a rejection that nobody handles is a connection that was lost under graphile-worker, which does not wait for the
 * calls that end a job. The job stays locked as if its worker had died, and is given back after a minute.
 */
export function isLostConnection(error: unknown): boolean {
  return (
    error instanceof Error &&
    (asAppError(error) !== error ||
      /^(Connection terminated|Client has encountered a connection error)/.test(error.message))
  );
}

/**
 * How long a single run takes new jobs, in milliseconds. Platforms that call it end a request after 60 s or less, and the
 * job under way still has to finish; the next call goes on.
 */
const LONGEST_RUN = 20_000;

/**
 * Runs the jobs that are due, until none is left or the time is over: for platforms without long-running processes.
 * @param longest milliseconds after which no other job is taken
 * @throws when the database cannot be reached
 */
export async function runDueJobs(longest = LONGEST_RUN): Promise<void> {
  const settings = options(1);
  await quickAddJob(settings, "tidy_up", {}, { jobKey: "tidy_up", maxAttempts: 3 });
  await enqueueUpkeep();
  const end = Date.now() + longest;
  let pool: WorkerPool | undefined;
  const events: WorkerEvents = new EventEmitter();
  events.once("pool:create", ({ workerPool }) => {
    pool = workerPool;
  });
  // Asked before each job.
  const forbiddenFlags = () => {
    if (Date.now() >= end) void pool?.gracefulShutdown("the time of this run is over");
    return [];
  };
  // Calls that end a job are only waited for where they are collected, and the run must not end before them.
  const preset = { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } };
  await runOnce({ ...settings, preset, events, forbiddenFlags });
}
