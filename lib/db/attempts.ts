import "server-only";
import type { Tenant } from "@/lib/auth/tenant";
import { asCaller } from "@/lib/db/as-caller";
import { isAdmin, isUuid } from "@/lib/db/connections";
import { type Applied, factsToJson, type NangoConnectionFacts, toApplied } from "@/lib/db/facts";
import { ask, systemDb } from "@/lib/db/system";
import type { AttemptOutcome, AttemptStatus, CloseReason, FactSource, Visibility } from "@/lib/db/vocabulary";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";

/** One try to connect. Only the person who started it, acting for the same owner, ever gets it. */
export type AttemptRow = {
  id: string;
  ownerId: string;
  startedBy: string;
  connector: string;
  integrationKey: string;
  /** direct: it goes from us to the provider, without Nango. */
  authMethod: "nango" | "direct";
  visibility: Visibility;
  instance: string;
  /** What its sign-in asks for; null: what the connector asks for. */
  scopes: string[] | null;
  connectionId: string | null;
  status: AttemptStatus;
  outcome: AttemptOutcome | null;
  /** ISO 8601. A completion counts until ten minutes later. */
  sessionExpiresAt: string;
  createdAt: string;
};

type Stored = {
  id: string;
  owner_id: string;
  started_by: string;
  connector: string;
  integration_key: string;
  auth_method: "nango" | "direct";
  visibility: Visibility;
  instance: string;
  scopes: string[] | null;
  connection_id: string | null;
  status: AttemptStatus;
  outcome: AttemptOutcome | null;
  session_expires_at: string;
  created_at: string;
};

/**
 * @param input.linkId the connect link that it comes through; the attempt before it through that link is cancelled
 * @throws AppError unknown_connector, connector_unavailable, connector_blocked, for a link not_found and link_finished;
 *   nothing is written then
 */
export async function startAttempt(
  tenant: Tenant,
  input: { connector: string; integrationKey: string; visibility: Visibility; instance?: string; linkId?: string },
): Promise<AttemptRow> {
  const instance = input.instance ?? env().instance;
  const { connector, integrationKey, visibility, linkId } = input;
  const sql = systemDb("attempts");
  const found = await ask(
    linkId === undefined
      ? sql<Stored[]>`
          select * from patchbay.start_attempt(${tenant.ownerId}, ${tenant.userId}, ${connector}, ${integrationKey},
            ${visibility}, ${instance})`
      : sql<Stored[]>`
          select * from patchbay.start_link_attempt(${tenant.ownerId}, ${tenant.userId}, ${linkId}, ${connector},
            ${integrationKey}, ${visibility}, ${instance})`,
  );
  return toAttempt(one(found));
}

/** An attempt to sign in again, with the connection it is for. */
export type Reconnect = { attempt: AttemptRow; nangoConnectionId: string; connectedBy: string };

/**
 * Starts an attempt to sign in again on a connection that exists.
 * @throws AppError not_found, forbidden, connection_disconnected, connector_unavailable, connector_blocked
 */
export async function startReconnect(tenant: Tenant, connectionId: string): Promise<Reconnect> {
  if (!isUuid(connectionId)) throw new AppError("not_found");
  const found = await asCaller(
    tenant,
    "attempts",
    (sql) => sql<Stored[]>`
      select * from patchbay.start_reconnect(${tenant.ownerId}, ${tenant.userId}, ${isAdmin(tenant)}, ${connectionId},
        ${env().instance})`,
  );
  const [row] = await ask(systemDb("attempts")`
    select nango_connection_id, connected_by from public.connections
    where id = ${connectionId} and owner_id = ${tenant.ownerId}`);
  return {
    attempt: toAttempt(one(found)),
    nangoConnectionId: row?.nango_connection_id,
    connectedBy: row?.connected_by,
  };
}

/** Keeps the session that was minted for it. False: the attempt ended meanwhile. */
export async function attemptMinted(
  tenant: Tenant,
  id: string,
  session: { token: string; expiresAt: string },
): Promise<boolean> {
  const [row] = await ask(systemDb("attempts")`
    select patchbay.attempt_minted(${tenant.ownerId}, ${tenant.userId}, ${id}, ${session.token}, ${session.expiresAt}) as kept`);
  return row?.kept === true;
}

