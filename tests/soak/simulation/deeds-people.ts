import type { Tenant } from "@/lib/auth/tenant";
import { closeAttempt, confirmAttempt, readAttempt } from "@/lib/connect/attempts";
import { startAttempt } from "@/lib/db/attempts";
import { disconnectConnection, keepAccount, requestCheck, setLabel, undoDisconnect } from "@/lib/db/connections";
import { AppError } from "@/lib/errors";
import { createConnectSession } from "@/lib/nango/sessions";
import { startAgain, startSession } from "@/tests/support/start-session";
import { type Shape, shapes } from "./connectors";
import type { Made, Try } from "./ledger";
import { complete, deny, type Hands, newAccount } from "./sign-in";
import { INSTANCE } from "./world";

/**
 * What people do with the product, and what it answered. A refusal or an outage is an answer, too; what must not be
 * answered is a complaint.
 */

/** Runs something a person asked for. @returns null when the product said no or could not */
export async function asked<T>(hands: Hands, what: string, work: () => Promise<T>): Promise<T | null> {
  try {
    const answer = await work();
    hands.ledger.count(`${what}: done`);
    return answer;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    hands.ledger.count(`${what}: ${error.code}`);
    return null;
  }
}

export async function start(hands: Hands, as?: Tenant, shape?: Shape): Promise<Try | null> {
  const { world, ledger, random } = hands;
  const person = as ?? random.pick(world.people);
  const chosen = shape ?? random.pick(shapes);
  const visibility = random.chance(0.25) ? "only_me" : "everyone";
  const session = await asked(hands, "start", () => startSession(person, { connector: chosen.slug, visibility }));
  if (!session) return null;
  const attempt: Try = {
    id: session.attemptId,
    as: person,
    shape: chosen,
    visibility,
    token: session.sessionToken,
    renews: null,
    cancelled: false,
    startedAt: world.elapsed(),
    completions: [],
  };
  ledger.tries.push(attempt);
  return attempt;
}

/** The server dies between minting a session and writing it down. Whoever has the link can still finish. */
export async function startAndDie(hands: Hands): Promise<void> {
  const { world, ledger, random } = hands;
  const as = random.pick(world.people);
  const shape = random.pick(shapes);
  const key = shape.slug;
  await asked(hands, "start and die", async () => {
    const row = await startAttempt(as, {
      connector: key,
      integrationKey: key,
      visibility: "everyone",
      instance: INSTANCE,
    });
    const tags = {
      ...(as.orgId !== null && { organization_id: as.orgId }),
      end_user_id: as.userId,
      connector: key,
      attempt_id: row.id,
      instance: INSTANCE,
    };
    const { token } = await createConnectSession({ integrationKey: key, tags });
    const at = { startedAt: world.elapsed(), completions: [], cancelled: false, renews: null };
    ledger.tries.push({ id: row.id, as, shape, visibility: "everyone", token, orphaned: true, ...at });
  });
}

/** The page asks how it stands: with what the frame said, or by looking. */
export async function confirm(hands: Hands, attempt: Try, hint?: string): Promise<void> {
  const answer = await asked(hands, hint ? "confirm" : "confirm without a hint", () =>
    confirmAttempt(attempt.as, attempt.id, hint),
  );
  if (!answer?.connection) return;
  const made = attempt.renews ?? attempt.completions.find(({ nangoId }) => nangoId === hint) ?? null;
  if (answer.connection.ownerId !== attempt.as.ownerId)
    hands.ledger.complain("confirmed for another owner", made ?? undefined);
  // Which of two completions was taken, the answer does not say; that one was, it does.
  const only = attempt.completions.length === 1 ? attempt.completions[0] : undefined;
  if (only && !attempt.renews) only.told = true;
  hands.ledger.note(made ?? only, "the page heard that it is connected");
}

export async function poll(hands: Hands, attempt: Try): Promise<void> {
  const row = await asked(hands, "poll", () => readAttempt(attempt.as, attempt.id));
  if (row?.status === "confirmed" && attempt.cancelled)
    hands.ledger.complain(`a cancelled try was confirmed: ${attempt.id}`);
}

/** Somebody names a connection that is not of this try. */
export async function tamper(hands: Hands, attempt: Try, other: Made): Promise<void> {
  const { ledger } = hands;
  if (attempt.completions.includes(other) || attempt.renews === other) return;
  const answer = await asked(hands, "confirm with another's connection", () =>
    confirmAttempt(attempt.as, attempt.id, other.nangoId),
  );
  if (answer?.connection && attempt.completions.length === 0 && !attempt.renews)
    ledger.complain(`try ${attempt.id} took somebody else's connection`, other);
}

export async function close(
  hands: Hands,
  attempt: Try,
  reason: "closed" | "cancelled" | "denied" | "failed",
): Promise<void> {
  const row = await asked(hands, reason, () => closeAttempt(attempt.as, attempt.id, reason));
  if (row?.status === "cancelled") attempt.cancelled = true;
}

