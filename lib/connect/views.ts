import "server-only";
import type { z } from "zod";
import type {
  attemptViewSchema,
  connectionViewSchema,
  eventViewSchema,
  noticeViewSchema,
  Receipt,
} from "@/lib/api/views";
import { manifests } from "@/lib/catalogue/manifests";
import { actionsAffected, missingScopes } from "@/lib/catalogue/scopes";
import type { AttemptRow } from "@/lib/db/attempts";
import type { ConnectionRow } from "@/lib/db/connections";
import type { EventRow } from "@/lib/db/events";
import type { NoticeRow } from "@/lib/db/notices";
import { conditionOf, isStuck } from "./condition";

/** What a disconnect has done so far; null for live connections and for those that were gone by themselves. */
function receiptOf(row: ConnectionRow): Receipt | null {
  if (row.status !== "disconnected" || row.reasonCode === "gone_upstream") return null;
  const done = row.remoteDeletedAt !== null;
  return {
    nango: row.remoteResult ?? (isStuck(row) ? "stuck" : "waiting"),
    upstream: row.upstreamResult ?? (done ? "unknown" : "waiting"),
    finished_at: row.remoteDeletedAt,
  };
}

/** Of somebody who was deleted the id is all that is left; somebody who only ever used the API has no name here yet. */
function nameOf(person: { id: string; name: string | null; left: boolean }): string {
  return person.name ?? (person.left ? "Somebody" : person.id);
}

/** A connection as the API shows it. Nango's ids, errors and settings stay behind. */
export function connectionView(row: ConnectionRow): z.input<typeof connectionViewSchema> {
  const manifest = manifests.get(row.connector);
  const scopesMissing = missingScopes(row.scopesRequested, row.scopesGranted);
  return {
    id: row.id,
    connector: row.connector,
    status: row.status,
    reason_code: row.reasonCode,
    condition: conditionOf(row, { connector: manifest?.name ?? row.connector, missing: scopesMissing.length > 0 }),
    oauth_method: row.authMethod,
    visibility: row.visibility,
    account_id: row.accountId,
    account_name: row.accountName,
    label: row.label,
    is_default: row.isDefault,
    number: row.number,
    scopes_requested: row.scopesRequested,
    scopes_granted: row.scopesGranted,
    scopes_missing: scopesMissing,
    actions_affected: manifest ? actionsAffected(manifest, scopesMissing) : [],
    credentials_readable: row.credentialsReadable,
    found_account_name: row.foundAccountName,
    same_account_as: row.twinId,
    connected_by: {
      id: row.connectedBy.id,
      name: nameOf(row.connectedBy),
      image_url: row.connectedBy.imageUrl,
      left: row.connectedBy.left,
    },
    contact: row.contact && { id: row.contact.id, name: nameOf({ ...row.contact, left: false }) },
    sign_in_left: row.signInLeft,
    connected_at: row.connectedAt,
    last_used_at: row.lastUsedAt,
    last_synced_at: row.lastSyncedAt,
    checked_at: row.checkedAt,
    suspect_since: row.suspectSince,
    expires_at: row.expiresAt,
    disconnected_at: row.disconnectedAt,
    undo_until: row.undoUntil,
    receipt: receiptOf(row),
    can_manage: row.canManage,
    can_share: row.canShare,
    can_become_contact: row.canBecomeContact,
  };
}

/** An attempt as the API shows it. */
export function attemptView(row: AttemptRow): z.input<typeof attemptViewSchema> {
  return {
    id: row.id,
    connector: row.connector,
    status: row.status,
    outcome: row.outcome,
    connection_id: row.connectionId,
    expires_at: row.sessionExpiresAt,
  };
}

/** One line of a connection's history as the API shows it. */
export function eventView(row: EventRow): z.input<typeof eventViewSchema> {
  return {
    id: String(row.id),
    type: row.type,
    reason_code: row.reasonCode,
    actor: row.actor,
    data: row.data as z.input<typeof eventViewSchema>["data"],
    created_at: row.createdAt,
  };
}

/** A notice as the API shows it. */
export function noticeView(row: NoticeRow): z.input<typeof noticeViewSchema> {
  return {
    id: row.id,
    kind: row.kind,
    connection_id: row.connectionId,
    connector: row.connector,
    account: row.account,
    reason_code: row.reasonCode,
    days: row.days,
    visibility: row.visibility,
    person: row.person,
    count: row.count,
    created_at: row.createdAt,
    seen: row.seen,
  };
}