/** No session could be minted: the attempt is over. Null when it was over already or is not the tenant's. */
export async function failAttempt(
  tenant: Tenant,
  id: string,
  outcome: "not_configured" | "nango_unavailable",
): Promise<AttemptRow | null> {
  const [row] = await ask(systemDb("attempts")<Stored[]>`
    select * from patchbay.fail_attempt(${tenant.ownerId}, ${tenant.userId}, ${id}, ${outcome})`);
  return row ? toAttempt(row) : null;
}

/**
 * Ends an attempt for the reason that the page gives. Closed and failed ones may still be completed in time; a cancelled
 * one loses its session and never counts. What is final stays as it is and is returned.
 *
 * @throws AppError not_found
 */
export async function closeAttempt(tenant: Tenant, id: string, reason: CloseReason): Promise<AttemptRow> {
  if (!isUuid(id)) throw new AppError("not_found");
  const found = await ask(systemDb("attempts")<Stored[]>`
    select * from patchbay.close_attempt(${tenant.ownerId}, ${tenant.userId}, ${id}, ${reason})`);
  return toAttempt(one(found));
}

/** The tenant's own attempt; null for anybody else's. One whose time is over comes back as expired. */
export async function getAttempt(tenant: Tenant, id: string): Promise<AttemptRow | null> {
  if (!isUuid(id)) return null;
  const [row] = await ask(systemDb("attempts")<Stored[]>`
    select * from patchbay.get_attempt(${tenant.ownerId}, ${tenant.userId}, ${id})`);
  return row ? toAttempt(row) : null;
}

/** True for at most one caller per two seconds and attempt: that one may ask Nango. False once it is final. */
export async function claimAttemptPoll(tenant: Tenant, id: string): Promise<boolean> {
  const [row] = await ask(systemDb("attempts")`
    select patchbay.claim_attempt_poll(${tenant.ownerId}, ${tenant.userId}, ${id}) as claimed`);
  return row?.claimed === true;
}

/**
 * Makes the connection of an attempt from what Nango just said. The first call wins; later ones for the same Nango
 * connection are `applied` with the same connection.
 *
 * @returns verdict `refused` (connection_mismatch) when the connection carries another attempt's tags, `quarantined`
 *   with its reason when the attempt may not claim it, `ignored` (tombstone) after a disconnect
 */
export async function confirmAttempt(
  attemptId: string,
  facts: NangoConnectionFacts,
  source: FactSource,
): Promise<Applied> {
  const sql = systemDb("confirm");
  const [row] = await ask(sql`
    select patchbay.confirm_attempt(${attemptId}, ${sql.json(factsToJson(facts))}, ${source}) as result`);
  return toApplied(row?.result);
}

/** For the job that ends a session at Nango; null once erased. */
export async function sessionToken(attemptId: string): Promise<string | null> {
  const [row] = await ask(systemDb("jobs")`select patchbay.session_token(${attemptId}) as token`);
  return (row?.token as string | null | undefined) ?? null;
}

export async function eraseSessionToken(attemptId: string): Promise<void> {
  await ask(systemDb("jobs")`select patchbay.erase_session_token(${attemptId})`);
}

/** For the sweep: ends attempts whose time is over and erases the tokens of sessions that are. @returns how many expired */
export async function expireAttempts(): Promise<number> {
  const [row] = await ask(systemDb("jobs")`select patchbay.expire_attempts() as count`);
  return Number(row?.count ?? 0);
}

function one(found: readonly Stored[]): Stored {
  const [row] = found;
  if (!row) throw new AppError("internal", { cause: "the database returned no row" });
  return row;
}

function toAttempt(row: Stored): AttemptRow {
  return {
    id: row.id,
    ownerId: row.owner_id,
    startedBy: row.started_by,
    connector: row.connector,
    integrationKey: row.integration_key,
    authMethod: row.auth_method,
    visibility: row.visibility,
    instance: row.instance,
    scopes: row.scopes,
    connectionId: row.connection_id,
    status: row.status,
    outcome: row.outcome,
    sessionExpiresAt: row.session_expires_at,
    createdAt: row.created_at,
  };
}
