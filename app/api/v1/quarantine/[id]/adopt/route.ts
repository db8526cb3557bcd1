import * as calls from "@/lib/api/operations/quarantine";
import { connectionView } from "@/lib/connect/views";
import { route } from "@/lib/http";
import { adoptFromQuarantine } from "@/lib/webhooks/reconcile-adopt";

export const POST = route(calls.adoptQuarantined, async ({ tenant, params }) => ({
  connection: connectionView(await adoptFromQuarantine(tenant, params.id)),
}));

export { notAllowed as GET, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
