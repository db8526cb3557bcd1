import * as calls from "@/lib/api/operations/connections";
import { connectionView } from "@/lib/connect/views";
import { becomeContact } from "@/lib/db/connections";
import { route } from "@/lib/http";

/** Makes the caller the one who is asked about it. */
export const POST = route(calls.becomeContact, async ({ tenant, params }) => ({
  connection: connectionView(await becomeContact(tenant, params.id)),
}));

export { notAllowed as GET, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
