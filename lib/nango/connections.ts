import "server-only";
import { z } from "zod";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { callNango, isPathSafe, isUnknown, type NangoFailure } from "@/lib/nango/client";

/** A connection as Nango knows it now. Never holds credentials. */
export type NangoConnection = {
  integrationKey: string;
  connectionId: string;
  provider: string;
  /** Lower-cased keys; empty for connections that were not made through a session with tags. */
  tags: Record<string, string>;
  /** Nango's own flag: the last refresh or test of the credentials failed. */
  authBroken: boolean;
  /** Nango's log entry of that failure; null without one. */
  authErrorId: string | null;
  /** ISO time at which the sign-in ends for good; null when Nango renews it, or does not say. */
  expiresAt: string | null;
  /** ISO time at which the present access token ends, renewed or not; null when it does not, or nobody says. */
  tokenEndsAt: string | null;
  /** What the provider granted; null when it did not say. */
  scopesGranted: string[] | null;
  /** False: our API key may not read credentials, so neither end nor scopes are known. null: not asked. */
  credentialsReadable: boolean | null;
  /** Nango waits for the provider to finish setting it up; null when it was read from the list, which does not tell. */
  pending: boolean | null;
  createdAt: string;
  /** False when it was read from the list, which knows neither expiry nor scopes. */
  detailed: boolean;
};

/** What Nango has noted against a connection: what kind, and the log entry of it. */
export const flaws = z
  .array(
    z.object({
      type: z.string(),
      log_id: z
        .string()
        .regex(/^[\w.:-]{1,100}$/)
        .nullish()
        .catch(null),
    }),
  )
  .catch([]);

/** The flaw of its credentials, if there is one. */
export const authFlaw = (list: z.output<typeof flaws>) => list.find((flaw) => flaw.type === "auth");
const tags = z.record(z.string(), z.string()).nullish();

const listed = z.object({
  connection_id: z.string(),
  provider_config_key: z.string(),
  provider: z.string(),
  created: z.string(),
  tags,
  errors: flaws,
});

/** What is taken from credentials, at once and nothing more: none of them leaves this file. */
type CredentialFacts = Pick<NangoConnection, "expiresAt" | "tokenEndsAt" | "scopesGranted" | "credentialsReadable">;

const credentialFields = z.object({
  type: z.string().nullish().catch(null),
  expires_at: z.string().nullish().catch(null),
  refresh_token: z.string().nullish().catch(null),
  raw: z
    .object({
      scope: z
        .union([z.string(), z.array(z.string())])
        .nullish()
        .catch(null),
    })
    .nullish()
    .catch(null),
});

function readCredentials(value: unknown): CredentialFacts {
  const parsed = credentialFields.safeParse(value);
  // Without the right to read them Nango answers with an empty object.
  if (!parsed.success || Object.keys(value as object).length === 0)
    return { expiresAt: null, tokenEndsAt: null, scopesGranted: null, credentialsReadable: false };
  const { type, expires_at, refresh_token, raw } = parsed.data;
  // Whatever is not OAuth2 and ends is fetched anew by Nango itself, and so is a token that comes with a refresh token.
  const renewable = type !== "OAUTH2" || Boolean(refresh_token);
  const tokenEndsAt = isoTime(expires_at);
  return {
    expiresAt: renewable ? null : tokenEndsAt,
    tokenEndsAt,
    scopesGranted: scopes(raw?.scope),
    credentialsReadable: true,
  };
}

const credentials = z.unknown().transform(readCredentials);

const settings = z
  .object({ pending: z.boolean().nullish().catch(null) })
  .nullish()
  .catch(null);

const detailed = listed
  .omit({ created: true })
  .extend({ created_at: z.string(), credentials, connection_config: settings });

/** Providers also send times that no calendar of the database holds: such a one is no time. */
function isoTime(text: string | null | undefined): string | null {
  const time = text ? Date.parse(text) : Number.NaN;
  const iso = Number.isNaN(time) ? null : new Date(time).toISOString();
  return iso !== null && /^[1-9]\d{3}-/.test(iso) ? iso : null;
}

function scopes(granted: string | string[] | null | undefined): string[] | null {
  if (granted == null) return null;
  const list = (Array.isArray(granted) ? granted : granted.split(/[\s,]+/)).filter(
    // A NUL or half a character cannot be stored, and no scope has one.
    (scope) => scope !== "" && !/[\p{Cc}\p{Cs}]/u.test(scope),
  );
  return list.length > 0 ? [...new Set(list)].slice(0, 200) : null;
}

function fromListed(row: z.output<typeof listed>): NangoConnection {
  return {
    integrationKey: row.provider_config_key,
    connectionId: row.connection_id,
    provider: row.provider,
    tags: row.tags ?? {},
    authBroken: authFlaw(row.errors) !== undefined,
    authErrorId: authFlaw(row.errors)?.log_id ?? null,
    expiresAt: null,
    tokenEndsAt: null,
    scopesGranted: null,
    credentialsReadable: null,
    pending: null,
    createdAt: isoTime(row.created) ?? new Date(0).toISOString(),
    detailed: false,
  };
}

