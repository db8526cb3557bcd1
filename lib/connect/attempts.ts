import "server-only";
import type { CloseReason } from "@/lib/api/views";
import type { Tenant } from "@/lib/auth/tenant";
import { factsOf } from "@/lib/connect/facts";
import * as attempts from "@/lib/db/attempts";
import { type ConnectionRow, getConnection as connectionRow } from "@/lib/db/connections";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { findByAttempt, getConnection, type NangoConnection } from "@/lib/nango/connections";

/**
 * Threat: the browser says that a connection was made. It may name somebody else's.
 * Invariant: a connection is believed only after it was read at Nango and carries this attempt's tags; the id from the
 * browser merely saves a search. Guarded by tests/integration/server-connect.test.ts.
 */

type Attempt = attempts.AttemptRow;

/** Attempts that a completed session can still claim. */
const claimable = new Set<Attempt["status"]>(["open", "abandoned", "failed"]);

/** Whether Nango may know more of it. A direct one is settled by whoever comes back from the provider, and by nobody else. */
const isAskedAbout = (attempt: Attempt) => attempt.authMethod === "nango" && claimable.has(attempt.status);

async function ownAttempt(tenant: Tenant, id: string): Promise<Attempt> {
  const attempt = await attempts.getAttempt(tenant, id);
  if (!attempt) throw new AppError("not_found");
  return attempt;
}

/** The list leaves out expiry and scopes. They are worth a call, but not worth failing for. */
async function withDetails(found: NangoConnection): Promise<NangoConnection> {
  if (found.detailed) return found;
  const details = await getConnection(found.integrationKey, found.connectionId).catch((error: unknown) => {
    log().warn({ err: error }, "a connection's details could not be read");
    return null;
  });
  return details ?? found;
}

async function claim(attempt: Attempt, found: NangoConnection, source: "page" | "poll"): Promise<void> {
  const { verdict, reason } = await attempts.confirmAttempt(attempt.id, factsOf(await withDetails(found)), source);
  if (verdict === "refused") throw new AppError("connection_mismatch");
  if (verdict !== "applied") log().info({ attempt_id: attempt.id, verdict, reason }, "completion not taken");
}

/**
 * Where an attempt stands. Also looks at Nango by itself, at most every two seconds per attempt, so that it ends well
 * without the browser's word and without any webhook. Trouble at Nango is no error here: the page asks again.
 * @throws AppError not_found
 */
export async function readAttempt(tenant: Tenant, id: string): Promise<Attempt> {
  const attempt = await ownAttempt(tenant, id);
  if (!isAskedAbout(attempt) || !(await attempts.claimAttemptPoll(tenant, id))) return attempt;
  try {
    const [first] = await findByAttempt(attempt.integrationKey, attempt.id);
    if (!first) return attempt;
    await claim(attempt, first, "poll");
  } catch (error) {
    if (!(error instanceof AppError) || !error.code.startsWith("nango_")) throw error;
    log().warn({ err: error, attempt_id: id }, "Nango could not be asked about an attempt");
    return attempt;
  }
  return ownAttempt(tenant, id);
}

async function connectionOf(tenant: Tenant, attempt: Attempt): Promise<ConnectionRow | null> {
  return attempt.connectionId && attempt.status === "confirmed" ? connectionRow(tenant, attempt.connectionId) : null;
}

/** The connection that the browser names, if it is one of this attempt. Somebody else's and an unknown one are the same. */
async function hinted(attempt: Attempt, connectionId: string): Promise<NangoConnection | null> {
  const connection = await getConnection(attempt.integrationKey, connectionId);
  return connection?.tags.attempt_id === attempt.id ? connection : null;
}

/**
 * Confirms an attempt with what Nango says now. Confirming twice, or after a webhook did, changes nothing.
 * @param connectionId what the browser heard from the frame; only a hint
 * @returns the attempt as it is then
 * @throws AppError not_found, nango_*
 */
export async function settleAttempt(tenant: Tenant, id: string, connectionId?: string): Promise<Attempt> {
  const attempt = await ownAttempt(tenant, id);
  if (!isAskedAbout(attempt)) return attempt;
  const found =
    (connectionId !== undefined ? await hinted(attempt, connectionId) : null) ??
    (await findByAttempt(attempt.integrationKey, attempt.id))[0];
  if (!found) return attempt;
  await claim(attempt, found, "page");
  return ownAttempt(tenant, id);
}

/**
 * As settleAttempt(), for a page that shows the connection.
 * @returns the attempt, and its connection once there is one
 */
export async function confirmAttempt(
  tenant: Tenant,
  id: string,
  connectionId?: string,
): Promise<{ attempt: Attempt; connection: ConnectionRow | null }> {
  const attempt = await settleAttempt(tenant, id, connectionId);
  return { attempt, connection: await connectionOf(tenant, attempt) };
}

/**
 * Ends an attempt from the page. "closed" leaves it claimable, for a popup that is finished late; "cancelled" is final,
 * and Nango's session is deleted by a job.
 * @returns the attempt as it is now; one that was over already stays as it was
 * @throws AppError not_found
 */
export async function closeAttempt(tenant: Tenant, id: string, reason: CloseReason): Promise<Attempt> {
  return attempts.closeAttempt(tenant, id, reason);
}
