import "server-only";
import type { KeyList, KeyView } from "@/lib/api/key-views";
import type { ApiKeyRow } from "@/lib/db/api-keys";

/** A key as the API shows it. @param now milliseconds since 1970 */
export function keyView(row: ApiKeyRow, now: number = Date.now()): KeyView {
  const expired = row.expiresAt !== null && Date.parse(row.expiresAt) <= now;
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    scopes: [...row.scopes],
    status: row.revokedAt !== null ? "revoked" : expired ? "expired" : "active",
    created_by: { id: row.createdBy.id, name: row.createdBy.name ?? row.createdBy.id },
    created_at: row.createdAt,
    expires_at: row.expiresAt,
    last_used_at: row.lastUsedAt,
    revoked_at: row.revokedAt,
    revoked_why: row.revokedWhy,
  };
}

export function keyListView(page: { keys: ApiKeyRow[]; nextCursor: string | null; totalCount: number }): KeyList {
  return {
    api_keys: page.keys.map((row) => keyView(row)),
    next_cursor: page.nextCursor,
    total_count: page.totalCount,
  };
}
