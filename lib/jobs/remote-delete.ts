import "server-only";
import { callForLook, deleteFor, isDirect, revoke, sharesAccess } from "@/lib/connect/credentials";
import { lookAtSameAccount } from "@/lib/db/connection-jobs";
import { finishRemoteDelete, recordRemovalError, startRemoteDelete } from "@/lib/db/remote-deletes";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";

/** Connectors whose access Nango itself takes back at the provider when it deletes the connection. */
const revokedByNango = new Set(["hubspot", "intercom", "linear", "onelogin"]);

type Deletion = NonNullable<Awaited<ReturnType<typeof startRemoteDelete>>>;
type Upstream = Parameters<typeof finishRemoteDelete>[2];

/** Slack's token outlives the connection unless it is taken back first, with the token itself. */
async function revokeAtSlack(deletion: Deletion): Promise<Upstream> {
  const answer = await callForLook(deletion, { method: "POST", endpoint: "/auth.revoke" }).catch((error: unknown) => {
    // Nango or Slack being down is a reason to wait; nothing else may keep the connection from being deleted.
    if (error instanceof AppError && error.code !== "nango_invalid_answer") throw error;
    log().warn({ err: error, connection_id: deletion.id }, "Slack was not asked to revoke");
    return null;
  });
  if (answer?.kind !== "answer" || answer.status !== 200 || typeof answer.body !== "object" || answer.body === null)
    return "failed";
  return "revoked" in answer.body && answer.body.revoked === true ? "revoked" : "failed";
}

async function revokeUpstream(deletion: Deletion): Promise<Upstream> {
  // Nango does it whoever else holds the account.
  if (!isDirect(deletion) && revokedByNango.has(deletion.connector)) return "revoked";
  if (deletion.accountInUse) return "kept_in_use";
  if (deletion.connector === "slack") return (await sharesAccess(deletion)) ? "kept_in_use" : revokeAtSlack(deletion);
  return isDirect(deletion) ? revoke(deletion) : "not_supported";
}

/**
 * The remote part of a disconnect: takes access back where that can be done, then deletes the connection at Nango, or
 * the tokens of a direct one here. One that is gone already is done; anything else is tried again until it is.
 * @throws AppError nango_*, database_unavailable: the job tries again
 */
export async function deleteRemotely(connectionId: string): Promise<void> {
  const deletion = await startRemoteDelete(connectionId);
  if (!deletion) return;
  try {
    const upstream = await revokeUpstream(deletion);
    const result = await deleteFor(deletion);
    const known = result === "already_gone" && upstream === "revoked" ? null : upstream;
    if ((await finishRemoteDelete(deletion.id, result, known)) && known === "revoked")
      await lookAtSameAccount(deletion.id);
  } catch (error) {
    const code = error instanceof AppError ? error.code : "internal";
    if (code !== "database_unavailable") await recordRemovalError(deletion.id, code);
    throw error;
  }
}
