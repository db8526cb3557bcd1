import "server-only";
import type { Tenant } from "@/lib/auth/tenant";
import { type Applied, toApplied } from "@/lib/db/facts";
import { oneTransaction, type Query } from "@/lib/db/nango-lock";
import { ask, systemDb } from "@/lib/db/system";
import type { AttemptOutcome, AttemptStatus } from "@/lib/db/vocabulary";
import { env } from "@/lib/env";

/**
 * States and credentials of direct sign-ins. Whatever is secret goes in and comes out encrypted: this folder knows no key.
 */

export type NewState = {
  attemptId: string;
  stateHash: Buffer;
  browserHash: Buffer;
  /** PKCE's verifier, encrypted; null where the provider does without. */
  verifier: { keyId: string; bytes: Buffer } | null;
  redirectUri: string;
  returnTo: string | null;
  /** What was said of the account beforehand (lib/catalogue/connection-config.ts). */
  connectionConfig?: Record<string, string>;
};

/** @returns when it ends, ISO 8601; null when the attempt is over, is not the tenant's, or has a state already */
export async function startDirectState(tenant: Tenant, state: NewState): Promise<string | null> {
  const { verifier, connectionConfig = {} } = state;
  const sql = systemDb("attempts");
  const [row] = await ask(sql`
    select patchbay.start_direct(${tenant.ownerId}, ${tenant.userId}, ${state.attemptId}, ${state.stateHash},
      ${state.browserHash}, ${verifier?.keyId ?? null}, ${verifier?.bytes ?? null}, ${state.redirectUri},
      ${state.returnTo}, ${sql.json(connectionConfig)}) as expires_at`);
  return (row?.expires_at as string | null | undefined) ?? null;
}

export type UsedState = {
  attemptId: string;
  /** Whether the browser that brought it is the one that began. */
  sameBrowser: boolean;
  verifier: { keyId: string; bytes: Buffer } | null;
  redirectUri: string;
  returnTo: string | null;
  connector: string;
  attemptStatus: AttemptStatus;
  /** The connection that its tokens would be of: the one that is signed in to again, or else the attempt's own. */
  credentialId: string;
  /** What was known of the account when it began. */
  connectionConfig: Record<string, string>;
};

/**
 * Uses a state up, in the statement that finds it.
 * @param browsers hashes of what the browser brought along
 * @returns null for one that is unknown, was used, or is too old
 */
export async function spendState(stateHash: Buffer, browsers: Buffer[]): Promise<UsedState | null> {
  const hashes = browsers.map((hash) => hash.toString("hex"));
  const [row] = await ask(systemDb("confirm")`
    select * from patchbay.use_state(${stateHash},
      (select coalesce(array_agg(decode(h, 'hex')), '{}') from unnest(${hashes}::text[]) as h))`);
  if (!row) return null;
  return {
    attemptId: row.attempt_id,
    sameBrowser: row.same_browser,
    verifier: row.verifier === null ? null : { keyId: row.key_id, bytes: row.verifier },
    redirectUri: row.redirect_uri,
    returnTo: row.return_to,
    connector: row.connector,
    attemptStatus: row.status,
    credentialId: row.is_reconnect ? row.connection_id : row.attempt_id,
    connectionConfig: row.connection_config,
  };
}

/** Ends an attempt that came to nothing. One that is over stays as it is. */
export async function failDirectAttempt(
  attemptId: string,
  outcome: Extract<AttemptOutcome, "denied" | "failed" | "direct_unavailable" | "not_configured">,
): Promise<void> {
  await ask(systemDb("confirm")`select patchbay.fail_direct(${attemptId}, ${outcome})`);
}

/** Tokens, encrypted with one key. */
export type SealedTokens = {
  keyId: string;
  access: Buffer;
  refresh: Buffer | null;
  /** Of the access token; ISO 8601. */
  expiresAt: string | null;
};

export type DirectFacts = {
  scopesRequested: readonly string[];
  scopesGranted: string[] | null;
  /** When the sign-in ends for good, ISO 8601; null: it is renewed, or no end is known. */
  signInEnds: string | null;
  /** Days that a sign-in at this provider lasts, where none other is known. */
  signInDays: number | undefined;
  /** What is known of the account by now; left out: what the connection knew before. */
  connectionConfig?: Record<string, string>;
};

/**
 * Makes or renews the connection of a direct attempt, and keeps its tokens with it: both, or neither.
 * @returns verdict `applied`; `refused` when the attempt may not complete any more, `ignored` after a disconnect. Anything
 *   but `applied` has ended the attempt.
 */
export async function completeDirect(attemptId: string, tokens: SealedTokens, facts: DirectFacts): Promise<Applied> {
  const sql = systemDb("confirm");
  const told = sql.json({
    instance: env().instance,
    expires_at: facts.signInEnds,
    scopes_requested: [...facts.scopesRequested],
    ...(facts.scopesGranted && { scopes_granted: facts.scopesGranted }),
    ...(facts.signInDays !== undefined && { sign_in_days: facts.signInDays }),
  });
  const [row] = await ask(sql`
    select patchbay.complete_direct(${attemptId}, ${told}, ${tokens.keyId}, ${tokens.access}, ${tokens.refresh},
      ${tokens.expiresAt}, ${facts.connectionConfig ? sql.json(facts.connectionConfig) : null}) as result`);
  return toApplied(row?.result);
}

