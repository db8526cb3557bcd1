import "server-only";
import type { Row } from "postgres";
import type { Scope } from "@/lib/auth/scopes";
import type { Tenant } from "@/lib/auth/tenant";
import { isAdmin, isUuid } from "@/lib/db/connections";
import { decodeCursor, encodeCursor } from "@/lib/db/cursor";
import { ask, systemDb, toIso } from "@/lib/db/system";
import { AppError } from "@/lib/errors";

/** A key as people may know it: nothing here holds the key itself. Times are ISO 8601, UTC. */
export type ApiKeyRow = {
  id: string;
  name: string;
  prefix: string;
  scopes: readonly Scope[];
  createdBy: { id: string; name: string | null };
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  revokedAt: string | null;
  revokedWhy: "by_person" | "owner_left" | "owner_deleted" | null;
};

export type NewApiKey = {
  name: string;
  prefix: string;
  hash: Uint8Array;
  scopes: readonly Scope[];
  expiresAt: Date | null;
};

/** @throws AppError too_many_keys */
export async function insertApiKey(tenant: Tenant, key: NewApiKey): Promise<ApiKeyRow> {
  const [row] = await ask(systemDb("mutations")`
    select patchbay.make_api_key(${tenant.ownerId}, ${tenant.userId}, ${key.name}, ${key.prefix}, ${key.hash},
      ${key.scopes as string[]}::text[], ${key.expiresAt}) as id`);
  return getApiKey(tenant, row?.id);
}

/**
 * Keys of the tenant's owner, newest first: all for its admins, one's own otherwise.
 * @throws AppError invalid_request for a cursor that is not ours
 */
export async function listApiKeys(
  tenant: Tenant,
  page: { limit?: number; cursor?: string | undefined } = {},
): Promise<{ keys: ApiKeyRow[]; nextCursor: string | null; totalCount: number }> {
  const limit = Math.min(Math.max(Math.trunc(page.limit ?? 50), 1), 200);
  const [beforeAt = null, beforeId = null] = page.cursor === undefined ? [] : decodeCursor(page.cursor);
  // One more than asked for tells whether there is a next page.
  const found = await ask(systemDb("mutations")`
    select * from patchbay.list_api_keys(${tenant.ownerId}, ${tenant.userId}, ${isAdmin(tenant)}, null, ${beforeAt},
      ${beforeId}, ${limit + 1})`);
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return {
    keys: rows.map(toKey),
    nextCursor: found.length > limit && last ? encodeCursor([toIso(last.created_at), last.id]) : null,
    totalCount: Number(found[0]?.total_count ?? 0),
  };
}

/** From then on it opens nothing. @throws AppError not_found */
export async function revokeApiKey(tenant: Tenant, id: string): Promise<ApiKeyRow> {
  if (!isUuid(id)) throw new AppError("not_found");
  await ask(systemDb("mutations")`
    select patchbay.revoke_api_key(${tenant.ownerId}, ${tenant.userId}, ${isAdmin(tenant)}, ${id})`);
  return getApiKey(tenant, id);
}

async function getApiKey(tenant: Tenant, id: string): Promise<ApiKeyRow> {
  const [row] = await ask(systemDb("mutations")`
    select * from patchbay.list_api_keys(${tenant.ownerId}, ${tenant.userId}, ${isAdmin(tenant)}, ${id})`);
  if (!row) throw new AppError("not_found");
  return toKey(row);
}

const iso = (time: string | null) => (time === null ? null : toIso(time));

function toKey(row: Row): ApiKeyRow {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    scopes: row.scopes,
    createdBy: { id: row.created_by, name: row.person_name },
    createdAt: toIso(row.created_at),
    expiresAt: iso(row.expires_at),
    lastUsedAt: iso(row.last_used_at),
    revokedAt: iso(row.revoked_at),
    revokedWhy: row.revoked_why,
  };
}
