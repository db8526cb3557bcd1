import "server-only";
import type { Tenant } from "@/lib/auth/tenant";
import { asCaller } from "@/lib/db/as-caller";
import { decodeCursor, encodeCursor } from "@/lib/db/cursor";
import type { Database } from "@/lib/db/database.types";
import { type Door, read } from "@/lib/db/reading";
import { ask, systemDb, toIso } from "@/lib/db/system";
import type { ConnectionReason, ConnectionStatus, RemoteResult, UpstreamResult, Visibility } from "@/lib/db/vocabulary";
import { AppError } from "@/lib/errors";

/** A connection as a person may see it. Times are ISO 8601, UTC. */
export type ConnectionRow = {
  id: string;
  ownerId: string;
  connector: string;
  visibility: Visibility;
  authMethod: "nango" | "direct";
  status: ConnectionStatus;
  reasonCode: ConnectionReason | null;
  suspectSince: string | null;
  /** When a look was asked for that has not ended yet. */
  lookingSince: string | null;
  accountId: string | null;
  accountName: string | null;
  /** Who signed in instead, while reasonCode is account_mismatch. */
  foundAccountName: string | null;
  /** Another live connection of the same connector and account, which the reader may see. */
  twinId: string | null;
  label: string | null;
  isDefault: boolean;
  /** The n-th of its connector and owner. */
  number: number;
  scopesRequested: string[] | null;
  scopesGranted: string[] | null;
  credentialsReadable: boolean | null;
  /** left: they are no member of its owner any more. */
  connectedBy: { id: string; name: string | null; imageUrl: string | null; left: boolean };
  /** Who is asked about it; null for nobody. */
  contact: { id: string; name: string | null } | null;
  /** It still works by the sign-in of somebody who left. */
  signInLeft: boolean;
  connectedAt: string | null;
  signedInAt: string | null;
  checkedAt: string | null;
  disconnectedAt: string | null;
  disconnectedBy: string | null;
  lastUsedAt: string | null;
  lastSyncedAt: string | null;
  expiresAt: string | null;
  /** Until when the reader may undo the disconnect; null when they may not. */
  undoUntil: string | null;
  /** Failed tries in a row: of looks, or of the deletion at Nango. */
  errorCount: number;
  remoteDeletedAt: string | null;
  remoteResult: RemoteResult | null;
  upstreamResult: UpstreamResult | null;
  /** May the reader label, reconnect and disconnect it? */
  canManage: boolean;
  /** May the reader change who may use it? Whoever connected it, inside an organisation. */
  canShare: boolean;
  /** May the reader become the one who is asked about it, in place of somebody who left? */
  canBecomeContact: boolean;
  createdAt: string;
  updatedAt: string;
};

export type ConnectionFilter = {
  connector?: string;
  /** Left out: everything but tombstones. attention: what is broken or ends within fourteen days. */
  status?: ConnectionStatus | "attention";
  /** everyone's, only-me ones, or those that the caller connected. */
  owner?: "everyone" | "only_me" | "mine";
  /** 1 to 200; 100 if left out. */
  limit?: number;
  /** `nextCursor` of the page before. */
  cursor?: string;
};

type Listed = Database["public"]["Functions"]["list_connections"]["Returns"][number];

/**
 * Connections that the tenant may see, newest first.
 *
 * @throws AppError invalid_request for a cursor that is not ours
 */
export async function listConnections(
  tenant: Tenant,
  filter: ConnectionFilter = {},
  door?: Door,
): Promise<{ connections: ConnectionRow[]; nextCursor: string | null; totalCount: number }> {
  const limit = Math.min(Math.max(Math.trunc(filter.limit ?? 100), 1), 200);
  const after = filter.cursor === undefined ? null : decodeCursor(filter.cursor);
  const asked = {
    p_connector: filter.connector,
    p_status: filter.status,
    p_visible_to: filter.owner,
    p_before_at: after?.[0],
    p_before_id: after?.[1],
    // One more than asked for tells whether there is a next page.
    p_limit: limit + 1,
  };
  const found = await read(tenant, "list_connections", asked, { door });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  let totalCount = Number(found[0]?.total_count ?? 0);
  // A page behind the end says nothing of the total.
  if (!found.length && after) {
    const first = await listConnections(tenant, { ...filter, cursor: undefined, limit: 1 }, door);
    totalCount = first.totalCount;
  }
  return {
    connections: page.map((row) => toConnectionRow(row, tenant)),
    nextCursor: found.length > limit && last ? encodeCursor([toIso(last.created_at), last.id]) : null,
    totalCount,
  };
}

