import "server-only";
import type { Scope } from "@/lib/auth/scopes";
import type { Tenant } from "@/lib/auth/tenant";
import { ask, systemDb } from "@/lib/db/system";

/** Requests a minute. */
export type RequestLimits = { key: number; person: number; owner: number };

/** How one of the limits stands after a request was counted. */
export type RequestCount = {
  name: "key" | "person" | "owner";
  quota: number;
  left: number;
  /** Seconds until it begins anew. */
  resetIn: number;
  refused: boolean;
};

/** A key that may be used, as the database knows it. */
export type AdmittedKey = { id: string; prefix: string; ownerId: string; createdBy: string; scopes: readonly Scope[] };

type Row = { name: RequestCount["name"]; quota: number; remaining: number; reset_in: number; refused: boolean };
const toCount = ({ name, quota, remaining, reset_in, refused }: Row): RequestCount => ({
  name,
  quota,
  left: remaining,
  resetIn: reset_in,
  refused,
});

/** Counts a person's request. A request beyond a limit is counted nowhere. */
export async function admitPerson(tenant: Tenant, limits: RequestLimits): Promise<RequestCount[]> {
  const found = await ask(systemDb("api_key")<Row[]>`
    select name, quota, remaining, reset_in, refused
    from patchbay.count_request(${tenant.ownerId}, ${tenant.userId}, ${limits.person}, ${limits.owner})`);
  return found.map(toCount);
}

/**
 * Finds a key by its digest and counts the request, in one round trip. Its last use is written once a minute.
 *
 * @param limits null counts nothing
 * @returns null for a key that is unknown, revoked or past its end
 */
export async function admitKey(
  hash: Uint8Array,
  limits: RequestLimits | null,
): Promise<{ key: AdmittedKey; counts: RequestCount[] } | null> {
  const [row] = await ask(systemDb("api_key")`
    select id, prefix, owner_id, created_by, scopes, counts
    from patchbay.admit_key(${hash}, ${limits?.key ?? null}, ${limits?.person ?? null}, ${limits?.owner ?? null})`);
  if (!row) return null;
  const key = {
    id: row.id,
    prefix: row.prefix,
    ownerId: row.owner_id,
    createdBy: row.created_by,
    scopes: row.scopes,
  };
  return { key, counts: ((row.counts ?? []) as Row[]).map(toCount) };
}
