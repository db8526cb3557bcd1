import * as calls from "@/lib/api/operations/authorize";
import { renewConnection } from "@/lib/connect/renewal";
import { route } from "@/lib/http";

export const POST = route(calls.refreshConnection, async ({ tenant, params, body }) => {
  const connector = params.slug;
  const { expiresIn, oauthMethod } = await renewConnection(tenant, { connector, connectionId: body.connection_id });
  return { success: true as const, connector_slug: connector, expires_in: expiresIn, oauth_method: oauthMethod };
});

export { notAllowed as GET, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
