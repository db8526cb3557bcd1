import "server-only";
import { createHash } from "node:crypto";
import { readerOf, type Tenant } from "@/lib/auth/tenant";
import { isAdmin, isUuid } from "@/lib/db/connections";
import { decodeCursor, encodeCursor } from "@/lib/db/cursor";
import { ask, systemDb, toIso } from "@/lib/db/system";
import { AppError } from "@/lib/errors";

/**
 * Connect links.
 *
 * Threat: a link opens the door to another organisation, for somebody it was not made for, or more than once.
 * Invariant: it is found by its token's digest together with the person it is for, or an address that they have proven, or
 * through an attempt that the caller started by it; what it opens is its own attempts. Guarded by
 * tests/integration/connect-links-people.test.ts and connect-links-binding.test.ts.
 */

export type LinkStatus = "open" | "used" | "revoked" | "expired";

export type LinkRow = {
  id: string;
  connector: string;
  email: string | null;
  status: LinkStatus;
  createdBy: { id: string; name: string | null };
  createdAt: string;
  expiresAt: string;
  usedBy: { id: string; name: string | null } | null;
  usedAt: string | null;
  connectionId: string | null;
  revokedAt: string | null;
};

/** A link as whoever it was made for may know it. */
export type OpenedLink = {
  id: string;
  ownerId: string;
  connector: string;
  status: LinkStatus;
  createdBy: { id: string; name: string | null };
  expiresAt: string;
  usedAt: string | null;
  revokedAt: string | null;
  /** What its sign-in asks for; null: what the connector asks for. */
  scopes: string[] | null;
  /** Where whoever followed it goes back to. */
  redirectUri: string | null;
  /** Whether they can still be sent back with a code. */
  leadsBack: boolean;
};

export const digest = (secret: string): Buffer => createHash("sha256").update(secret).digest();

/** By what a caller came in: what came of a link is given to no other. */
export function madeWith({ caller }: Tenant): string {
  if (caller.kind === "session") return "session";
  return caller.kind === "key" ? `key:${caller.id}` : `oauth:${caller.clientId}`;
}

export type NewLink = {
  connector: string;
  /** null: it is for the tenant's own person. */
  email: string | null;
  /** Kept as a digest only, as is the state. */
  token: string;
  /** How many open links the person may have; left out: as many as the owner. */
  most?: number;
  /** For the answer of a call that failed: these have a limit of their own. */
  automatic?: boolean;
  scopes?: string[];
  back?: { redirectUri: string; state: string };
};

/** How many links of failed calls a person may have open. */
const MOST_AUTOMATIC = 10;

/**
 * Keeps a new link of the tenant's owner.
 * @throws AppError unknown_connector, connector_unavailable, connector_blocked, too_many_links
 */
export async function makeLink(tenant: Tenant, link: NewLink): Promise<LinkRow> {
  const { connector, email, token, automatic = false, scopes = null, back } = link;
  const { most = automatic ? MOST_AUTOMATIC : 50 } = link;
  const [row] = await ask(systemDb("mutations")`
    select patchbay.make_link(${tenant.ownerId}, ${tenant.userId}, ${connector}, ${email}, ${digest(token)}, ${most},
      ${madeWith(tenant)}, ${scopes}::text[], ${back?.redirectUri ?? null}, ${back ? digest(back.state) : null},
      ${automatic}) as id`);
  return getLink(tenant, row?.id);
}

/**
 * The links of the tenant's owner, newest first: all for its admins, one's own otherwise.
 * @throws AppError invalid_request for a cursor that is not ours
 */
