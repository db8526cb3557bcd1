import "server-only";
import { manifests } from "@/lib/catalogue/manifests";
import { type Credentials, credentialsOf, type Held, whileHolding } from "@/lib/db/oauth";
import { outsideBudgets } from "@/lib/deadline";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { waitFor } from "@/lib/wait";
import { directOf } from "./clients";
import { isTooYoung, renewalMargin } from "./long-lived";
import { sealTokens, unsealTokens } from "./seal-tokens";
import { type TokenAnswer, unreachable } from "./token-call";
import { refreshTokens } from "./token-endpoint";

/**
 * Threat: a refresh token that rotates works once. Two callers who use it at once lose the connection, and some providers
 * take back everything when they see one twice.
 * Invariant: whoever asks the provider holds the row's lock, and looks again once it has it: of any number of callers, in
 * any number of processes, one asks. The new refresh token is stored before the lock is given back. Once asked, the provider
 * is heard out, however little time the caller has: who hangs up on it may have used up the token for nothing. A refused one
 * is not sent again but by a look. Guarded by tests/integration/direct-refresh.test.ts.
 */

/** Milliseconds before its end at which an access token counts as over: the call that it is for takes time, too. */
const MARGIN = 60_000;
/** Longest wait for a renewal, in milliseconds: for the lock, then for the provider. */
const PATIENCE = 20_000;

/**
 * A token that should work now; or none: there are no credentials, or the provider refused to renew them. `version`
 * changes when tokens do. `connectionConfig`: what the addresses of its calls are made of.
 */
export type Token =
  | { ok: true; token: string; version: number; connectionConfig: Record<string, string> }
  | { ok: false };

const isOver = ({ expiresAt }: Credentials, margin: number): boolean =>
  expiresAt !== null && Date.parse(expiresAt) - margin <= Date.now();

/** It was to be renewed ahead of its end, and works for a moment longer. */
const worksStill = (row: Credentials): boolean => row.expiresAt !== null && !isOver(row, 5_000);

const longLived = (connector: string) => manifests.get(connector)?.oauth?.direct?.long_lived ?? null;

/**
 * Without a refresh token the access token is all there is: the provider says when it is over. So it is with one that has
 * no successor yet. Of one that was refused the provider has said so.
 */
const cannotRenew = (row: Credentials, connector: string): boolean =>
  row.refresh === null || isTooYoung(longLived(connector), row.since);

const isFine = (row: Credentials, connector: string): boolean =>
  !isOver(row, renewalMargin(longLived(connector), MARGIN)) || (!row.refreshRefused && cannotRenew(row, connector));

const tokenIn = (row: Credentials): Token => ({
  ok: true,
  token: unsealTokens(row).access,
  version: row.version,
  connectionConfig: row.connectionConfig,
});

/**
 * What a caller needs. fresh: a token that is not over. newer: another one than a version that the provider refused.
 * look: the same, and the refresh token is tried even where it was refused before.
 */
type Need = { kind: "fresh" } | { kind: "newer" | "look"; than: number };

/** Whether what is stored will do. */
function meets(row: Credentials, connector: string, need: Need): boolean {
  return need.kind === "fresh" ? isFine(row, connector) : row.version !== need.than && !row.refreshRefused;
}

/** Callers of this process that need the same of a connection: one of them is enough to hold a database connection. */
const underWay = new Map<string, Promise<Token>>();

/** Asks the provider and stores what it says. @throws AppError direct_unreachable and others; nothing is changed then */
async function renewHeld(connector: string, row: Credentials, held: Held, need: Need): Promise<Token> {
  const { refresh } = unsealTokens(row);
  if (refresh === null || cannotRenew(row, connector)) return tokenIn(row);
  let answer: TokenAnswer;
  try {
    answer = await refreshTokens(directOf(connector, row.connectionConfig), refresh);
  } catch (error) {
    // The next caller tries again.
    const away = error instanceof AppError && error.code === "direct_unreachable";
    if (away && need.kind === "fresh" && worksStill(row)) {
      log().warn({ err: error, connection_id: row.connectionId }, "a token was not renewed yet");
      return tokenIn(row);
    }
    throw error;
  }
  if (!answer.ok) {
    log().info({ connection_id: row.connectionId, error: answer.error }, "the provider refused to renew a token");
    await held.refuse();
    return { ok: false };
  }
  const { tokens } = answer;
  const sealed = sealTokens(row.connectionId, { ...tokens, refresh: tokens.refresh ?? refresh });
  // An account can move: Salesforce, for one, names where it is with each renewal.
  const config = { ...row.connectionConfig, ...tokens.extra };
  await held.keep(sealed, tokens.scopes, config);
  return { ok: true, token: tokens.access, version: row.version + 1, connectionConfig: config };
}

/** What is stored is seen again under the lock: others may have renewed it, or been refused. */
function renewal(id: string, connector: string, need: Need): Promise<Token> {
  const what = `${id} ${need.kind} ${need.kind === "fresh" ? "" : need.than}`;
  const waiting = underWay.get(what);
  if (waiting) return waiting;
  const work = outsideBudgets(() =>
    whileHolding(id, async (held): Promise<Token> => {
      const row = held.credentials;
      if (!row) return { ok: false };
      if (meets(row, connector, need)) return tokenIn(row);
      if (row.refreshRefused && need.kind !== "look") return { ok: false };
      return renewHeld(connector, row, held, need);
    }),
  ).finally(() => underWay.delete(what));
  underWay.set(what, work);
  return work;
}

/** Waits for it as long as the caller has time; it goes on, and keeps what the provider says, for whoever comes next. */
function renew({ connectionId }: Credentials, connector: string, need: Need, late?: () => Token): Promise<Token> {
  return waitFor(renewal(connectionId, connector, need), PATIENCE, () => {
    if (late) return late();
    throw unreachable("not in the caller's time");
  });
}

/**
 * The access token of a direct connection, renewed first where it is over.
 * @throws AppError direct_unreachable, connector_not_configured, misconfigured, database_unavailable: try again later
 */
export async function freshToken(connection: { id: string; connector: string }): Promise<Token> {
  const row = await credentialsOf(connection.id);
  if (!row) return { ok: false };
  if (isFine(row, connection.connector)) return tokenIn(row);
  if (row.refreshRefused) return { ok: false };
  const late = worksStill(row) ? () => tokenIn(row) : undefined;
  return renew(row, connection.connector, { kind: "fresh" }, late);
}

/**
 * Renews a token that should still work and does not, or whose refresh token a look wants to try.
 * @param known the version that did not work; when it is another by now, that one is taken. Left out: a look asks
 * @returns ok without a new version where there is nothing to renew with
 * @throws as freshToken
 */
export async function renewToken(connection: { id: string; connector: string }, known?: number): Promise<Token> {
  const row = await credentialsOf(connection.id);
  if (!row) return { ok: false };
  if (row.refreshRefused && known !== undefined) return { ok: false };
  if (cannotRenew(row, connection.connector)) return tokenIn(row);
  if (known === undefined) return renew(row, connection.connector, { kind: "look", than: row.version });
  return renew(row, connection.connector, { kind: "newer", than: known });
}
