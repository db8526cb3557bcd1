"use client";

import { callApi } from "@/components/api-client";
import type {
  AttemptView,
  CloseReason,
  ConfirmAnswer,
  ConnectionList,
  ConnectionStatus,
  ConnectionView,
  SessionAnswer,
  Visibility,
} from "@/lib/api/views";

/** The calls of the pages, one function each. They carry the owner that the page was drawn for. */

export type ConnectionFilters = {
  connector?: string;
  status?: ConnectionStatus;
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

export function startSession(input: { connector: string; visibility: Visibility; ownerId: string }) {
  const body = { connector: input.connector, visibility: input.visibility, owner_id: input.ownerId };
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

export async function renameConnection(id: string, label: string | null, ownerId: string): Promise<ConnectionView> {
  const body = { label, owner_id: ownerId };
  return (await callApi<{ connection: ConnectionView }>("PATCH", connectionPath(id), { body })).connection;
}

export async function disconnectConnection(id: string, ownerId: string): Promise<ConnectionView> {
  const body = { owner_id: ownerId };
  return (await callApi<{ connection: ConnectionView }>("DELETE", connectionPath(id), { body })).connection;
}

export async function undoDisconnect(id: string, ownerId: string): Promise<ConnectionView> {
  const body = { owner_id: ownerId };
  return (await callApi<{ connection: ConnectionView }>("POST", `${connectionPath(id)}/undo`, { body })).connection;
}
