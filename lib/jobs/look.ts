import "server-only";
import type { Manifest } from "@/lib/catalogue/manifest";
import { manifests } from "@/lib/catalogue/manifests";
import { type Account, accountOf, refusesCredentials, saysBusy } from "@/lib/connect/account";
import { callForLook, canBeLookedAt, canRenew, isDirect, renew, standing } from "@/lib/connect/credentials";
import {
  connectionForJob,
  type JobConnection,
  type Refusal,
  recordLook,
  recordUndecided,
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

type Target = { connection: JobConnection; test: Manifest["test_connection"] };

/** What a look has found. Only what speaks for the credentials, or against them, may change anything. */
type Finding =
  | { kind: "good"; account?: Account }
  | { kind: "bad"; reason: Refusal; error?: string }
  | { kind: "undecided"; error: string }
  /** Nango has no such connection. */
  | { kind: "gone" };

const unknownAtNango = new Set(["not_found", "unknown_connection", "unknown_provider_config"]);

/** What a provider's answer says of the credentials. */
function findingIn({ connection, test }: Target, answer: ProxyAnswer, doubtful: boolean): Finding {
  if (answer.kind === "refused") {
    if (unknownAtNango.has(answer.code)) return { kind: "gone" };
    if (answer.code !== "connection_refresh_backoff" && answer.code !== "invalid_credentials")
      return { kind: "undecided", error: answer.code };
    // Nango says the same of a key that was taken back, and a key is never renewed.
    const reason = canRenew(connection) ? "refresh_failed" : "auth_failed";
    return { kind: "bad", reason, error: answer.code };
  }
  const { status, body } = answer;
  const error = `the provider answered ${status}`;
  if (refusesCredentials(status, body)) return { kind: "bad", reason: "auth_failed", error };
  if (status === 403) {
    // 403 is what good credentials get for something they may not do. Where the same call has told the account before,
    // or there are doubts already, it means that they may no longer.
    const lost = doubtful || connection.accountId !== null;
    return lost ? { kind: "bad", reason: "permission_lost", error } : { kind: "good" };
  }
  if (status < 200 || status >= 300) return { kind: "undecided", error };
  if (!test?.account) return { kind: "good" };
  const account = accountOf(body, test.account);
  // An answer that does not tell the account may come from anybody: it neither confirms a sign-in nor ends a doubt.
  return account
    ? { kind: "good", account }
    : { kind: "undecided", error: "the provider did not say whose account it is" };
}

/** Asks the provider who is signed in. @throws AppError when it has no time for an answer */
async function askProvider(target: Target, test: NonNullable<Manifest["test_connection"]>): Promise<ProxyAnswer> {
  const { method, endpoint, headers, body } = test;
  const answer = await callForLook(target.connection, { method, endpoint, headers, body });
  if (answer.kind === "answer" && (answer.status === 429 || answer.status >= 500 || saysBusy(answer))) {
    const code = isDirect(target.connection) ? "direct_unreachable" : "nango_unreachable";
    throw new AppError(code, { cause: new Error(`the provider answered ${answer.status}`) });
  }
  return answer;
}

async function examine(target: Target, doubtful: boolean): Promise<Finding> {
  const { connection } = target;
  const renews = doubtful && canRenew(connection);
  const renewed = renews ? await renew(connection) : "fine";
  if (renewed === "gone") return { kind: "gone" };
  if (renewed === "broken") return { kind: "bad", reason: "refresh_failed" };
  if (target.test) return findingIn(target, await askProvider(target, target.test), doubtful);
  // Without such a call the word of whoever keeps the credentials is all there is; a renewal has just given it.
  if (renews) return { kind: "good" };
  const found = await standing(connection);
  if (found === "gone") return { kind: "gone" };
  return found === "broken" ? { kind: "bad", reason: "auth_failed" } : { kind: "good" };
}

/**
 * Looks at one connection and records the answer.
 * @throws AppError when neither Nango nor the provider gave an answer that decides: the job tries again
 */
export async function lookAt(id: string): Promise<void> {
  const connection = await connectionForJob(id);
  if (!connection || connection.status === "disconnected" || connection.status === "pending") return;
  // Nobody can be asked about it. It waits as it is: where Nango is used again, it is due for a probe.
  if (!canBeLookedAt(connection)) return;
  const manifest = manifests.get(connection.connector);
  const target: Target = {
    connection,
    test: manifest?.test_connection ?? null,
  };
  const doubtful = connection.suspectSince !== null || connection.status === "needs_attention";

  let finding = await examine(target, doubtful);
  if (finding.kind === "bad" && !doubtful) {
    // One refusal is a suspicion: the credentials are renewed, where they can be, and tried once more.
    await suspect(connection);
    finding = await examine(target, true);
  }
  if (finding.kind === "bad") {
    const { reason, error } = finding;
    await recordLook(connection, { ok: false, reason, error });
  } else if (finding.kind === "good") {
    // Whose account it is comes first: credentials that work for another account must not count as recovered.
    if (finding.account && (await setIdentity(connection, finding.account)) === "mismatch") return;
    const works = (await recordLook(connection, { ok: true })) === "connected";
    // What stands here of a direct sign-in is all that there is to know of it.
    if (works && !signedInWithin(connection, 60_000) && !isDirect(connection)) await readAnew(connection);
  } else await stayUndecided(connection, finding);
}

/**
 * Nothing is known that was not known before. What waits for a look goes on waiting: a doubt, a new sign-in, an account
 * whose name is not known yet.
 * @throws AppError when it waits: the job tries again
 */
async function stayUndecided(
  connection: JobConnection,
  finding: Extract<Finding, { kind: "undecided" | "gone" }>,
): Promise<void> {
  if (finding.kind === "gone") {
    // To bury it is the sweep's: it alone notices when everything seems gone, as behind a wrong key.
    await suspect(connection);
    throw new AppError("connection_gone", { cause: new Error("a look found nothing at Nango") });
  }
  const { status, suspectSince, signedInAt, lookingSince, accountId } = connection;
  const doubted = status === "connected" && suspectSince !== null;
  const unseen = lookingSince !== null && signedInAt !== null && Date.parse(lookingSince) <= Date.parse(signedInAt);
  const nameless = accountId === null && signedInWithin(connection, 10 * 60_000);
  if (doubted || unseen || nameless) throw new AppError("nango_invalid_answer", { cause: new Error(finding.error) });
  log().warn({ connection_id: connection.id, why: finding.error }, "a look has decided nothing");
  await recordUndecided(connection);
}

const signedInWithin = ({ signedInAt }: JobConnection, milliseconds: number): boolean =>
  signedInAt !== null && Date.now() - Date.parse(signedInAt) < milliseconds;

/** Brings the end of the sign-in, permissions and tags up to date: no webhook tells when they change. */
async function readAnew({ integrationKey, nangoConnectionId: connectionId }: JobConnection): Promise<void> {
  await healConnection({ integrationKey, connectionId }, false);
}
