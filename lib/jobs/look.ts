import "server-only";
import type { Manifest } from "@/lib/catalogue/manifest";
import { manifests } from "@/lib/catalogue/manifests";
import { accountOf, refusesCredentials } from "@/lib/connect/account";
import { callForLook, canRenew, isBroken, isDirect, renew } from "@/lib/connect/credentials";
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
import type { ProxyAnswer } from "@/lib/nango/proxy";
import { healConnection } from "@/lib/webhooks/reconcile-one";

/**
 * A look at a connection: do its credentials work, and whose account is it? The first look of a new one, the second look
 * of a suspect one, a probe by the clock, or because somebody asked. The only thing that moves a connection between
 * connected and needs_attention.
 */

type Problem = { reason: Refusal; error?: string };
type Target = { connection: JobConnection; test: Manifest["test_connection"] };

/** What a provider's answer says against the credentials; null for nothing. */
function problemIn({ connection }: Target, answer: ProxyAnswer, doubtful: boolean): Problem | null {
  if (answer.kind === "refused") {
    if (answer.code !== "connection_refresh_backoff" && answer.code !== "invalid_credentials") return null;
    // Nango says the same of a key that was taken back, and a key is never renewed.
    return { reason: canRenew(connection) ? "refresh_failed" : "auth_failed", error: answer.code };
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
  const { method, endpoint, headers, body } = test;
  const answer = await callForLook(target.connection, { method, endpoint, headers, body });
  if (answer.kind === "answer" && (answer.status === 429 || answer.status >= 500 || saysBusy(answer))) {
    const code = isDirect(target.connection) ? "direct_unreachable" : "nango_unreachable";
    throw new AppError(code, { cause: new Error(`the provider answered ${answer.status}`) });
  }
  return answer;
}

/** The credentials' state: what is wrong with them, and the provider's answer where there was one. */
async function examine(target: Target, doubtful: boolean): Promise<{ problem: Problem | null; answer?: ProxyAnswer }> {
  const { connection } = target;
  const renews = doubtful && canRenew(connection);
  if (renews && !(await renew(connection))) return { problem: { reason: "refresh_failed" } };
  if (target.test) {
    const answer = await askProvider(target, target.test);
    return { problem: problemIn(target, answer, doubtful), answer };
  }
  // Without such a call Nango's own flag is all there is; after a renewal it has just been read.
  if (renews) return { problem: null };
  return { problem: (await isBroken(connection)) ? { reason: "auth_failed" } : null };
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
  // What stands here of a direct sign-in is all that there is to know of it.
  if (standing === "connected" && !justSignedIn(connection) && !isDirect(connection)) await readAnew(connection);
}

/** What Nango said when somebody signed in is new enough. */
const justSignedIn = ({ signedInAt }: JobConnection): boolean =>
  signedInAt !== null && Date.now() - Date.parse(signedInAt) < 60_000;

/** Brings the end of the sign-in, permissions and tags up to date: no webhook tells when they change. */
async function readAnew({ integrationKey, nangoConnectionId: connectionId }: JobConnection): Promise<void> {
  await healConnection({ integrationKey, connectionId }, false);
}
