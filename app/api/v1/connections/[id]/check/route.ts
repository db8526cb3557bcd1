import * as calls from "@/lib/api/operations/connections";
import { checkConnection } from "@/lib/connect/check";
import { connectionView } from "@/lib/connect/views";
import { route } from "@/lib/http";

export const POST = route(calls.checkConnection, async ({ tenant, params }) => ({
  connection: connectionView(await checkConnection(tenant, params.id)),
}));

export { notAllowed as GET, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
