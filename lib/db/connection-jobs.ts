import "server-only";
import { type Applied, toApplied } from "@/lib/db/facts";
import { ask, systemDb } from "@/lib/db/system";
import type { ConnectionReason, ConnectionStatus, FactSource, Visibility } from "@/lib/db/vocabulary";

/** A connection with Nango's ids, for jobs. Never sent to a client. */
export type JobConnection = {
  id: string;
  ownerId: string;
  connector: string;
  visibility: Visibility;
  integrationKey: string;
  nangoConnectionId: string;
  status: ConnectionStatus;
  reasonCode: ConnectionReason | null;
  suspectSince: string | null;
  accountId: string | null;
  accountName: string | null;
  connectedBy: string;
};

export async function connectionForJob(id: string): Promise<JobConnection | null> {
  const [row] = await ask(systemDb("jobs")`select * from patchbay.connection_for_job(${id})`);
  if (!row) return null;
  return {
    id: row.id,
    ownerId: row.owner_id,
    connector: row.connector,
    visibility: row.visibility,
    integrationKey: row.integration_key,
    nangoConnectionId: row.nango_connection_id,
    status: row.status,
    reasonCode: row.reason_code,
    suspectSince: row.suspect_since,
    accountId: row.account_id,
    accountName: row.account_name,
    connectedBy: row.connected_by,
  };
}

/**
 * Records whose account it is. Another account than the one on record becomes needs_attention(account_mismatch).
 */
export async function setIdentity(
  id: string,
  account: { accountId: string; accountName: string },
): Promise<"applied" | "unchanged" | "mismatch" | "ignored"> {
  const [row] = await ask(systemDb("jobs")`
    select patchbay.set_identity(${id}, ${account.accountId}, ${account.accountName}) as result`);
  return row?.result;
}

export type Look = { ok: true } | { ok: false; reason: "auth_failed" | "refresh_failed"; error?: string };

/** Records the answer of the second look at a connection: it decides between connected and needs_attention. */
export async function recordLook(id: string, look: Look): Promise<"connected" | "needs_attention" | "ignored"> {
  const reason = look.ok ? null : look.reason;
  const error = look.ok ? null : (look.error ?? null);
  const [row] = await ask(
    systemDb("jobs")`select patchbay.record_look(${id}, ${look.ok}, ${reason}, ${error}) as result`,
  );
  return row?.result;
}

/** An action ran on it. Writes at most once a minute. */
export async function touchConnection(id: string): Promise<void> {
  await ask(systemDb("jobs")`select patchbay.touch_connection(${id})`);
}

/** Nango answered 404 to a read that no delivery caused: a live row becomes a tombstone. */
export async function applyGone(
  integrationKey: string,
  nangoConnectionId: string,
  source: FactSource,
): Promise<Applied> {
  const [row] = await ask(systemDb("jobs")`
    select patchbay.apply_gone(${integrationKey}, ${nangoConnectionId}, ${source}) as result`);
  return toApplied(row?.result);
}