export async function refuse(hands: Hands, attempt: Try): Promise<void> {
  await deny(hands, attempt);
  hands.ledger.note(attempt.renews, `a reconnect was denied, try ${attempt.id}`);
  await close(hands, attempt, "denied");
}

/** Two tabs of one person: each is a try of its own. */
export async function twoTabs(hands: Hands): Promise<void> {
  const { random, world } = hands;
  const as = random.pick(world.people);
  const shape = random.pick(shapes);
  const account = newAccount(hands, shape);
  const tabs = await Promise.all([start(hands, as, shape), start(hands, as, shape)]);
  for (const tab of tabs) if (tab) await complete(hands, tab, account);
  await Promise.all(tabs.map((tab) => tab && confirm(hands, tab, tab.completions[0]?.nangoId)));
}

export type Row = {
  id: string;
  status: string;
  reason_code: string | null;
  account_id: string | null;
  found_account_name: string | null;
  owner_id: string;
};

/** What the page shows of a connection. */
export async function rowOf(hands: Hands, made: Made): Promise<Row | null> {
  const [row] = await hands.world.sql<Row[]>`
    select id, status, reason_code, account_id, found_account_name, owner_id from connections
    where integration_key = ${made.key} and nango_connection_id = ${made.nangoId}`;
  return row ?? null;
}

/** Someone who may manage it: whoever connected it, or, for everyone's, an admin of the organisation. */
function managerOf({ random, world }: Hands, made: Made): Tenant | null {
  const by = made.by;
  if (!by) return null;
  const admins = world.people.filter((person) => person.ownerId === by.as.ownerId && person.role === "admin");
  return by.visibility === "everyone" && admins.length > 0 && random.chance(0.3) ? random.pick(admins) : by.as;
}

export async function startReconnect(hands: Hands, made: Made, row: Row): Promise<Try | null> {
  const { world, ledger } = hands;
  const as = managerOf(hands, made);
  if (!as || !made.by) return null;
  const session = await asked(hands, "reconnect", () => startAgain(as, row.id));
  if (!session) return null;
  const attempt: Try = {
    id: session.attemptId,
    as,
    shape: made.shape,
    visibility: made.by.visibility,
    token: session.sessionToken,
    renews: made,
    cancelled: false,
    startedAt: world.elapsed(),
    completions: [],
  };
  ledger.tries.push(attempt);
  ledger.note(made, `a reconnect was started by ${as.userId}, try ${attempt.id}`);
  return attempt;
}

export async function disconnect(hands: Hands, made: Made, row: Row): Promise<void> {
  const { ledger } = hands;
  const as = managerOf(hands, made);
  if (!as) return;
  const answer = await asked(hands, "disconnect", () => disconnectConnection(as, row.id));
  if (!answer) return;
  if (answer.status !== "disconnected") ledger.complain("a disconnect was answered but not done", made);
  if (answer.reasonCode === "by_person") made.disconnected ??= { by: as, at: passed(hands) };
  ledger.note(made, `disconnected by ${as.userId}: ${answer.reasonCode}`);
}

/** How long undo must work, in milliseconds, with a margin for the call itself. */
const UNDO_SURELY = 20_000;

/** The database's time goes on by itself while time is shifted. */
const passed = ({ world }: Hands): number => world.elapsed() + performance.now();

export async function undo(hands: Hands, made: Made, row: Row): Promise<void> {
  const { ledger } = hands;
  const gone = made.disconnected;
  if (!gone) return;
  const answer = await asked(hands, "undo", () => undoDisconnect(gone.by, row.id));
  if (answer && answer.status !== "disconnected") {
    made.disconnected = null;
    made.undone += 1;
    ledger.undos += 1;
    ledger.note(made, `undone by ${gone.by.userId}`);
  } else if (!answer && passed(hands) - gone.at < UNDO_SURELY && !hands.world.down()) {
    ledger.complain("undo was refused within its time", made);
  }
}

export async function label(hands: Hands, made: Made, row: Row): Promise<void> {
  const as = managerOf(hands, made);
  if (!as) return;
  const text = hands.random.chance(0.2) ? null : `label ${hands.random.between(1, 9_999)}`;
  const answer = await asked(hands, "label", () => setLabel(as, row.id, text));
  if (answer) made.label = text;
}

export async function keep(hands: Hands, made: Made, row: Row): Promise<void> {
  const as = managerOf(hands, made);
  if (!as) return;
  const answer = await asked(hands, "keep account", () => keepAccount(as, row.id, row.found_account_name ?? ""));
  if (!answer) return;
  made.accepted = answer.accountId;
  hands.ledger.note(made, `account ${answer.accountId} kept by ${as.userId}`);
}

export async function check(hands: Hands, made: Made, row: Row): Promise<void> {
  const as = managerOf(hands, made);
  if (as) await asked(hands, "check", () => requestCheck(as, row.id));
}
