import "server-only";
import type { Manifest } from "@/lib/catalogue/manifest";
import { manifests } from "@/lib/catalogue/manifests";
import { accountOf, refusesCredentials } from "@/lib/connect/account";
import {
  connectionForJob,
  type JobConnection,
  type Refusal,
  recordLook,
  setIdentity,
  suspect,
} from "@/lib/db/connection-jobs";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { getConnection } from "@/lib/nango/connections";
import { callProvider, type ProxyAnswer } from "@/lib/nango/proxy";
import { healConnection } from "@/lib/webhooks/reconcile-one";

/**
 * A look at a connection: do its credentials work, and whose account is it? The first look of a new one, the second look
 * of a suspect one, a probe by the clock, or because somebody asked. The only thing that moves a connection between
 * connected and needs_attention.
 */

/** Kinds of credentials that Nango can renew, so that a forced refresh tells whether they still work. */
const refreshes = new Set(["OAUTH2", "OAUTH2_CC", "TWO_STEP", "MCP_OAUTH2"]);

type Problem = { reason: Refusal; error?: string };
type Target = { connection: JobConnection; authMode: string | null; test: Manifest["test_connection"] };

/** Lets Nango renew the credentials. @returns what is wrong, or null when nothing is or nothing can be renewed */
async function renew({ connection, authMode }: Target): Promise<Problem | null> {
  if (authMode === null || !refreshes.has(authMode)) return null;
  const read = await getConnection(connection.integrationKey, connection.nangoConnectionId, { forceRefresh: true });
  // Gone is for the sweep to record: it alone notices when everything seems gone, as behind a wrong key.
  return read?.authBroken ? { reason: "refresh_failed" } : null;
}

/** What a provider's answer says against the credentials; null for nothing. */
function problemIn({ connection, authMode }: Target, answer: ProxyAnswer, doubtful: boolean): Problem | null {
  if (answer.kind === "refused") {
    if (answer.code !== "connection_refresh_backoff" && answer.code !== "invalid_credentials") return null;
    // Nango says the same of a key that was taken back, and a key is never renewed.
    return { reason: refreshes.has(authMode ?? "") ? "refresh_failed" : "auth_failed", error: answer.code };
  }
  const error = `the provider answered ${answer.status}`;
  if (refusesCredentials(answer.status, answer.body)) return { reason: "auth_failed", error };
  // 403 is what good credentials get for something they may not do. Where the same call has told the account before, or
  // there are doubts already, it means that they may no longer.
  if (answer.status === 403 && (doubtful || connection.accountId !== null)) return { reason: "permission_lost", error };
  return null;
}

/** GitHub and Google, among others, say with 403 that there were too many calls. */
const saysBusy = (answer: { status: number; body: unknown }): boolean =>
  answer.status === 403 && /rate.?limit|too many|quota/i.test(JSON.stringify(answer.body) ?? "");

/** Asks the provider who is signed in. @throws AppError when its answer decides nothing */
async function askProvider(target: Target, test: NonNullable<Manifest["test_connection"]>): Promise<ProxyAnswer> {
  const { integrationKey, nangoConnectionId: connectionId } = target.connection;
  const { method, endpoint, headers, body } = test;
  const answer = await callProvider({ integrationKey, connectionId, method, endpoint, headers, body });
  if (answer.kind === "answer" && (answer.status === 429 || answer.status >= 500 || saysBusy(answer))) {
    throw new AppError("nango_unreachable", { cause: new Error(`the provider answered ${answer.status}`) });
  }
  return answer;
}

/** The credentials' state: what is wrong with them, and the provider's answer where there was one. */
async function examine(target: Target, doubtful: boolean): Promise<{ problem: Problem | null; answer?: ProxyAnswer }> {
  const broken = doubtful ? await renew(target) : null;
  if (broken) return { problem: broken };
  if (target.test) {
    const answer = await askProvider(target, target.test);
    return { problem: problemIn(target, answer, doubtful), answer };
  }
  // Without such a call Nango's own flag is all there is; after a renewal it has just been read.
  if (doubtful && refreshes.has(target.authMode ?? "")) return { problem: null };
  const read = await getConnection(target.connection.integrationKey, target.connection.nangoConnectionId);
  return { problem: read?.authBroken ? { reason: "auth_failed" } : null };
}

/**
 * Looks at one connection and records the answer.
 * @throws AppError when neither Nango nor the provider gave an answer that decides: the job tries again
 */
export async function lookAt(id: string): Promise<void> {
  const connection = await connectionForJob(id);
  if (!connection || connection.status === "disconnected" || connection.status === "pending") return;
  const manifest = manifests.get(connection.connector);
  const target: Target = {
    connection,
    authMode: manifest?.auth_mode ?? null,
    test: manifest?.test_connection ?? null,
  };
  const doubtful = connection.suspectSince !== null || connection.status === "needs_attention";

  let { problem, answer } = await examine(target, doubtful);
  if (problem && !doubtful) {
    // One refusal is a suspicion: the credentials are renewed, where they can be, and tried once more.
    await suspect(connection);
    ({ problem, answer } = await examine(target, true));
  }
  if (problem) {
    await recordLook(connection, { ok: false, ...problem });
    return;
  }
  if (answer?.kind === "refused")
    log().warn({ connection_id: id, code: answer.code }, "an account could not be identified");
  const account =
    answer?.kind === "answer" && answer.status < 300 && target.test?.account
      ? accountOf(answer.body, target.test.account)
      : null;
  // Whose account it is comes first: credentials that work for another account must not count as recovered.
  if (account && (await setIdentity(connection, account)) === "mismatch") return;
  const standing = await recordLook(connection, { ok: true });
  if (standing === "connected" && !justSignedIn(connection)) await readAnew(connection);
}

/** What Nango said when somebody signed in is new enough. */
const justSignedIn = ({ signedInAt }: JobConnection): boolean =>
  signedInAt !== null && Date.now() - Date.parse(signedInAt) < 60_000;

/** Brings the end of the sign-in, permissions and tags up to date: no webhook tells when they change. */
async function readAnew({ integrationKey, nangoConnectionId: connectionId }: JobConnection): Promise<void> {
  await healConnection({ integrationKey, connectionId }, false);
}
