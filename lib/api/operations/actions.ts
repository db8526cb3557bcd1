import {
  actionListSchema,
  actionParamsSchema,
  actionResultSchema,
  connectorParamsSchema,
  runActionSchema,
} from "@/lib/api/action-views";
import { operation, runErrors } from "@/lib/api/operation";

/** The calls about actions. */

export const listActions = operation({
  id: "listActions",
  method: "GET",
  path: "/api/v1/connectors/{slug}/actions",
  tag: "Actions",
  summary: "List what can be done on a connector's connections, with the input that each action takes.",
  scope: "connectors:read",
  params: connectorParamsSchema,
  answer: actionListSchema,
  errors: ["unknown_connector"],
});

export const runAction = operation({
  id: "runAction",
  method: "POST",
  path: "/api/v1/connectors/{slug}/{action}",
  tag: "Actions",
  summary: "Run an action on one of your connections.",
  description:
    "The body is the action's input, and `connection_id` where it is not to be the default account or the only one. A key needs `actions:run:<connector>`, for actions that change nothing `actions:read:<connector>`. The provider's answer comes back as it is; its refusals become codes of ours, with `retry` saying whether the same request makes sense again. `outcome: unknown` means that a change may or may not have been made. An answer comes within 5 s, or after what the action's `max_seconds` says.",
  scope: "actions:read:{slug}",
  params: actionParamsSchema,
  body: runActionSchema,
  answer: actionResultSchema,
  idempotent: true,
  errors: ["unknown_connector", "action_unknown", "action_invalid_input", ...runErrors],
});
