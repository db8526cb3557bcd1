import "server-only";
import { keyHash, readKey } from "@/lib/auth/api-key";
import { requestTenant } from "@/lib/auth/session";
import type { Tenant } from "@/lib/auth/tenant";
import { type AdmittedKey, admitKey, admitPerson, type RequestCount } from "@/lib/db/requests";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";

/**
 * Threat: a key that is unknown, revoked or expired opens something; one caller keeps everybody else out by asking a lot.
 * Invariant: whoever sends a key is taken for that key alone, never for the cookie beside it; keys are looked up at every
 * request, so that revoking works at once; what is counted is counted in the database, for all processes together.
 * Guarded by tests/integration/api-keys.test.ts and tests/integration/limits.test.ts.
 */

export type Caller = {
  tenant: Tenant;
  /** A cookie travels with requests that other sites cause; a header and a key do not. */
  via: "cookie" | "header" | "key";
};

/** Addresses whose requests are counted. Pages' own calls under /api/nango and /api/connect are not. */
const counted = /^\/api\/(?:v1|integrations|mcp)(?:\/|$)/;

/** RateLimit and RateLimit-Policy as in the IETF's draft, one item per limit. */
function writeLimits(counts: readonly RequestCount[], headers: Headers): void {
  headers.set("ratelimit-policy", counts.map(({ name, quota }) => `"${name}";q=${quota};w=60`).join(", "));
  headers.set("ratelimit", counts.map(({ name, left, resetIn }) => `"${name}";r=${left};t=${resetIn}`).join(", "));
}

/** @throws AppError rate_limited */
function refuseBeyond(counts: readonly RequestCount[], headers: Headers | undefined): void {
  if (headers && counts.length > 0) writeLimits(counts, headers);
  const beyond = counts.filter(({ refused }) => refused);
  if (beyond.length > 0)
    throw new AppError("rate_limited", { retryAfter: Math.max(...beyond.map(({ resetIn }) => resetIn)) });
}

/** Counts a request that came in by neither key nor session. @throws AppError rate_limited */
export async function countPerson(tenant: Tenant, headers: Headers): Promise<void> {
  refuseBeyond(await admitPerson(tenant, env().rateLimits), headers);
}

/** A key has a member's rights, whoever made it. */
function keyTenant({ id, prefix, ownerId, createdBy, scopes }: AdmittedKey): Tenant {
  const orgId = ownerId === createdBy ? null : ownerId;
  return {
    ownerId,
    userId: createdBy,
    orgId,
    role: orgId === null ? null : "member",
    caller: { kind: "key", id, prefix, scopes },
    token: () => Promise.reject(new AppError("forbidden")),
  };
}

/**
 * Who makes this request, by key or session, and whether they may go on.
 *
 * @param headers gets what the limits say, for whatever answer follows
 * @throws AppError unauthenticated; rate_limited; auth_unavailable when a session cannot be checked
 */
export async function requestCaller(request: Request, headers?: Headers): Promise<Caller> {
  const limits = counted.test(new URL(request.url).pathname) ? env().rateLimits : null;
  const key = readKey(request.headers.get("authorization"));
  if (key !== null) {
    const admitted = key.wellFormed ? await admitKey(keyHash(key.text), limits) : null;
    if (!admitted) throw new AppError("unauthenticated");
    refuseBeyond(admitted.counts, headers);
    return { tenant: keyTenant(admitted.key), via: "key" };
  }
  const caller = await requestTenant(request);
  if (limits) refuseBeyond(await admitPerson(caller.tenant, limits), headers);
  return caller;
}
