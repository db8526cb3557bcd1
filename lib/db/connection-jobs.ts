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
  /** When somebody last signed in: a look that began before the present one decides nothing. */
  signedInAt: string | null;
  /** Since when a look is asked for. */
  lookingSince: string | null;
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
    signedInAt: row.signed_in_at,
    lookingSince: row.looking_since,
    accountId: row.account_id,
    accountName: row.account_name,
    connectedBy: row.connected_by,
  };
}

/** The connection as a look found it when it began. */
type Looked = Pick<JobConnection, "id" | "signedInAt">;

/**
 * Records whose account it is. Another account than the one on record becomes needs_attention(account_mismatch); the
 * one on record again ends that.
 */
export async function setIdentity(
  { id, signedInAt }: Looked,
  account: { accountId: string; accountName: string },
): Promise<"applied" | "unchanged" | "mismatch" | "restored" | "ignored"> {
  const [row] = await ask(systemDb("jobs")`
    select patchbay.set_identity(${id}, ${signedInAt}, ${account.accountId}, ${account.accountName}) as result`);
  return row?.result;
}

export type Refusal = "auth_failed" | "permission_lost" | "refresh_failed";
export type Look = { ok: true } | { ok: false; reason: Refusal; error?: string };

/** Records the answer of a look at a connection: it decides between connected and needs_attention. */
export async function recordLook(
  { id, signedInAt }: Looked,
  look: Look,
): Promise<"connected" | "needs_attention" | "ignored"> {
  const reason = look.ok ? null : look.reason;
  const error = look.ok ? null : (look.error ?? null);
  const [row] = await ask(systemDb("jobs")`
    select patchbay.record_look(${id}, ${signedInAt}, ${look.ok}, ${reason}, ${error}) as result`);
  return row?.result;
}

/** A look has found out nothing: what was known before stays. */
export async function recordUndecided({ id, signedInAt }: Looked): Promise<void> {
  await ask(systemDb("jobs")`select patchbay.record_undecided(${id}, ${signedInAt})`);
}

/** Something speaks against a connection that nothing was known against: suspect until a look has decided. */
export async function suspect({ id, signedInAt }: Looked): Promise<void> {
  await ask(systemDb("jobs")`select patchbay.suspect(${id}, ${signedInAt})`);
}

/** Other connections of the same account may have lost their access with this one: they are looked at. */
export async function lookAtSameAccount(id: string): Promise<void> {
  await ask(systemDb("jobs")`select patchbay.look_at_same_account(${id})`);
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
