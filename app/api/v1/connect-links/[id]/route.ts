import * as calls from "@/lib/api/operations/connect-links";
import { linkView } from "@/lib/connect/link-view";
import { revokeLink } from "@/lib/db/links";
import { route } from "@/lib/http";

/** Revokes it. What is under way through it is cancelled. */
export const DELETE = route(calls.revokeConnectLink, async ({ tenant, params }) => ({
  link: linkView(await revokeLink(tenant, params.id)),
}));

export { notAllowed as GET, notAllowed as POST, notAllowed as PUT, notAllowed as PATCH } from "@/lib/http";
