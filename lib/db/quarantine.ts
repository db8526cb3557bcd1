import "server-only";
import type { Tenant } from "@/lib/auth/tenant";
import { type ConnectionRow, getConnection, isAdmin, isUuid } from "@/lib/db/connections";
import { decodeCursor, encodeCursor } from "@/lib/db/cursor";
import { factsToJson, type NangoConnectionFacts } from "@/lib/db/facts";
import { oneTransaction } from "@/lib/db/nango-lock";
import { ask, systemDb, toIso } from "@/lib/db/system";
import type { QuarantineReason, Visibility } from "@/lib/db/vocabulary";
import { AppError } from "@/lib/errors";

/**
 * Connections at Nango that no attempt could claim, for those who may decide about them.
 *
 * Threat: a connection that somebody else authorised is adopted into, or deleted from, the wrong organisation, or an
 * administrator learns what somebody meant for themselves alone.
 * Invariant: what came from an only-me attempt is reached by the person who started it alone, and is a count to
 * administrators; the rest only by the owner's administrators (or the person who owns by themselves). A foreign id is as
 * unknown as any. Guarded by tests/integration/quarantine-api.test.ts.
 */

export type QuarantinedRow = {
  id: string;
  /** Null where the attempt is gone. */
  connector: string | null;
  integrationKey: string;
  reasonCode: QuarantineReason;
  startedBy: { id: string; name: string | null } | null;
  visibility: Visibility | null;
  firstSeenAt: string;
  seenCount: number;
  /** False where its owner is not certain, and for what was a connection before. */
  canAdopt: boolean;
};

/** Whoever decides about what is everyone's: an owner's administrators, or the person who owns by themselves. */
const decides = (tenant: Tenant) => tenant.orgId === null || isAdmin(tenant);

/**
 * What waits for the tenant's decision, newest first: members have that of their own only-me attempts.
 * @returns othersOnlyMeCount how many wait for other people alone; 0 to members
 * @throws AppError invalid_request for a cursor that is not ours
 */
export async function listQuarantine(
  tenant: Tenant,
  page: { limit?: number; cursor?: string | undefined } = {},
): Promise<{ items: QuarantinedRow[]; nextCursor: string | null; totalCount: number; othersOnlyMeCount: number }> {
  const limit = Math.min(Math.max(Math.trunc(page.limit ?? 50), 1), 200);
  const [beforeAt = null, beforeId = null] = page.cursor === undefined ? [] : decodeCursor(page.cursor);
  const sql = systemDb("mutations");
  const { ownerId, userId } = tenant;
  const [found, others] = await Promise.all([
    // One more than asked for tells whether there is a next page.
    ask(sql`select * from patchbay.list_quarantine(${ownerId}, ${userId}, ${decides(tenant)}, ${beforeAt}, ${beforeId},
      ${limit + 1})`),
    decides(tenant) ? ask(sql`select patchbay.count_others_quarantine(${ownerId}, ${userId}) as count`) : [],
  ]);
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return {
    items: rows.map((row) => ({
      id: row.id,
      connector: row.connector,
      integrationKey: row.integration_key,
      reasonCode: row.reason_code,
      startedBy: row.started_by === null ? null : { id: row.started_by, name: row.started_by_name },
      visibility: row.visibility,
      firstSeenAt: toIso(row.first_seen_at),
      seenCount: row.seen_count,
      canAdopt: row.can_adopt,
    })),
    nextCursor: found.length > limit && last ? encodeCursor([toIso(last.first_seen_at), last.id]) : null,
    totalCount: Number(found[0]?.total_count ?? 0),
    othersOnlyMeCount: Number(others[0]?.count ?? 0),
  };
}

/**
 * Makes a quarantined connection one of the attempt's owner and person.
 *
 * @param read asks Nango, while nobody else may work on the connection; null is its 404, which settles the matter
 * @throws AppError not_found (also when Nango no longer has it), forbidden, connection_mismatch, nango_*
 */
export async function adoptQuarantined(
  tenant: Tenant,
  id: string,
  read: (about: { integrationKey: string; connectionId: string }) => Promise<NangoConnectionFacts | null>,
): Promise<ConnectionRow> {
  if (!isUuid(id)) throw new AppError("not_found");
  const { ownerId, userId } = tenant;
  const adopted = await oneTransaction(async (query) => {
    const [held] = await query<{ integration_key: string; nango_connection_id: string }>(
      "select * from patchbay.lock_quarantined($1, $2, $3, $4)",
      [ownerId, userId, decides(tenant), id],
    );
    if (!held) throw new AppError("not_found");
    const facts = await read({ integrationKey: held.integration_key, connectionId: held.nango_connection_id });
    const [row] = await query<{ connection: string | null }>(
      "select patchbay.adopt_quarantined($1, $2, $3, $4, $5) as connection",
      [ownerId, userId, decides(tenant), id, facts && factsToJson(facts)],
    );
    return row?.connection ?? null;
  });
  const row = adopted === null ? null : await getConnection(tenant, adopted, "key");
  if (!row) throw new AppError("not_found");
  return row;
}

/**
 * Settles it at once; a job deletes it at Nango.
 * @throws AppError not_found, forbidden
 */
export async function deleteQuarantined(tenant: Tenant, id: string): Promise<void> {
  if (!isUuid(id)) throw new AppError("not_found");
  await ask(systemDb("mutations")`
    select patchbay.delete_quarantined(${tenant.ownerId}, ${tenant.userId}, ${decides(tenant)}, ${id})`);
}

/** For the job: what to delete at Nango; null when it is done, or has become a connection of ours. */
export async function quarantineToDelete(id: string): Promise<{ integrationKey: string; connectionId: string } | null> {
  const [row] = await ask(systemDb("jobs")`select * from patchbay.quarantine_to_delete(${id})`);
  return row ? { integrationKey: row.integration_key, connectionId: row.nango_connection_id } : null;
}

export async function quarantineDeleted(id: string): Promise<void> {
  await ask(systemDb("jobs")`select patchbay.quarantine_deleted(${id})`);
}