/** What is stored of a connection's tokens. */
export type Credentials = SealedTokens & {
  connectionId: string;
  /** When the provider gave them, ISO 8601. */
  since: string;
  /** Counts the tokens: another one than before means that they were renewed since. */
  version: number;
  /** The provider said that the refresh token is no good. */
  refreshRefused: boolean;
  /** What its provider's addresses are made of. */
  connectionConfig: Record<string, string>;
};

type Stored = {
  connection_id: string;
  connection_config: Record<string, string>;
  key_id: string;
  access_token: Buffer;
  refresh_token: Buffer | null;
  expires_at: string | Date | null;
  version: number;
  refresh_refused_at: string | Date | null;
  tokens_since: string | Date;
};

const toCredentials = (row: Stored): Credentials => ({
  connectionId: row.connection_id,
  keyId: row.key_id,
  access: row.access_token,
  refresh: row.refresh_token,
  expiresAt: row.expires_at === null ? null : new Date(row.expires_at).toISOString(),
  since: new Date(row.tokens_since).toISOString(),
  version: row.version,
  refreshRefused: row.refresh_refused_at !== null,
  connectionConfig: row.connection_config,
});

/** For the server's own calls to a provider; null when there are none (any more). */
export async function credentialsOf(connectionId: string): Promise<Credentials | null> {
  const [row] = await ask(systemDb("jobs")<Stored[]>`select * from patchbay.credentials_of(${connectionId})`);
  return row ? toCredentials(row) : null;
}

/** What the holder of the lock may do with the tokens before it is given back. */
export type Held = {
  credentials: Credentials | null;
  /** @param connectionConfig what is known of the account by now; left out: the same as before */
  keep(tokens: SealedTokens, scopes: string[] | null, connectionConfig?: Record<string, string>): Promise<void>;
  refuse(): Promise<void>;
};

/**
 * Work on a connection's tokens while nobody else may.
 * @throws what `work` throws; AppError database_unavailable when somebody else holds them for more than ten seconds
 */
export function whileHolding<T>(connectionId: string, work: (held: Held) => Promise<T>): Promise<T> {
  return oneTransaction(async (query) => {
    const [row] = await query<Stored>("select * from patchbay.credentials_of($1, true)", [connectionId]);
    const credentials = row ? toCredentials(row) : null;
    const version = credentials?.version;
    return work({
      credentials,
      keep: async ({ keyId, access, refresh, expiresAt }, scopes, connectionConfig) => {
        const config = connectionConfig ? JSON.stringify(connectionConfig) : null;
        const parameters = [connectionId, version, keyId, access, refresh, expiresAt, scopes, config];
        await query("select patchbay.keep_refreshed($1, $2, $3, $4, $5, $6, $7, $8)", parameters);
      },
      refuse: async () => {
        await query("select patchbay.refuse_refresh($1, $2)", [connectionId, version]);
      },
    });
  });
}

/** A provider refused to renew what it was called with: the connection is looked into. */
export async function doubt(connectionId: string): Promise<void> {
  await ask(systemDb("jobs")`select patchbay.doubt(${connectionId})`);
}

/**
 * Whether taking back a connection's access could end another one's.
 * @param keys integration keys of what a provider may take back together
 */
export async function mayShareAccess(connectionId: string, keys: string[]): Promise<boolean> {
  const [row] = await ask(systemDb("jobs")`select patchbay.may_share_access(${connectionId}, ${keys}) as shared`);
  return row?.shared !== false;
}

/** The last step of a disconnect. @returns false when there were none any more */
export async function deleteCredentials(connectionId: string): Promise<boolean> {
  const [row] = await ask(systemDb("jobs")`select patchbay.delete_credentials(${connectionId}) as deleted`);
  return row?.deleted === true;
}

/** Failed tries to take the access back. */
export async function removalTries(connectionId: string): Promise<number> {
  const [row] = await ask(systemDb("jobs")`select error_count from patchbay.connection_for_job(${connectionId})`);
  return row?.error_count ?? 0;
}

/**
 * Encrypts a batch of rows anew, in one transaction: those that are not under the active key, by id.
 * @param after where the batch before ended
 * @param anew its own tokens again, under the active key; null passes it over
 * @returns how many, and where it ended; null: there was none left
 */
export function rotateBatch(
  activeKey: string,
  after: string,
  limit: number,
  anew: (row: Credentials) => { access: Buffer; refresh: Buffer | null } | null,
): Promise<{ count: number; last: string } | null> {
  return oneTransaction(async (query: Query) => {
    const found = await query<Stored>("select * from patchbay.credentials_to_rotate($1, $2, $3)", [
      activeKey,
      after,
      limit,
    ]);
    const rows = found.map(toCredentials);
    const last = rows.at(-1)?.connectionId;
    if (last === undefined) return null;
    const sealed = rows.flatMap((row) => {
      const tokens = anew(row);
      return tokens ? [{ id: row.connectionId, ...tokens }] : [];
    });
    const [row] = await query<{ count: number }>("select patchbay.rotate_credentials($1, $2, $3, $4) as count", [
      activeKey,
      sealed.map(({ id }) => id),
      sealed.map(({ access }) => access),
      sealed.map(({ refresh }) => refresh),
    ]);
    return { count: row?.count ?? 0, last };
  });
}

/** How many rows each key has encrypted. */
export async function rowsByKey(): Promise<Record<string, number>> {
  const rows = await ask(systemDb("jobs")`select key_id, count from patchbay.credential_keys()`);
  return Object.fromEntries(rows.map((row) => [row.key_id as string, Number(row.count)]));
}
