import "server-only";
import type { Tenant } from "@/lib/auth/tenant";
import { digest, madeWith } from "@/lib/db/links";
import { ask, systemDb } from "@/lib/db/system";
import type { LinkOutcome } from "@/lib/db/vocabulary";

/**
 * The way back from a connect link, and what its maker learns.
 *
 * Threat: somebody learns what came of another's link, or gives their own account out for another's.
 * Invariant: a code goes to whoever used the link, and what came of it to the very caller that made it; each in the statement
 * that checks it. Guarded by tests/integration/authorize.test.ts and tests/rls/predicates.test.ts.
 */

/**
 * Takes somebody who has opened the link back to where it leads. One that was not used ends by it.
 * @param code what they take along if they used it; kept as a digest, and in place of an earlier one
 * @returns outcome null: they used it
 * @throws AppError not_found without a way back, or for whoever did not use it; link_finished when it is too late
 */
export async function leaveLink(
  linkId: string,
  userId: string,
  code: string,
): Promise<{ redirectUri: string; outcome: LinkOutcome | null }> {
  const [row] = await ask(systemDb("attempts")`
    select * from patchbay.leave_link(${linkId}, ${userId}, ${digest(code)})`);
  return { redirectUri: row?.redirect_uri, outcome: row?.outcome ?? null };
}

/** Once. @returns null for anybody but the link's maker, and for another state, code or connector */
export async function redeemLink(
  tenant: Tenant,
  given: { connector: string; state: string; code: string },
): Promise<{ connectionId: string; oauthMethod: "nango" | "direct" } | null> {
  const [row] = await ask(systemDb("confirm")`
    select * from patchbay.redeem_link(${tenant.ownerId}, ${tenant.userId}, ${madeWith(tenant)}, ${given.connector},
      ${digest(given.state)}, ${digest(given.code)})`);
  return row ? { connectionId: row.connection_id, oauthMethod: row.auth_method } : null;
}
