import { connectorParamsSchema } from "@/lib/api/action-views";
import { listTriggerEventsSchema, triggerEventListSchema, triggerListSchema } from "@/lib/api/connector-views";
import { operation } from "@/lib/api/operation";

/** The calls about what providers push. */

export const listTriggers = operation({
  id: "listTriggers",
  method: "GET",
  path: "/api/v1/connectors/{slug}/triggers",
  tag: "Connectors",
  summary: "List what the provider of a connector can push.",
  scope: "connectors:read",
  params: connectorParamsSchema,
  answer: triggerListSchema,
  errors: ["unknown_connector"],
});

export const listTriggerEvents = operation({
  id: "listTriggerEvents",
  method: "GET",
  path: "/api/v1/trigger-events",
  tag: "Connections",
  summary: "List what providers pushed about the connections that you may use, newest first.",
  description:
    "A hint, not a fact: a provider's address for pushing is public, and what is pushed to it is passed on as it came. Look things up with an action before you act on them. To go on later, ask with `since` a minute before the newest `received_at` that you have, and skip the ids that you know. The same bytes pushed twice are one event. Events are kept for as long as deliveries are (30 days unless the operator decided otherwise).",
  scope: "connections:read",
  query: listTriggerEventsSchema,
  answer: triggerEventListSchema,
  errors: ["not_found"],
});
