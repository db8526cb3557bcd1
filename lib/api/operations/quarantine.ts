import { nangoErrors, operation } from "@/lib/api/operation";
import { deleteAnswerSchema, listQuarantineSchema, quarantineListSchema } from "@/lib/api/quarantine-views";
import { connectionAnswerSchema, idParamsSchema, ownerOnlySchema } from "@/lib/api/views";

/** The calls about what completed at Nango without an attempt to claim it. */

export const listQuarantine = operation({
  id: "listQuarantine",
  method: "GET",
  path: "/api/v1/quarantine",
  tag: "Administration",
  summary: "List what turned up and waits for your decision.",
  scope: null,
  query: listQuarantineSchema,
  answer: quarantineListSchema,
  errors: [],
});

export const adoptQuarantined = operation({
  id: "adoptQuarantined",
  method: "POST",
  path: "/api/v1/quarantine/{id}/adopt",
  tag: "Administration",
  summary: "Make a connection of what turned up.",
  scope: null,
  params: idParamsSchema,
  body: ownerOnlySchema,
  answer: connectionAnswerSchema,
  errors: ["forbidden", "connection_gone", ...nangoErrors],
  idempotent: true,
});

export const deleteQuarantined = operation({
  id: "deleteQuarantined",
  method: "DELETE",
  path: "/api/v1/quarantine/{id}",
  tag: "Administration",
  summary: "Delete what turned up.",
  description: "Settled at once; Nango's part follows, and is repeated until it is done.",
  scope: null,
  params: idParamsSchema,
  body: ownerOnlySchema,
  answer: deleteAnswerSchema,
  errors: ["forbidden"],
});
