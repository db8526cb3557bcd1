import "server-only";
import type { z } from "zod";
import type { attemptViewSchema, connectionViewSchema } from "@/lib/api/views";
import type { AttemptRow } from "@/lib/db/attempts";
import type { ConnectionRow } from "@/lib/db/connections";

/** A connection as the API shows it. Nango's ids, errors and settings stay behind. */
export function connectionView(row: ConnectionRow): z.input<typeof connectionViewSchema> {
  return {
    id: row.id,
    connector: row.connector,
    status: row.status,
    reason_code: row.reasonCode,
    visibility: row.visibility,
    account_id: row.accountId,
    account_name: row.accountName,
    label: row.label,
    is_default: row.isDefault,
    number: row.number,
    scopes_granted: row.scopesGranted,
    connected_by: {
      id: row.connectedBy.id,
      // Somebody who only ever used the API has no name here yet.
      name: row.connectedBy.name ?? row.connectedBy.id,
      image_url: row.connectedBy.imageUrl,
    },
    connected_at: row.connectedAt,
    last_used_at: row.lastUsedAt,
    expires_at: row.expiresAt,
    disconnected_at: row.disconnectedAt,
    undo_until: row.undoUntil,
    can_manage: row.canManage,
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
