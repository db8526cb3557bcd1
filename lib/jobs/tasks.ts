import "server-only";
import type { JobHelpers, TaskList } from "graphile-worker";
import { z } from "zod";
import { eraseSessionToken, expireAttempts, sessionToken } from "@/lib/db/attempts";
import { identifyConnection } from "@/lib/jobs/identify";
import { deleteRemotely } from "@/lib/jobs/remote-delete";
import { deleteSession } from "@/lib/nango/sessions";
import { applyStoredDelivery } from "@/lib/webhooks/apply";

const delivery = z.object({ delivery_id: z.string() });
const connection = z.object({ connection_id: z.uuid() });
const attempt = z.object({ attempt_id: z.uuid() });

async function endSession(attemptId: string): Promise<void> {
  const token = await sessionToken(attemptId);
  if (token === null) return;
  await deleteSession(token);
  await eraseSessionToken(attemptId);
}

/**
 * Gives back the jobs of workers that died. graphile-worker itself waits four hours; ours take seconds, since every
 * call has a timeout, so a minute says that nobody is at work. A job taken back too early runs twice, which is safe.
 */
async function unlockAbandonedJobs(query: JobHelpers["query"]): Promise<void> {
  await query(`
    select graphile_worker.force_unlock_workers(array_agg(distinct locked_by))
    from graphile_worker.jobs where locked_at < now() - interval '1 minute' having count(*) > 0`);
}

/**
 * Every job, by the name under which SQL enqueues it. A job that throws is tried again, later each time; every one of
 * them may run twice.
 */
export const tasks: TaskList = {
  apply_delivery: (payload) => applyStoredDelivery(delivery.parse(payload).delivery_id),
  identify_connection: (payload) => identifyConnection(connection.parse(payload).connection_id),
  remote_delete: (payload) => deleteRemotely(connection.parse(payload).connection_id),
  delete_session: (payload) => endSession(attempt.parse(payload).attempt_id),
  /** Every minute, and before a single run. */
  tidy_up: async (_, { query }) => {
    await unlockAbandonedJobs(query);
    await expireAttempts();
  },
};
