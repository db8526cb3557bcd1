import "server-only";
import type { OAuthMethod } from "@/lib/api/views";
import type { Tenant } from "@/lib/auth/tenant";
import { leaveLink, redeemLink } from "@/lib/db/link-returns";
import { AppError } from "@/lib/errors";
import { stateOf } from "./bound-links";
import { newToken } from "./link-token";
import { openLink } from "./links";
import { redirectWith, requireAllowedRedirect } from "./redirects";

/**
 * Takes the person of a link back to the program that asked for it: with a code when they connected an account by it,
 * otherwise with how it ended, and the link ends with that.
 * @returns where to send their browser; it holds the code, and is never logged
 * @throws AppError not_found, link_finished, redirect_not_allowed (taken off the list since), auth_unavailable
 */
export async function leaveByLink(userId: string, token: string): Promise<string> {
  const { linkId, redirectUri: given } = await openLink(userId, token);
  if (given === null) throw new AppError("not_found");
  requireAllowedRedirect(given);
  const code = newToken();
  const { redirectUri, outcome } = await leaveLink(linkId, userId, code);
  const state = stateOf(token);
  return redirectWith(redirectUri, outcome === null ? { state, code } : { state, error: outcome });
}

/**
 * What came of a link, for the program that asked for it.
 * @throws AppError not_found when state and code are unknown, used already, too old, or another's
 */
export async function redeem(
  tenant: Tenant,
  given: { connector: string; state: string; code: string },
): Promise<{ connectionId: string; oauthMethod: OAuthMethod }> {
  const redeemed = await redeemLink(tenant, given);
  if (!redeemed) throw new AppError("not_found");
  return redeemed;
}
