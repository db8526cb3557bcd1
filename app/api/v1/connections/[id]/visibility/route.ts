import * as calls from "@/lib/api/operations/connections";
import { connectionView } from "@/lib/connect/views";
import { setVisibility } from "@/lib/db/connections";
import { route } from "@/lib/http";

/** Who may use it: everyone in the organisation, or whoever connected it alone. */
export const POST = route(calls.changeVisibility, async ({ tenant, params, body }) => ({
  connection: connectionView(await setVisibility(tenant, params.id, body.visibility)),
}));

export { notAllowed as GET, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