function fromDetailed(row: z.output<typeof detailed>): NangoConnection {
  return {
    ...fromListed({ ...row, created: row.created_at }),
    ...row.credentials,
    pending: row.connection_config?.pending === true,
    detailed: true,
  };
}

/** Nango could not refresh the credentials while answering: the connection is there, and broken. */
const isBroken = (failure: NangoFailure) =>
  failure.status === 424 || (failure.status === 400 && failure.code !== "unknown_provider_config");

/** Our key may not read credentials, so Nango refuses whoever asks it to renew them or to show them in full. */
const isUnreadable = (failure: NangoFailure) => failure.status === 403;

/** The key that was refused them, and until when it is not tried again: rights may be added. */
let unreadable: { apiKey: string; until: number } | undefined;
const TRY_AGAIN_AFTER = 10 * 60_000;

/**
 * Reads one connection. Reading refreshes an expired access token at Nango; when that fails the connection is read
 * from the list instead, which touches no credentials, and marked broken. With an API key that may not read
 * credentials, nothing is refreshed and neither end nor scopes are known.
 * @param options.forceRefresh also refreshes a token that has not expired
 * @returns null when Nango has no such connection
 * @throws AppError nango_*, nango_invalid_answer for an answer about another connection
 */
export async function getConnection(
  integrationKey: string,
  connectionId: string,
  options: { forceRefresh?: boolean } = {},
): Promise<NangoConnection | null> {
  const read = await readConnection(integrationKey, connectionId, options);
  if (!read || (read.integrationKey === integrationKey && read.connectionId === connectionId)) return read;
  // Whose it is must not be taken from a mixed-up answer: its tags would be written to the one that was asked for.
  throw new AppError("nango_invalid_answer", { cause: new Error("get connection: the answer is about another one") });
}

/** As getConnection, but gives what Nango answers, whatever connection that is about: the caller compares. */
export async function readConnection(
  integrationKey: string,
  connectionId: string,
  options: { forceRefresh?: boolean } = {},
): Promise<NangoConnection | null> {
  if (!isPathSafe(connectionId)) return null;
  const { apiKey } = env().nango;
  const mayRead = unreadable?.apiKey !== apiKey || unreadable.until < Date.now();
  const answer = await callNango(
    "get connection",
    detailed,
    // The refresh token, too: whether there is one tells a token that is renewed from a sign-in that ends.
    (nango) => nango.getConnection(integrationKey, connectionId, mayRead && options.forceRefresh, mayRead),
    (failure) => {
      if (mayRead && isUnreadable(failure)) return "unreadable";
      return isUnknown(failure) ? "gone" : isBroken(failure) ? "broken" : undefined;
    },
  );
  if (answer === "unreadable") {
    unreadable = { apiKey, until: Date.now() + TRY_AGAIN_AFTER };
    return readConnection(integrationKey, connectionId);
  }
  if (answer === "gone") return null;
  if (answer !== "broken") return fromDetailed(answer);
  const [found] = await listConnections({ connectionId, integrationId: integrationKey, limit: 1 });
  return found ? { ...found, authBroken: true } : null;
}

async function listConnections(filter: {
  connectionId?: string;
  integrationId?: string;
  tags?: Record<string, string>;
  limit: number;
}): Promise<NangoConnection[]> {
  const answer = await callNango("list connections", z.object({ connections: z.array(listed) }), (nango) =>
    nango.listConnections(filter),
  );
  return answer.connections.map(fromListed);
}

/**
 * The connections that an attempt has made: none while it is open, usually one, more when its session was used again.
 * Oldest first.
 * @throws AppError nango_*
 */
export async function findByAttempt(integrationKey: string, attemptId: string): Promise<NangoConnection[]> {
  const found = await listConnections({ integrationId: integrationKey, tags: { attempt_id: attemptId }, limit: 10 });
  // The filter is checked again here: a server that ignored it would hand out somebody else's connections.
  return found
    .filter((connection) => connection.tags.attempt_id === attemptId && connection.integrationKey === integrationKey)
    .sort((a, b) => a.createdAt.localeCompare(b.createdAt));
}

/**
 * Deletes a connection; one that Nango no longer has counts as deleted.
 * @returns whether this call deleted it
 * @throws AppError nango_*
 */
export async function deleteConnection(
  integrationKey: string,
  connectionId: string,
): Promise<"deleted" | "already_gone"> {
  if (!isPathSafe(connectionId))
    throw new AppError("misconfigured", { cause: new Error("connection id is not path-safe") });
  const answer = await callNango(
    "delete connection",
    // Its own words, not just a 200: something in between may have answered instead.
    z.object({ success: z.literal(true) }).transform(() => "deleted" as const),
    async (nango) =>
      (await nango.deleteConnection(encodeURIComponent(integrationKey), encodeURIComponent(connectionId))).data,
    (failure) => (isUnknown(failure) ? ("already_gone" as const) : undefined),
  );
  return answer;
}