export async function listLinks(
  tenant: Tenant,
  page: { limit?: number; cursor?: string | undefined } = {},
): Promise<{ links: LinkRow[]; nextCursor: string | null; totalCount: number }> {
  const limit = Math.min(Math.max(Math.trunc(page.limit ?? 50), 1), 200);
  const [beforeAt = null, beforeId = null] = page.cursor === undefined ? [] : decodeCursor(page.cursor);
  // One more than asked for tells whether there is a next page.
  const found = await listed(tenant, null, beforeAt, beforeId, limit + 1);
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return {
    links: rows.map(toLink),
    nextCursor: found.length > limit && last ? encodeCursor([toIso(last.created_at), last.id]) : null,
    totalCount: Number(found[0]?.total_count ?? 0),
  };
}

/**
 * Ends a link; what is under way through it is cancelled.
 * @throws AppError not_found, link_finished when it was used
 */
export async function revokeLink(tenant: Tenant, id: string): Promise<LinkRow> {
  if (!isUuid(id)) throw new AppError("not_found");
  await ask(systemDb("mutations")`
    select patchbay.revoke_link(${tenant.ownerId}, ${tenant.userId}, ${isAdmin(tenant)}, ${id})`);
  return getLink(tenant, id);
}

/** The link of a token, for the person it is for, or who has proven its address; null otherwise, whatever is wrong. */
export async function findLink(token: string, userId: string, emails: readonly string[]): Promise<OpenedLink | null> {
  const [row] = await ask(systemDb("attempts")`
    select * from patchbay.find_link(${digest(token)}, ${emails as string[]}::text[], ${userId})`);
  if (!row) return null;
  return {
    id: row.id,
    ownerId: row.owner_id,
    connector: row.connector,
    status: row.status,
    createdBy: { id: row.created_by, name: row.created_by_name },
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    revokedAt: row.revoked_at,
    scopes: row.scopes,
    redirectUri: row.redirect_uri,
    leadsBack: row.leads_back,
  };
}

/** The owner for whom a person started this attempt through this link; null when they did not. */
export async function ownerOfLinkAttempt(token: string, userId: string, attemptId: string): Promise<string | null> {
  if (!isUuid(attemptId)) return null;
  const [row] = await ask(systemDb("attempts")`
    select patchbay.owner_of_link_attempt(${digest(token)}, ${userId}, ${attemptId}) as owner_id`);
  return (row?.owner_id as string | null | undefined) ?? null;
}

type Listed = {
  id: string;
  connector: string;
  email: string | null;
  status: LinkStatus;
  created_by: string;
  created_by_name: string | null;
  created_at: string;
  expires_at: string;
  used_by: string | null;
  used_by_name: string | null;
  used_at: string | null;
  connection_id: string | null;
  revoked_at: string | null;
  total_count: string;
};

function listed(
  tenant: Tenant,
  id: string | null,
  beforeAt: string | null,
  beforeId: string | null,
  limit: number,
): Promise<Listed[]> {
  return ask(systemDb("mutations")<Listed[]>`
    select * from patchbay.list_links(${tenant.ownerId}, ${tenant.userId}, ${readerOf(tenant)}, ${isAdmin(tenant)}, ${id},
      ${beforeAt}, ${beforeId}, ${limit})`);
}

/** One link, whatever it was made for: the caller's own, or any of the owner's for its admins. @throws AppError not_found */
export async function getLink(tenant: Tenant, id: string): Promise<LinkRow> {
  if (!isUuid(id)) throw new AppError("not_found");
  const [row] = await listed(tenant, id, null, null, 1);
  if (!row) throw new AppError("not_found");
  return toLink(row);
}

const iso = (time: string | null) => (time === null ? null : toIso(time));

function toLink(row: Listed): LinkRow {
  return {
    id: row.id,
    connector: row.connector,
    email: row.email,
    status: row.status,
    createdBy: { id: row.created_by, name: row.created_by_name },
    createdAt: toIso(row.created_at),
    expiresAt: toIso(row.expires_at),
    usedBy: row.used_by === null ? null : { id: row.used_by, name: row.used_by_name },
    usedAt: iso(row.used_at),
    connectionId: row.connection_id,
    revokedAt: iso(row.revoked_at),
  };
}