/** One connection in whatever status; null when it does not exist or the tenant may not see it. */
export async function getConnection(tenant: Tenant, id: string, door?: Door): Promise<ConnectionRow | null> {
  if (!isUuid(id)) return null;
  const [row] = await read(tenant, "list_connections", { p_id: id, p_limit: 1 }, { door });
  return row ? toConnectionRow(row, tenant) : null;
}

export type ConnectionCounts = Record<string, { connected: number; needsAttention: number; pending: number }>;

/** Live connections that the tenant may see, per connector; connectors without any are left out. */
export async function connectionCounts(tenant: Tenant, door?: Door): Promise<ConnectionCounts> {
  const found = await read(tenant, "connection_counts", {}, { door });
  return Object.fromEntries(
    found.map((row) => [
      row.connector,
      {
        connected: Number(row.connected),
        needsAttention: Number(row.needs_attention),
        pending: Number(row.pending),
      },
    ]),
  );
}

/** @throws AppError not_found, forbidden */
export function setLabel(tenant: Tenant, id: string, label: string | null): Promise<ConnectionRow> {
  return change(tenant, id, "set_label", label);
}

/**
 * Opens it to everyone in the organisation, or closes it again. For whoever connected it.
 * @throws AppError not_found, forbidden, connection_disconnected, invalid_request (outside an organisation),
 *   signed_in_by_other, sign_in_under_way (only me is one's own sign-in)
 */
export function setVisibility(tenant: Tenant, id: string, visibility: Visibility): Promise<ConnectionRow> {
  return change(tenant, id, "set_visibility", visibility);
}

/** Makes the caller who is asked about it. @throws AppError not_found, forbidden, connection_disconnected */
export function becomeContact(tenant: Tenant, id: string): Promise<ConnectionRow> {
  return change(tenant, id, "become_contact");
}

/** How many connections others have for themselves alone, for an organisation's admins; null for anybody else. */
export async function countOthersOnlyMe(tenant: Tenant): Promise<number | null> {
  if (!isAdmin(tenant)) return null;
  const [row] = await ask(systemDb("mutations")`
    select patchbay.count_others_only_me(${tenant.ownerId}, ${tenant.userId}) as count`);
  return Number(row?.count ?? 0);
}

/**
 * Makes it the one that is used where none is named. With a label it is named as well: both or neither.
 * @throws AppError not_found, forbidden, connection_disconnected
 */
export function setDefault(tenant: Tenant, id: string, label?: string | null): Promise<ConnectionRow> {
  return changeAll(tenant, id, label === undefined ? [["set_default"]] : [["set_default"], ["set_label", label]]);
}

/**
 * Accepts the account that signed in instead of the one on record.
 * @param account its name, as the person saw it
 * @throws AppError not_found, forbidden, connection_not_ready when there is nothing to keep, or another account by now
 */
export function keepAccount(tenant: Tenant, id: string, account: string): Promise<ConnectionRow> {
  return change(tenant, id, "keep_account", account);
}

/** Asks for a look now; its answer comes with a job. @throws AppError not_found, forbidden, connection_disconnected */
export function requestCheck(tenant: Tenant, id: string): Promise<ConnectionRow> {
  return change(tenant, id, "request_check");
}

/**
 * Makes it a tombstone at once and enqueues the remote part for after the undo time. Disconnecting twice is no error.
 *
 * @throws AppError not_found, forbidden
 */
export function disconnectConnection(tenant: Tenant, id: string): Promise<ConnectionRow> {
  return change(tenant, id, "disconnect_connection");
}

/** @throws AppError not_found, forbidden (somebody else disconnected it), undo_expired */
export function undoDisconnect(tenant: Tenant, id: string): Promise<ConnectionRow> {
  return change(tenant, id, "undo_disconnect");
}

