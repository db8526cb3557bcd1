import { connectorParamsSchema } from "@/lib/api/action-views";
import {
  authorizeAnswerSchema,
  authorizeSchema,
  connectSessionAnswerSchema,
  connectSessionSchema,
  connectSessionStatusSchema,
  redeemAnswerSchema,
  redeemSchema,
  refreshAnswerSchema,
  refreshSchema,
} from "@/lib/api/authorize-views";
import { operation } from "@/lib/api/operation";
import { idParamsSchema, ownerOnlySchema } from "@/lib/api/views";
import { linkOutcomes } from "@/lib/db/vocabulary";
import type { ErrorCode } from "@/lib/error-codes";

/** The calls by which a program has somebody connect an account, and keeps its sign-in alive. */

const unconnectable = [
  "unknown_connector",
  "connector_unavailable",
  "connector_blocked",
  "nango_disabled",
  "direct_not_configured",
  "too_many_links",
] as const satisfies readonly ErrorCode[];

export const authorizeConnector = operation({
  id: "authorizeConnector",
  method: "POST",
  path: "/api/v1/connectors/{slug}/authorize",
  tag: "Connecting",
  summary: "Begin to connect an account: get an address for the person for whom you call.",
  description: `Send that person's browser to \`authorization_url\`. They sign in, connect, and come back to \`redirect_uri\` with \`state\` and \`code\`, or with \`state\` and \`error\` (one of ${linkOutcomes.join(", ")}). With a key, the person is the one who made it. What they connect belongs to the key's or the session's owner.`,
  scope: "connections:write",
  params: connectorParamsSchema,
  body: authorizeSchema,
  answer: authorizeAnswerSchema,
  errors: [...unconnectable, "redirect_not_allowed", "unknown_scope"],
  idempotent: "once",
});

export const redeemAuthorization = operation({
  id: "redeemAuthorization",
  method: "GET",
  path: "/api/v1/connectors/{slug}/callback",
  tag: "Connecting",
  summary: "Exchange what a person came back with for the id of their connection.",
  description:
    "Within ten minutes, once, and by the caller that began: another key, another person or another connector, like a state or code that is unknown, used or too old, is not_found.",
  scope: "connections:write",
  params: connectorParamsSchema,
  query: redeemSchema,
  answer: redeemAnswerSchema,
  errors: ["unknown_connector"],
});

export const refreshConnection = operation({
  id: "refreshConnection",
  method: "POST",
  path: "/api/v1/connectors/{slug}/refresh",
  tag: "Connecting",
  summary: "Renew the sign-in of an account now.",
  description: "Nobody has to: sign-ins are renewed before they end. One that cannot be renewed is looked into.",
  scope: "connections:write",
  params: connectorParamsSchema,
  body: refreshSchema,
  answer: refreshAnswerSchema,
  errors: [
    "unknown_connector",
    "not_renewable",
    "connection_needed",
    "connection_choice",
    "connection_needs_attention",
    "connection_disconnected",
    "connection_not_ready",
    "connection_gone",
    "connector_not_configured",
    "nango_disabled",
    "nango_unreachable",
    "nango_timeout",
    "nango_rate_limited",
    "nango_rejected",
    "nango_invalid_answer",
    "direct_unreachable",
  ],
  idempotent: true,
});

export const makeConnectSession = operation({
  id: "makeConnectSession",
  method: "POST",
  path: "/api/v1/connect-sessions",
  tag: "Connecting",
  summary: "Make a link by which one person connects an account.",
  description:
    "For the person for whom you call, who has an hour, or for whoever has proven `email`, who has seven days. Asking others is for administrators in a session, and for people who own by themselves.",
  scope: "connections:write",
  body: connectSessionSchema,
  answer: connectSessionAnswerSchema,
  status: 201,
  errors: [...unconnectable, "forbidden", "redirect_not_allowed"],
  idempotent: "once",
});

export const getConnectSession = operation({
  id: "getConnectSession",
  method: "GET",
  path: "/api/v1/connect-sessions/{id}",
  tag: "Connecting",
  summary: "See whether a link was used, and what came of it.",
  scope: "connections:read",
  params: idParamsSchema,
  query: ownerOnlySchema,
  answer: connectSessionStatusSchema,
  errors: [],
});
