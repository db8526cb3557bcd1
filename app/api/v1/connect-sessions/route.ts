import * as calls from "@/lib/api/operations/authorize";
import { boundLink } from "@/lib/connect/bound-links";
import { route } from "@/lib/http";

/** The only answer that holds the link's address. */
export const POST = route(calls.makeConnectSession, async ({ tenant, body }) => {
  const { connector, email, redirect_uri: redirectUri } = body;
  const { linkId, url, state, expiresAt, oauthMethod } = await boundLink(tenant, { connector, email, redirectUri });
  return { id: linkId, url, state, expires_at: expiresAt, oauth_method: oauthMethod };
});

export { notAllowed as GET, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
