import "server-only";
import { decodeJwt } from "@clerk/backend/jwt";
import { z } from "zod";
import { askClerk } from "@/lib/auth/ask-clerk";
import { clerkBackend } from "@/lib/auth/clerk";
import { membershipOf } from "@/lib/auth/membership";
import { isScope, type Scope } from "@/lib/auth/scopes";
import { inTime } from "@/lib/auth/session";
import type { Tenant } from "@/lib/auth/tenant";
import { timeLeft } from "@/lib/deadline";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";

/**
 * Clients that a person let in through Clerk's OAuth consent page: MCP clients.
 *
 * Threat: a token that was issued for another service, or by another instance, is played on to us; a client does more than
 * its person agreed to, or does it for an organisation that they did not choose or are in no longer.
 * Invariant: only tokens of our instance whose audience is our MCP address pass (RFC 8707), and only scopes of ours that the
 * token itself names count: signing in (openid, profile, email) opens nothing. The organisation is the one that the token
 * names, and its person is in it now, as Clerk says at every request; without one the client acts for the person alone.
 * Guarded by tests/integration/mcp-oauth.test.ts.
 */

/** The scope with which Clerk's consent page asks for which organisation a client is to act. */
export const ORGANIZATION_SCOPE = "user:org:read";

/** Longest wait for Clerk's Frontend API, in milliseconds. */
const PATIENCE = 2_500;

/** What a token says, once it is verified. */
type Grant = { userId: string; clientId: string; scopes: readonly string[]; orgId: string | null };

/** The address that tokens are issued for. */
export const mcpResource = (): string => new URL("/api/mcp", env().appUrl).href;

/** Who issues them: the Clerk instance. null with the embedded stack's Clerk, which has no page to agree on. */
export function oauthIssuer(): string | null {
  const { publishableKey } = env().clerk;
  const host = Buffer.from(publishableKey.split("_")[2] ?? "", "base64")
    .toString("latin1")
    .replace(/\$$/, "");
  return /standin/i.test(`${publishableKey} ${host}`) ? null : `https://${host}`;
}

/** Our scopes among a token's. `actions:run` and `actions:read` alone stand for every connector, for issuers without `*`. */
export function scopesOf(granted: readonly string[]): Scope[] {
  return granted.map((name) => (/^actions:(run|read)$/.test(name) ? `${name}:*` : name)).filter(isScope);
}

/** Clerk leaves the organisation out, or null, where there is none. */
const organization = z
  .string()
  .min(1)
  .nullish()
  .transform((id) => id ?? null);
/** What a client counts and is remembered by: two without a name would be one. */
const clientName = z.string().min(1).max(200);
const claims = z.object({ iss: z.string(), client_id: clientName, org_id: organization });
const userinfo = z.object({ sub: z.string(), org_id: organization });

/** @throws AppError unauthenticated where what Clerk signed or said is not of that form: a guess would pick a tenant */
function read<S extends z.ZodType>(schema: S, what: unknown): z.output<S> {
  const parsed = schema.safeParse(what);
  if (!parsed.success) throw new AppError("unauthenticated");
  return parsed.data;
}

/** A token that is a JWT, verified with the instance's keys. @throws AppError unauthenticated, auth_unavailable */
async function signedGrant(token: string, issuer: string): Promise<Grant> {
  const { jwtKey } = env().clerk;
  // Clerk wants a request of its own to read: the header alone, so that no cookie counts.
  const request = new Request(mcpResource(), { headers: { authorization: `Bearer ${token}` } });
  const state = await inTime(
    clerkBackend().authenticateRequest(request, {
      acceptsToken: "oauth_token",
      audience: mcpResource(),
      ...(jwtKey && { jwtKey }),
    }),
  );
  // Neither is the token's fault: Clerk did not answer, or does not take our own key.
  const unknowable = ["unexpected-error", "secret-key-invalid"].includes(state.reason ?? "");
  if (!state.isAuthenticated) throw new AppError(unknowable ? "auth_unavailable" : "unauthenticated");
  const { userId, scopes } = state.toAuth();
  // Clerk's package hands on what is missing, too, and does not compare the issuer. What is read here is what it verified.
  const { iss, client_id: clientId, org_id: orgId } = read(claims, decodeJwt(state.token).payload);
  if (iss !== issuer) throw new AppError("unauthenticated");
  return { userId, clientId, scopes, orgId };
}

/**
 * What was chosen on the consent page for an opaque token: the Backend API's answer does not hold it, Clerk's userinfo does.
 * @throws AppError unauthenticated, auth_unavailable
 */
async function chosenOrganization(token: string, userId: string, issuer: string): Promise<string | null> {
  const options: RequestInit = {
    headers: { authorization: `Bearer ${token}` },
    cache: "no-store",
    redirect: "error",
    signal: AbortSignal.timeout(timeLeft(PATIENCE)),
  };
  const unavailable = (cause: unknown) => new AppError("auth_unavailable", { cause, retryAfter: 5 });
  const response = await fetch(new URL("/oauth/userinfo", env().clerk.fapiUrl ?? issuer), options).catch((error) => {
    throw unavailable(error);
  });
  if ([400, 401, 403].includes(response.status)) throw new AppError("unauthenticated");
  if (!response.ok) throw unavailable(new Error(`Clerk's userinfo answered ${response.status}`));
  const body: unknown = await response.json().catch((error) => {
    throw unavailable(error);
  });
  const { sub, org_id: orgId } = read(userinfo, body);
  if (sub !== userId) throw new AppError("unauthenticated");
  return orgId;
}

/** A token that only Clerk can read. @throws AppError unauthenticated, auth_unavailable */
async function opaqueGrant(token: string, issuer: string): Promise<Grant> {
  const found = await askClerk((clerk) => clerk.idPOAuthAccessToken.verify(token));
  // Clerk's package passes on what has run out or was revoked; without a subject the answer is that it is not active.
  if (!found?.subject || found.revoked !== false || found.expired !== false) throw new AppError("unauthenticated");
  if (!found.aud?.includes(mcpResource())) throw new AppError("unauthenticated");
  const { subject: userId, scopes } = found;
  const clientId = read(clientName, found.clientId);
  const orgId = scopes.includes(ORGANIZATION_SCOPE) ? await chosenOrganization(token, userId, issuer) : null;
  return { userId, clientId, scopes, orgId };
}

/**
 * Who stands behind a request with an OAuth access token of Clerk's. A token lives for a day, so Clerk is asked each time
 * whether the person still exists and is still in the organisation.
 * @throws AppError unauthenticated, not_a_member, auth_unavailable
 */
export async function oauthTenant(request: Request): Promise<Tenant> {
  const issuer = oauthIssuer();
  const [, token] = /^bearer +(\S+) *$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  if (issuer === null || token === undefined) throw new AppError("unauthenticated");
  const grant = await (token.startsWith("oat_") ? opaqueGrant(token, issuer) : signedGrant(token, issuer));
  const { userId, clientId, scopes, orgId } = grant;
  const [person, membership] = await Promise.all([
    askClerk((clerk) => clerk.users.getUser(userId)),
    orgId === null ? null : membershipOf(orgId, userId),
  ]);
  if (!person || person.banned) throw new AppError("unauthenticated");
  if (orgId !== null && !membership) throw new AppError("not_a_member");
  return {
    ownerId: orgId ?? userId,
    userId,
    orgId,
    role: orgId === null ? null : "member",
    caller: { kind: "oauth", clientId, scopes: scopesOf(scopes) },
    token: () => Promise.reject(new AppError("forbidden")),
  };
}
