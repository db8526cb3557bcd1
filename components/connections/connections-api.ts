"use client";

import { callApi } from "@/components/api-client";
import type { StartInput } from "@/components/connectors/connect-state";
import type {
  AttemptView,
  CloseReason,
  ConfirmAnswer,
  ConnectionList,
  ConnectionView,
  EventList,
  SessionAnswer,
  StatusFilter,
  Visibility,
} from "@/lib/api/views";

/** The calls of the pages, one function each. They carry the owner that the page was drawn for. */

export type ConnectionFilters = {
  connector?: string;
  status?: StatusFilter;
  owner?: "everyone" | "only_me" | "mine";
  limit?: number;
};

export function fetchConnections(
  ownerId: string,
  filters: ConnectionFilters,
  cursor: string | null,
  signal?: AbortSignal,
) {
  const query = new URLSearchParams({ owner_id: ownerId });
  for (const [name, value] of Object.entries(filters)) if (value !== undefined) query.set(name, String(value));
  if (cursor) query.set("cursor", cursor);
  return callApi<ConnectionList>("GET", `/api/v1/connections?${query}`, { signal });
}

export function startSession(input: StartInput & { ownerId: string }) {
  const { connector, visibility, oauthMethod, connectionConfig, ownerId } = input;
  const body = {
    connector,
    visibility,
    oauth_method: oauthMethod,
    connection_config: connectionConfig,
    owner_id: ownerId,
  };
  return callApi<SessionAnswer>("POST", "/api/nango/session", { body });
}

export async function fetchAttempt(id: string): Promise<AttemptView> {
  return (await callApi<{ attempt: AttemptView }>("GET", `/api/nango/attempts/${id}`)).attempt;
}

export function confirmAttempt(id: string, connectionId: string | undefined, ownerId: string) {
  const body = { ...(connectionId && { connectionId }), owner_id: ownerId };
  return callApi<ConfirmAnswer>("POST", `/api/nango/attempts/${id}/confirm`, { body });
}

export function cancelAttempt(id: string, reason: CloseReason, ownerId: string) {
  return callApi<{ attempt: AttemptView }>("POST", `/api/nango/attempts/${id}/cancel`, {
    body: { reason, owner_id: ownerId },
  });
}

const connectionPath = (id: string) => `/api/v1/connections/${id}`;

type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** A call that answers with the connection as it is afterwards. */
async function askFor(method: Method, path: string, options: { body?: object; signal?: AbortSignal }) {
  return (await callApi<{ connection: ConnectionView }>(method, path, options)).connection;
}

export function fetchConnection(id: string, ownerId: string, signal?: AbortSignal): Promise<ConnectionView> {
  return askFor("GET", `${connectionPath(id)}?${new URLSearchParams({ owner_id: ownerId })}`, { signal });
}

export function fetchEvents(id: string, ownerId: string, cursor: string | null, signal?: AbortSignal) {
  const query = new URLSearchParams({ owner_id: ownerId, limit: "20" });
  if (cursor) query.set("cursor", cursor);
  return callApi<EventList>("GET", `${connectionPath(id)}/events?${query}`, { signal });
}

export function startReconnect(id: string, ownerId: string) {
  return callApi<SessionAnswer>("POST", `${connectionPath(id)}/reconnect`, { body: { owner_id: ownerId } });
}

export function renameConnection(id: string, label: string | null, ownerId: string): Promise<ConnectionView> {
  return askFor("PATCH", connectionPath(id), { body: { label, owner_id: ownerId } });
}

export function changeVisibility(id: string, visibility: Visibility, ownerId: string): Promise<ConnectionView> {
  return askFor("POST", `${connectionPath(id)}/visibility`, { body: { visibility, owner_id: ownerId } });
}

/** Makes the caller the one who is asked about it. */
export function becomeContact(id: string, ownerId: string): Promise<ConnectionView> {
  return askFor("POST", `${connectionPath(id)}/contact`, { body: { owner_id: ownerId } });
}

export function makeDefault(id: string, ownerId: string): Promise<ConnectionView> {
  return askFor("PATCH", connectionPath(id), { body: { is_default: true, owner_id: ownerId } });
}

/** Lets the account that signed in instead of the one before stay. */
export function keepAccount(id: string, account: string, ownerId: string): Promise<ConnectionView> {
  return askFor("POST", `${connectionPath(id)}/keep-account`, { body: { account, owner_id: ownerId } });
}

/** Asks for a look at it now; what it finds is in the connection a moment later. After a look of just now there is none. */
export function askForCheck(id: string, ownerId: string): Promise<ConnectionView> {
  return askFor("POST", `${connectionPath(id)}/check`, { body: { owner_id: ownerId } });
}

export function disconnectConnection(id: string, ownerId: string): Promise<ConnectionView> {
  return askFor("DELETE", connectionPath(id), { body: { owner_id: ownerId } });
}

export function undoDisconnect(id: string, ownerId: string): Promise<ConnectionView> {
  return askFor("POST", `${connectionPath(id)}/undo`, { body: { owner_id: ownerId } });
}
