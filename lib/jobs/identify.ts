import "server-only";
import { manifests } from "@/lib/catalogue/manifests";
import { accountOf, refusesCredentials } from "@/lib/connect/account";
import { connectionForJob, type JobConnection, recordLook, setIdentity } from "@/lib/db/connection-jobs";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { getConnection } from "@/lib/nango/connections";
import { callProvider } from "@/lib/nango/proxy";

/** Kinds of credentials that Nango can renew, so that a forced refresh tells whether they still work. */
const refreshes = new Set(["OAUTH2", "OAUTH2_CC", "TWO_STEP", "MCP_OAUTH2"]);

/** False when Nango cannot renew the credentials; true when it can, or when there is nothing to renew. */
async function canRefresh(connection: JobConnection, authMode: string | null): Promise<boolean> {
  if (authMode === null || !refreshes.has(authMode)) return true;
  const read = await getConnection(connection.integrationKey, connection.nangoConnectionId, { forceRefresh: true });
  // Gone is somebody else's to record: the delivery or the sweep, which hold the lock for it.
  return read === null || !read.authBroken;
}

/**
 * Asks the provider whose account a connection is, and whether its credentials still work. The first look of a new
 * connection, and the second look of a suspect one.
 * @throws AppError when neither Nango nor the provider gave an answer that decides: the job tries again
 */
export async function identifyConnection(id: string): Promise<void> {
  const connection = await connectionForJob(id);
  if (!connection || connection.status === "disconnected") return;
  const manifest = manifests.get(connection.connector);
  const test = manifest?.test_connection;
  const doubtful = connection.suspectSince !== null || connection.status === "needs_attention";

  if (doubtful && !(await canRefresh(connection, manifest?.auth_mode ?? null))) {
    await recordLook(id, { ok: false, reason: "refresh_failed" });
    return;
  }
  if (!test) {
    if (doubtful) await recordLook(id, { ok: true });
    return;
  }
  const answer = await callProvider({
    integrationKey: connection.integrationKey,
    connectionId: connection.nangoConnectionId,
    method: test.method,
    endpoint: test.endpoint,
    headers: test.headers,
    body: test.body,
  });
  if (answer.kind === "refused") {
    const cannotRefresh = answer.code === "connection_refresh_backoff" || answer.code === "invalid_credentials";
    // Nango says the same of a key that was taken back, and a key is never renewed.
    const reason = refreshes.has(manifest?.auth_mode ?? "") ? "refresh_failed" : "auth_failed";
    if (cannotRefresh) await recordLook(id, { ok: false, reason, error: answer.code });
    else log().warn({ connection_id: id, code: answer.code }, "an account could not be identified");
    return;
  }
  // 403 is usually what good credentials get for something they may not do; when they are in doubt it decides.
  if (refusesCredentials(answer.status, answer.body) || (doubtful && answer.status === 403)) {
    await recordLook(id, { ok: false, reason: "auth_failed", error: `the provider answered ${answer.status}` });
    return;
  }
  if (answer.status === 429 || answer.status >= 500) {
    throw new AppError("nango_unreachable", { cause: new Error(`the provider answered ${answer.status}`) });
  }
  // Anything else was accepted with these credentials, if only to say that they may not do this.
  await recordLook(id, { ok: true });
  if (answer.status >= 300 || !test.account) return;
  const account = accountOf(answer.body, test.account);
  if (account) await setIdentity(id, account);
}
