import * as calls from "@/lib/api/operations/authorize";
import { boundLink } from "@/lib/connect/bound-links";
import { route } from "@/lib/http";

/** The only answer that holds the address. */
export const POST = route(calls.authorizeConnector, async ({ tenant, params, body }) => {
  const { redirect_uri: redirectUri, scopes } = body;
  const { url, state, oauthMethod } = await boundLink(tenant, { connector: params.slug, redirectUri, scopes });
  return { authorization_url: url, state, oauth_method: oauthMethod };
});

export { notAllowed as GET, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
