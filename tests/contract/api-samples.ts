import { randomUUID } from "node:crypto";

/** One right request of every call, about something that does not exist: what the refusals and the fuzz begin with. */
export type Sample = {
  params?: Record<string, string>;
  query?: Record<string, string>;
  body?: Record<string, unknown>;
  /** Another right body. Left out: the same, with the owner named. */
  otherBody?: Record<string, unknown>;
};

const nothing = () => ({ params: { id: randomUUID() } });
const about =
  (body: Record<string, unknown> = {}) =>
  () => ({ ...nothing(), body });
const connector = { slug: "no-such-connector" };
const contacts = { provider: "nango", resource: "crm.contact", operation: "list" };

export const samples: Record<string, () => Sample> = {
  listConnections: () => ({}),
  getConnection: nothing,
  updateConnection: about({ label: "Work" }),
  disconnectConnection: about(),
  undoDisconnect: about(),
  reconnectConnection: about(),
  checkConnection: about(),
  keepAccount: about({ account: "Acme" }),
  changeVisibility: about({ visibility: "only_me" }),
  becomeContact: about(),
  listConnectionEvents: nothing,
  listConnectLinks: () => ({}),
  makeConnectLink: () => ({ body: { connector: "no-such-connector", email: "somebody@else.test" } }),
  revokeConnectLink: about(),
  listQuarantine: () => ({}),
  adoptQuarantined: about(),
  deleteQuarantined: about(),
  listDepartures: () => ({}),
  listNotices: () => ({}),
  seeNotices: () => ({ body: { until_id: "1" } }),
  listActions: () => ({ params: connector }),
  runAction: () => ({
    params: { ...connector, action: "no_such_action" },
    body: {},
    otherBody: { connection_id: randomUUID() },
  }),
  callUnified: () => ({ body: contacts, otherBody: { ...contacts, params: { limit: 1 } } }),
  listConnectors: () => ({}),
  listConnectorsByList: () => ({}),
  getConnector: () => ({ params: connector }),
  authorizeConnector: () => ({ params: connector, body: { redirect_uri: "https://app.example.com/connected" } }),
  redeemAuthorization: () => ({ params: connector, query: { state: "no-such-state", code: "no-such-code" } }),
  refreshConnection: () => ({ params: connector, body: {} }),
  makeConnectSession: () => ({ body: { connector: "no-such-connector" } }),
  getConnectSession: nothing,
  listTriggers: () => ({ params: connector }),
  listTriggerEvents: () => ({}),
  listApiKeys: () => ({}),
  makeApiKey: () => ({ body: { name: "Key", scopes: ["actions:run:no-such-connector"], expires_in_days: 30 } }),
  revokeApiKey: about(),
};
