"use client";

import { callApi } from "@/components/api-client";
import type { QuarantineList } from "@/lib/api/quarantine-views";
import type { ConnectionView } from "@/lib/api/views";

/** The calls of the quarantine page, one function each. They carry the owner that the page was drawn for. */

export function fetchQuarantine(
  ownerId: string,
  page: { limit: number; cursor?: string | null },
  signal?: AbortSignal,
) {
  const query = new URLSearchParams({ owner_id: ownerId, limit: String(page.limit) });
  if (page.cursor) query.set("cursor", page.cursor);
  return callApi<QuarantineList>("GET", `/api/v1/quarantine?${query}`, { signal });
}

const itemPath = (id: string) => `/api/v1/quarantine/${id}`;

/** @returns the connection that it has become */
export async function adoptQuarantined(id: string, ownerId: string): Promise<ConnectionView> {
  const body = { owner_id: ownerId };
  return (await callApi<{ connection: ConnectionView }>("POST", `${itemPath(id)}/adopt`, { body })).connection;
}

export function deleteQuarantined(id: string, ownerId: string) {
  return callApi<unknown>("DELETE", itemPath(id), { body: { owner_id: ownerId } });
}
