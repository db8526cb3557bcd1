import "server-only";
import type { JobHelpers, TaskList } from "graphile-worker";
import { z } from "zod";
import { eraseSessionToken, expireAttempts, sessionToken } from "@/lib/db/attempts";
import { writeNotices } from "@/lib/db/notices";
import { deleteQuarantinedRemotely } from "@/lib/jobs/delete-quarantined";
import { lookAt } from "@/lib/jobs/look";
import { probeDue } from "@/lib/jobs/probe";
import { deleteRemotely } from "@/lib/jobs/remote-delete";
import { retagConnection } from "@/lib/jobs/retag";
import { retain } from "@/lib/jobs/retain";
import { sweepForAWhile } from "@/lib/jobs/sweep";
import { warnOfEnds } from "@/lib/jobs/warn-expiring";
import { deleteSession } from "@/lib/nango/sessions";
import { applyClerkDelivery } from "@/lib/people/apply";
import { endAgain, seeOff } from "@/lib/people/leaving";
import { applyStoredDelivery } from "@/lib/webhooks/apply";

const delivery = z.object({ delivery_id: z.string() });
const connection = z.object({ connection_id: z.uuid() });
const attempt = z.object({ attempt_id: z.uuid() });
const quarantined = z.object({ quarantine_id: z.uuid() });
const event = z.object({ event_id: z.string() });
const clerkDelivery = z.object({ svix_id: z.string() });
const owner = z.object({ owner_id: z.string() });
const leaver = z.object({ owner_id: z.string().nullable(), user_id: z.string() });

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
 * A job that is replaced while somebody is at it loses its key and its last tries to the new one. Its worker deletes it
 * when it is done; one that was killed cannot, and it would stay for ever.
 */
async function deleteReplacedJobs(query: JobHelpers["query"]): Promise<void> {
  await query(
    `
    delete from graphile_worker._private_jobs j using graphile_worker._private_tasks t
    where t.id = j.task_id and t.identifier = any ($1) and j.key is null and j.attempts >= j.max_attempts
      and j.locked_at is null`,
    [keyed],
  );
}

/** Jobs that always have a key when they are enqueued. */
const keyed = ["identify_connection", "remote_delete", "delete_quarantined", "retag", "see_off", "end_organization"];

/**
 * Every job, by the name under which SQL enqueues it. A job that throws is tried again, later each time; every one of
 * them may run twice.
 */
export const tasks: TaskList = {
  apply_delivery: (payload) => applyStoredDelivery(delivery.parse(payload).delivery_id),
  identify_connection: (payload) => lookAt(connection.parse(payload).connection_id),
  remote_delete: (payload) => deleteRemotely(connection.parse(payload).connection_id),
  notify: async (payload) => {
    await writeNotices(event.parse(payload).event_id);
  },
  delete_session: (payload) => endSession(attempt.parse(payload).attempt_id),
  retag: (payload) => retagConnection(connection.parse(payload).connection_id),
  apply_clerk_delivery: (payload) => applyClerkDelivery(clerkDelivery.parse(payload).svix_id),
  see_off: (payload) => {
    const { owner_id, user_id } = leaver.parse(payload);
    return seeOff(owner_id, user_id);
  },
  end_organization: (payload) => endAgain(owner.parse(payload).owner_id),
  delete_quarantined: (payload) => deleteQuarantinedRemotely(quarantined.parse(payload).quarantine_id),
  /** Every hour, in slices. */
  reconcile: (_, { addJob }) => sweepForAWhile(addJob),
  /** Every minute. */
  probe: () => probeDue(),
  /** Every hour, and at start. */
  warn_expiring: async () => void (await warnOfEnds()),
  /** Every day; what takes too long for one job is left to the next. */
  retain: async (_, { addJob }) => {
    if ((await retain()).more) await addJob("retain", {}, { jobKey: "retain", maxAttempts: 3 });
  },
  /** Every minute, and before a single run. */
  tidy_up: async (_, { query }) => {
    await unlockAbandonedJobs(query);
    await deleteReplacedJobs(query);
    await expireAttempts();
  },
};
