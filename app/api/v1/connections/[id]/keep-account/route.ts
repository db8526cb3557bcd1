import * as calls from "@/lib/api/operations/connections";
import { connectionView } from "@/lib/connect/views";
import { keepAccount } from "@/lib/db/connections";
import { route } from "@/lib/http";

export const POST = route(calls.keepAccount, async ({ tenant, params, body }) => ({
  connection: connectionView(await keepAccount(tenant, params.id, body.account)),
}));

export { notAllowed as GET, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
