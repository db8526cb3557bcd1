import "server-only";
import { askClerk } from "@/lib/auth/ask-clerk";
import { clerkBackend } from "@/lib/auth/clerk";
import { isScope, type Scope } from "@/lib/auth/scopes";
import { inTime } from "@/lib/auth/session";
import type { Tenant } from "@/lib/auth/tenant";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";

/**
 * Clients that a person let in through Clerk's OAuth consent page: MCP clients.
 *
 * Threat: a token that was issued for another service is played on to us; a client does more than its person agreed to.
 * Invariant: only tokens whose audience is our MCP address pass (RFC 8707), and only scopes of ours that the token itself
 * names count: signing in (openid, profile, email) opens nothing. Guarded by tests/integration/mcp-oauth.test.ts.
 */

/** The address that tokens are issued for. */
export const mcpResource = (): string => new URL("/api/mcp", env().appUrl).href;

/** Who issues them: the Clerk instance. null with the embedded stack's Clerk, which has no OAuth. */
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

/**
 * For whom a person's client acts: their organisation, as a member, or themselves where they are in none. A token names no
 * organisation, and guessing among several would do things in the wrong one's name.
 * @throws AppError forbidden for somebody in several, who takes an API key of the right one; auth_unavailable
 */
async function ownerOf(userId: string): Promise<string | null> {
  const page = await askClerk((clerk) => clerk.users.getOrganizationMembershipList({ userId, limit: 2 }));
  if (!page) throw new AppError("unauthenticated");
  if (page.data.length > 1) throw new AppError("forbidden");
  return page.data[0]?.organization.id ?? null;
}

/**
 * Who stands behind a request with an OAuth access token of Clerk's.
 * @throws AppError unauthenticated, forbidden, auth_unavailable
 */
export async function oauthTenant(request: Request): Promise<Tenant> {
  if (oauthIssuer() === null) throw new AppError("unauthenticated");
  const { jwtKey } = env().clerk;
  // Clerk wants a request of its own to read: the header alone, so that no cookie counts.
  const headers = { authorization: request.headers.get("authorization") ?? "" };
  const state = await inTime(
    clerkBackend().authenticateRequest(new Request(mcpResource(), { headers }), {
      acceptsToken: "oauth_token",
      audience: mcpResource(),
      ...(jwtKey && { jwtKey }),
    }),
  );
  // Neither is the token's fault: Clerk did not answer, or does not take our own key.
  const unknowable = ["unexpected-error", "secret-key-invalid"].includes(state.reason ?? "");
  if (!state.isAuthenticated) throw new AppError(unknowable ? "auth_unavailable" : "unauthenticated");
  const { userId, clientId, scopes } = state.toAuth();
  const orgId = await ownerOf(userId);
  return {
    ownerId: orgId ?? userId,
    userId,
    orgId,
    role: orgId === null ? null : "member",
    caller: { kind: "oauth", clientId, scopes: scopesOf(scopes) },
    token: () => Promise.reject(new AppError("forbidden")),
  };
}
