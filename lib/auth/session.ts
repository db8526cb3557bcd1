import "server-only";
import { clerkBackend } from "@/lib/auth/clerk";
import type { Tenant } from "@/lib/auth/tenant";
import { verificationOptions } from "@/lib/auth/verification";
import { timeLeft } from "@/lib/deadline";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";

/**
 * Threat: a handler that trusts the middleware is open as soon as a matcher changes; a session token of another site or
 * another kind of token opens the wrong door.
 * Invariant: every handler verifies the session by itself, with the instance's key and our own origin.
 * Guarded by tests/integration/server-locked.test.ts.
 */

export type SessionCaller = {
  tenant: Tenant;
  /** A cookie travels with requests that other sites cause; a header does not. */
  via: "cookie" | "header";
};

type Claims = {
  userId: string | null;
  orgId?: string | null | undefined;
  orgRole?: string | null | undefined;
  getToken: () => Promise<string | null>;
};

/**
 * The tenant of a verified session.
 * @throws AppError unauthenticated when nobody is signed in
 */
export function tenantFromClaims(claims: Claims): Tenant {
  const { userId } = claims;
  if (!userId) throw new AppError("unauthenticated");
  const orgId = claims.orgId ?? null;
  return {
    ownerId: orgId ?? userId,
    userId,
    orgId,
    role: orgId === null ? null : claims.orgRole === "org:admin" || claims.orgRole === "admin" ? "admin" : "member",
    caller: { kind: "session" },
    token: async () => {
      const token = await claims.getToken();
      if (!token) throw new AppError("unauthenticated");
      return token;
    },
  };
}

const clerkFailed = new Set(["jwk-remote-failed-to-load", "jwk-failed-to-resolve", "unexpected-error"]);
/** Longest wait for Clerk's keys, in milliseconds. */
const PATIENCE = 3_500;

/** What Clerk's SDK makes of a request. @throws AppError auth_unavailable when checking fails or takes too long */
export async function inTime<T>(check: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the session could not be checked in time")), timeLeft(PATIENCE));
  });
  try {
    return await Promise.race([check, late]);
  } catch (error) {
    throw new AppError("auth_unavailable", { cause: error, retryAfter: 5 });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Who makes this request.
 * @throws AppError unauthenticated without a valid session; auth_unavailable when it cannot be checked
 */
export async function requestTenant(request: Request): Promise<SessionCaller> {
  const hasCredentials = request.headers.has("authorization") || request.headers.has("cookie");
  if (!hasCredentials) throw new AppError("unauthenticated");
  const settings = env();
  // Clerk wants a request of its own to read: headers and address only, the body stays ours.
  const probe = new Request(new URL(new URL(request.url).pathname, settings.appUrl), { headers: request.headers });
  const state = await inTime(
    clerkBackend().authenticateRequest(probe, { ...verificationOptions(settings), acceptsToken: "session_token" }),
  );
  if (!state.isAuthenticated) {
    // Without the key in the settings Clerk is asked for it, and its not answering shows as one of these.
    const unknowable = settings.clerk.jwtKey === undefined && clerkFailed.has(state.reason ?? "");
    throw new AppError(unknowable ? "auth_unavailable" : "unauthenticated");
  }
  const tenant = tenantFromClaims(state.toAuth());
  const header = request.headers.get("authorization");
  const via = header !== null && header.replace(/^Bearer /, "").trim() === state.token ? "header" : "cookie";
  return { tenant, via };
}
