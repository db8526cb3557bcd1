"use client";

import { callApi } from "@/components/api-client";
import type { ConnectCalls } from "@/components/connectors/connect-state";
import type { LinkList, LinkView, MadeLink } from "@/lib/api/link-views";
import type { AttemptView, ConfirmAnswer, SessionAnswer } from "@/lib/api/views";

/** The calls about connect links: those of who makes them carry the owner that the page was drawn for. */

export function fetchLinks(ownerId: string, page: { limit: number; cursor: string | null }, signal?: AbortSignal) {
  const query = new URLSearchParams({ owner_id: ownerId, limit: String(page.limit) });
  if (page.cursor) query.set("cursor", page.cursor);
  return callApi<LinkList>("GET", `/api/v1/connect-links?${query}`, { signal });
}

export function makeLink(input: { connector: string; email: string; ownerId: string }): Promise<MadeLink> {
  const body = { connector: input.connector, email: input.email, owner_id: input.ownerId };
  return callApi<MadeLink>("POST", "/api/v1/connect-links", { body });
}

export async function revokeLink(id: string, ownerId: string): Promise<LinkView> {
  const body = { owner_id: ownerId };
  return (await callApi<{ link: LinkView }>("DELETE", `/api/v1/connect-links/${id}`, { body })).link;
}

/** Leaves a link that leads back to a program. @returns where to go on */
export async function leaveLink(token: string): Promise<string> {
  const path = `/api/connect/${encodeURIComponent(token)}/leave`;
  return (await callApi<{ redirect_to: string }>("POST", path, { body: {} })).redirect_to;
}

/** Connecting by a link: the same steps as by a connector of one's own. The link says what is connected, and for whom. */
export function callsOfLink(token: string): ConnectCalls {
  const base = `/api/connect/${encodeURIComponent(token)}`;
  const attempt = (id: string) => `${base}/attempts/${id}`;
  const notByLink = () => Promise.reject(new Error("a link reconnects nothing"));
  return {
    start: ({ oauthMethod, connectionConfig }) =>
      callApi<SessionAnswer>("POST", `${base}/session`, {
        body: { oauth_method: oauthMethod, connection_config: connectionConfig },
      }),
    attempt: async (id) => (await callApi<{ attempt: AttemptView }>("GET", attempt(id))).attempt,
    confirm: (id, connectionId) =>
      callApi<ConfirmAnswer>("POST", `${attempt(id)}/confirm`, { body: connectionId ? { connectionId } : {} }),
    cancel: (id, reason) => callApi<unknown>("POST", `${attempt(id)}/cancel`, { body: { reason } }),
    reconnect: notByLink,
    connection: notByLink,
  };
}
