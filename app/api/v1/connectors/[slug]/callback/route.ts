import * as calls from "@/lib/api/operations/authorize";
import { manifestOf } from "@/lib/catalogue/connector-list";
import { redeem } from "@/lib/connect/link-return";
import { route } from "@/lib/http";

/** Uses state and code up. They bind it: nobody can be made to do so for another. */
export const GET = route(calls.redeemAuthorization, async ({ tenant, params, query }) => {
  const { slug } = manifestOf(params.slug);
  const { connectionId, oauthMethod } = await redeem(tenant, { connector: slug, ...query });
  return { success: true as const, connector_slug: slug, connection_id: connectionId, oauth_method: oauthMethod };
});

// Next would answer HEAD with GET, which changes something here.
export {
  notAllowed as DELETE,
  notAllowed as HEAD,
  notAllowed as PATCH,
  notAllowed as POST,
  notAllowed as PUT,
} from "@/lib/http";
