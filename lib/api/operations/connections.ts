import { nangoErrors, operation } from "@/lib/api/operation";
import {
  changeVisibilitySchema,
  connectionAnswerSchema,
  connectionListSchema,
  eventListSchema,
  idParamsSchema,
  keepAccountSchema,
  listConnectionsSchema,
  listEventsSchema,
  ownerOnlySchema,
  sessionAnswerSchema,
  updateConnectionSchema,
} from "@/lib/api/views";

/** The calls about connected accounts. */

export const listConnections = operation({
  id: "listConnections",
  method: "GET",
  path: "/api/v1/connections",
  tag: "Connections",
  summary: "List the connections that you may use.",
  description:
    "Newest first, a page at a time. `connector`, `status` and `owner` narrow the list; `status=attention` finds all that somebody should see to.",
  scope: "connections:read",
  query: listConnectionsSchema,
  answer: connectionListSchema,
  errors: [],
});

export const getConnection = operation({
  id: "getConnection",
  method: "GET",
  path: "/api/v1/connections/{id}",
  tag: "Connections",
  summary: "Read one connection: how it stands, whose turn it is, and what helps.",
  scope: "connections:read",
  params: idParamsSchema,
  query: ownerOnlySchema,
  answer: connectionAnswerSchema,
  errors: [],
});

export const updateConnection = operation({
  id: "updateConnection",
  method: "PATCH",
  path: "/api/v1/connections/{id}",
  tag: "Connections",
  summary: "Name a connection, or make it the default of its connector.",
  scope: "connections:write",
  params: idParamsSchema,
  body: updateConnectionSchema,
  answer: connectionAnswerSchema,
  errors: ["forbidden", "connection_disconnected"],
});

export const disconnectConnection = operation({
  id: "disconnectConnection",
  method: "DELETE",
  path: "/api/v1/connections/{id}",
  tag: "Connections",
  summary: "Disconnect an account.",
  description:
    "It cannot be used from this moment on. The sign-in itself is removed half a minute later, and that is repeated until it is done: `receipt` says how far it is. Until then it can be undone.",
  scope: "connections:write",
  params: idParamsSchema,
  body: ownerOnlySchema,
  answer: connectionAnswerSchema,
  errors: ["forbidden"],
});

export const undoDisconnect = operation({
  id: "undoDisconnect",
  method: "POST",
  path: "/api/v1/connections/{id}/undo",
  tag: "Connections",
  summary: "Undo a disconnect of your own, within half a minute.",
  scope: "connections:write",
  params: idParamsSchema,
  body: ownerOnlySchema,
  answer: connectionAnswerSchema,
  errors: ["forbidden", "undo_expired"],
  idempotent: true,
});

export const reconnectConnection = operation({
  id: "reconnectConnection",
  method: "POST",
  path: "/api/v1/connections/{id}/reconnect",
  tag: "Connections",
  summary: "Start signing in again.",
  description:
    "Open `connectLink`, or Nango's frontend with `sessionToken`, where the person who manages the account can sign in. What works now goes on working until that is done. A sign-in at the provider itself (`oauth_method: direct`) can only be finished in the browser that asked for it.",
  scope: "connections:write",
  params: idParamsSchema,
  body: ownerOnlySchema,
  answer: sessionAnswerSchema,
  status: 201,
  errors: [
    "forbidden",
    "connection_disconnected",
    "connection_gone",
    "connector_unavailable",
    "connector_not_configured",
    "connector_blocked",
    "direct_not_configured",
    "direct_unreachable",
    ...nangoErrors,
  ],
  idempotent: "once",
});

export const checkConnection = operation({
  id: "checkConnection",
  method: "POST",
  path: "/api/v1/connections/{id}/check",
  tag: "Connections",
  summary: "Have a connection looked at now.",
  description: "The answer shows it as being checked; read it again in a few seconds.",
  scope: "connections:write",
  params: idParamsSchema,
  body: ownerOnlySchema,
  answer: connectionAnswerSchema,
  errors: ["forbidden", "connection_disconnected"],
  idempotent: true,
});

export const keepAccount = operation({
  id: "keepAccount",
  method: "POST",
  path: "/api/v1/connections/{id}/keep-account",
  tag: "Connections",
  summary: "Keep another account than before.",
  description:
    "Somebody signed in as another account, so the connection waits (reason_code account_mismatch). `account` is the name as it was shown in found_account_name: by then it may be yet another.",
  scope: "connections:write",
  params: idParamsSchema,
  body: keepAccountSchema,
  answer: connectionAnswerSchema,
  errors: ["forbidden", "connection_not_ready"],
  idempotent: true,
});

export const changeVisibility = operation({
  id: "changeVisibility",
  method: "POST",
  path: "/api/v1/connections/{id}/visibility",
  tag: "Connections",
  summary: "Say who may use a connection: everyone in the organisation, or you alone.",
  scope: null,
  params: idParamsSchema,
  body: changeVisibilitySchema,
  answer: connectionAnswerSchema,
  errors: ["forbidden", "connection_disconnected"],
  idempotent: true,
});

export const becomeContact = operation({
  id: "becomeContact",
  method: "POST",
  path: "/api/v1/connections/{id}/contact",
  tag: "Connections",
  summary: "Become the one who is asked about a connection.",
  scope: null,
  params: idParamsSchema,
  body: ownerOnlySchema,
  answer: connectionAnswerSchema,
  errors: ["forbidden", "connection_disconnected"],
  idempotent: true,
});

export const listConnectionEvents = operation({
  id: "listConnectionEvents",
  method: "GET",
  path: "/api/v1/connections/{id}/events",
  tag: "Connections",
  summary: "Read what happened to a connection, newest first.",
  scope: "connections:read",
  params: idParamsSchema,
  query: listEventsSchema,
  answer: eventListSchema,
  errors: [],
});