/** Functions of the schema that check the caller and change one connection. */
type Change =
  | "set_label"
  | "set_visibility"
  | "become_contact"
  | "set_default"
  | "keep_account"
  | "request_check"
  | "disconnect_connection"
  | "undo_disconnect";

const change = (tenant: Tenant, id: string, ...one: [Change, ...(string | null)[]]) => changeAll(tenant, id, [one]);

/** Checked mutations in one statement, and the row as it stands afterwards, read with the tenant's predicate. */
async function changeAll(tenant: Tenant, id: string, all: [Change, ...(string | null)[]][]): Promise<ConnectionRow> {
  if (!isUuid(id)) throw new AppError("not_found");
  await asCaller(tenant, "mutations", (sql) => {
    const calls = all.map(([name, ...given], n) => {
      const rest = [isAdmin(tenant), id, ...given].map((value) => sql`, ${value}`);
      return sql`${n > 0 ? sql`,` : sql``} ${sql(`patchbay.${name}`)}(${tenant.ownerId}, ${tenant.userId} ${rest})`;
    });
    return sql`select ${calls}`;
  });
  const row = await getConnection(tenant, id, "key");
  if (!row) throw new AppError("not_found");
  return row;
}

export const isAdmin = (tenant: Tenant) => tenant.orgId !== null && tenant.role === "admin";

/** Ids are ours: anything that is no UUID names nothing, and must not reach the database as an error. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}

const iso = (time: string | null) => (time === null ? null : toIso(time));

function toConnectionRow(row: Listed, tenant: Tenant): ConnectionRow {
  // Whoever owns by themselves may manage what somebody else connected for them, too.
  const canManage = row.connected_by === tenant.userId || row.owner_id === tenant.userId || isAdmin(tenant);
  const live = row.status !== "disconnected";
  const mayUndo =
    canManage &&
    row.status === "disconnected" &&
    row.reason_code === "by_person" &&
    row.disconnected_by === tenant.userId &&
    row.remote_delete_started_at === null;
  return {
    id: row.id,
    ownerId: tenant.ownerId,
    // The generated types know columns by their names alone, and a notice may name no connector.
    connector: row.connector as string,
    visibility: row.visibility as Visibility,
    authMethod: row.auth_method as ConnectionRow["authMethod"],
    status: row.status as ConnectionStatus,
    reasonCode: row.reason_code as ConnectionReason | null,
    suspectSince: iso(row.suspect_since),
    lookingSince: iso(row.looking_since),
    accountId: row.account_id,
    accountName: row.account_name,
    foundAccountName: row.found_account_name,
    twinId: row.twin_id,
    label: row.label,
    isDefault: row.is_default,
    number: row.number,
    scopesRequested: row.scopes_requested,
    scopesGranted: row.scopes_granted,
    credentialsReadable: row.credentials_readable,
    connectedBy: {
      id: row.connected_by,
      name: row.person_name,
      imageUrl: row.person_image_url,
      left: row.person_left_at !== null,
    },
    contact: row.contact_id === null ? null : { id: row.contact_id, name: row.contact_name },
    signInLeft: row.sign_in_left,
    connectedAt: iso(row.connected_at),
    signedInAt: iso(row.signed_in_at),
    checkedAt: iso(row.checked_at),
    disconnectedAt: iso(row.disconnected_at),
    disconnectedBy: row.disconnected_by,
    lastUsedAt: iso(row.last_used_at),
    lastSyncedAt: iso(row.last_synced_at),
    expiresAt: iso(row.expires_at),
    undoUntil: mayUndo ? iso(row.remote_delete_after) : null,
    errorCount: row.error_count,
    remoteDeletedAt: iso(row.remote_deleted_at),
    remoteResult: row.remote_result as RemoteResult | null,
    upstreamResult: row.upstream_result as UpstreamResult | null,
    canManage,
    canShare: tenant.orgId !== null && row.connected_by === tenant.userId && live,
    canBecomeContact: canManage && live && row.person_left_at !== null && row.contact_id !== tenant.userId,
    createdAt: toIso(row.created_at),
    updatedAt: toIso(row.updated_at),
  };
}
