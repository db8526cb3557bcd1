import "server-only";
import type { TaskList } from "graphile-worker";
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
 * Every job, by the name under which SQL enqueues it. A job that throws is tried again, later each time; every one of
 * them may run twice.
 */
export const tasks: TaskList = {
  apply_delivery: (payload) => applyStoredDelivery(delivery.parse(payload).delivery_id),
  identify_connection: (payload) => identifyConnection(connection.parse(payload).connection_id),
  remote_delete: (payload) => deleteRemotely(connection.parse(payload).connection_id),
  delete_session: (payload) => endSession(attempt.parse(payload).attempt_id),
  expire_attempts: async () => {
    await expireAttempts();
  },
};
