import * as calls from "@/lib/api/operations/connections";
import { connectionView } from "@/lib/connect/views";
import { undoDisconnect } from "@/lib/db/connections";
import { route } from "@/lib/http";

export const POST = route(calls.undoDisconnect, async ({ tenant, params }) => ({
  connection: connectionView(await undoDisconnect(tenant, params.id)),
}));

export { notAllowed as GET, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
