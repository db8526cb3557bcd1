"use client";

import { callApi } from "@/components/api-client";
import type { KeyList, KeyView, MadeKey, MakeKey } from "@/lib/api/key-views";

/** The calls about keys. They carry the owner that the page was drawn for. */

export function fetchKeys(ownerId: string, page: { limit: number; cursor: string | null }, signal?: AbortSignal) {
  const query = new URLSearchParams({ owner_id: ownerId, limit: String(page.limit) });
  if (page.cursor) query.set("cursor", page.cursor);
  return callApi<KeyList>("GET", `/api/v1/api-keys?${query}`, { signal });
}

export function makeKey(body: MakeKey): Promise<MadeKey> {
  return callApi<MadeKey>("POST", "/api/v1/api-keys", { body });
}

export async function revokeKey(id: string, ownerId: string): Promise<KeyView> {
  const body = { owner_id: ownerId };
  return (await callApi<{ api_key: KeyView }>("DELETE", `/api/v1/api-keys/${id}`, { body })).api_key;
}
