import * as calls from "@/lib/api/operations/triggers";
import { route } from "@/lib/http";
import { triggerEvents } from "@/lib/webhooks/trigger-events";

export const GET = route(calls.listTriggerEvents, ({ tenant, query }) => triggerEvents(tenant, query));

export { notAllowed as POST, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
