import "server-only";
import { createHash, randomBytes } from "node:crypto";
import { calculatePKCECodeChallenge, generateRandomCodeVerifier } from "oauth4webapi";
import { safeReturnPath } from "@/lib/auth/return-path";
import type { Tenant } from "@/lib/auth/tenant";
import { questionsOf } from "@/lib/catalogue/connection-config";
import { manifests } from "@/lib/catalogue/manifests";
import type { AttemptRow } from "@/lib/db/attempts";
import { credentialsOf, startDirectState } from "@/lib/db/oauth";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { browserCookie, type Cookie, setCookieHeader } from "./browser-cookie";
import { directOf } from "./clients";
import { reach } from "./hosts";
import { seal } from "./keyring";
import type { Values } from "./templates";

/**
 * Threat: somebody sends the address of a sign-in that they began to another person, whose account then becomes theirs;
 * or brings their own answer into another's sign-in; or takes a code on its way.
 * Invariant: a state of 32 random bytes, kept as a hash, belongs to one attempt of one person and to the browser that
 * holds its cookie; PKCE binds the code to us; the redirect URI is one fixed address. Nothing of the request decides where
 * anybody is sent. Guarded by tests/integration/direct-connect.test.ts and direct-callback.test.ts.
 */

/** The one address to register at providers. */
export const redirectUri = (): string => `${new URL(env().appUrl).origin}/oauth/callback`;

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();

export type DirectStart = {
  /** Where the person signs in. Holds the state: never logged. */
  authorizationUrl: string;
  /** ISO 8601. */
  expiresAt: string;
  cookie: Cookie;
  /** The same, as the value of a Set-Cookie header. */
  setCookie: string;
};

/**
 * What was asked when the connection was made. Not what an answer said of where that account is: another one may sign in
 * now, whose tokens must not go there.
 */
async function askedBefore({ connector, connectionId }: Pick<AttemptRow, "connector" | "connectionId">) {
  const known = connectionId === null ? null : await credentialsOf(connectionId);
  const names = new Set(questionsOf(manifests.get(connector)?.oauth?.direct).map(({ name }) => name));
  return Object.fromEntries(Object.entries(known?.connectionConfig ?? {}).filter(([name]) => names.has(name)));
}

/**
 * Begins the sign-in of a direct attempt that was just recorded. Asks nobody: the person's browser goes to the provider.
 * @param options.returnTo path of the page that the person was on, for a sign-in in the same window
 * @param options.connectionConfig what was asked beforehand, checked; a connection that exists knows it already
 * @throws AppError connector_unavailable, connector_not_configured, attempt_finished, misconfigured
 */
export async function startDirect(
  tenant: Tenant,
  attempt: Pick<AttemptRow, "id" | "connector" | "connectionId" | "scopes">,
  options: { returnTo?: string; connectionConfig?: Values } = {},
): Promise<DirectStart> {
  const connectionConfig = { ...(await askedBefore(attempt)), ...options.connectionConfig };
  const { provider, client } = directOf(attempt.connector, connectionConfig);
  const { settings } = provider;
  const url = new URL(reach(provider.authorizationUrl));
  const state = randomBytes(32).toString("base64url");
  const verifier = settings.pkce ? generateRandomCodeVerifier() : null;
  const cookie = browserCookie(attempt.id, randomBytes(32).toString("base64url"));
  const expiresAt = await startDirectState(tenant, {
    attemptId: attempt.id,
    stateHash: sha256(state),
    browserHash: sha256(cookie.value),
    verifier: verifier === null ? null : seal(verifier, { id: attempt.id, field: "verifier" }),
    redirectUri: redirectUri(),
    returnTo: options.returnTo === undefined ? null : safeReturnPath(options.returnTo),
    connectionConfig,
  });
  if (expiresAt === null) throw new AppError("attempt_finished");

  const scopes = attempt.scopes ?? provider.scopes;
  const parameters = {
    ...settings.authorization_params,
    ...(settings.response_type !== null && { response_type: settings.response_type }),
    [settings.client_id_name]: client.clientId,
    redirect_uri: redirectUri(),
    ...(scopes.length > 0 && { scope: scopes.join(settings.scope_separator) }),
    state,
    ...(verifier !== null && {
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return { authorizationUrl: url.href, expiresAt, cookie, setCookie: setCookieHeader(cookie) };
}
