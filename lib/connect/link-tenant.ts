import "server-only";
import type { Tenant } from "@/lib/auth/tenant";
import { AppError } from "@/lib/errors";

/**
 * For whom somebody acts who came by a connect link: the link's owner, whether or not they are a member there.
 *
 * Threat: a link is a way into somebody else's organisation.
 * Invariant: made here only, from a verified session and a link that was opened with a proven address (or an attempt that
 * was started by it). It is handed to the functions of attempts alone, has no rights beyond a member's, and no token: what
 * reads under the caller's own token cannot be used with it. Guarded by tests/integration/connect-links-people.test.ts.
 */
export function linkTenant(userId: string, ownerId: string): Tenant {
  return {
    ownerId,
    userId,
    // Named even where the owner is a person: nobody who comes by a link decides for an owner.
    orgId: ownerId,
    role: "member",
    caller: { kind: "session" },
    token: () => Promise.reject(new AppError("forbidden")),
  };
}
