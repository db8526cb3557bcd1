import "server-only";
import type { Tenant } from "@/lib/auth/tenant";
import { isAdmin } from "@/lib/db/connections";
import { decodeCursor, encodeCursor } from "@/lib/db/cursor";
import { oneTransaction, type Query } from "@/lib/db/nango-lock";
import { ask, systemDb, toIso } from "@/lib/db/system";
import type { DepartureReason } from "@/lib/db/vocabulary";
import { AppError } from "@/lib/errors";

/**
 * People who left, and what became of what they had connected.
 *
 * Threat: a stale or replayed word that somebody left takes their connections away; a report shows an administrator what
 * was another person's alone.
 * Invariant: whoever writes here has asked Clerk while holding the person's lock; the report of only-me connections is a
 * number. Guarded by tests/integration/people-leaving.test.ts.
 */

/** One unit of work about a person: what Clerk is asked, and what follows from its answer, with nobody in between. */
export type PersonUnit = {
  leave(about: {
    ownerId: string;
    /** Who is asked from now on; null for nobody. */
    contactId: string | null;
    why: DepartureReason;
    /** Who is told. */
    admins: readonly string[];
  }): Promise<void>;
  /** @returns whether they had left */
  comeBack(ownerId: string): Promise<boolean>;
  /** They are asked about what nobody was asked about. @returns whether there was any */
  takeOver(ownerId: string): Promise<boolean>;
  /** What they owned by themselves ends, and all that is known of them is erased. */
  forget(): Promise<void>;
};

/**
 * Runs work about one person while nobody else may: an answer of Clerk's that is older than another cannot take effect
 * after it. All of it becomes true together, or nothing.
 */
export function withPerson<T>(userId: string, work: (unit: PersonUnit) => Promise<T>): Promise<T> {
  return oneTransaction(async (query) => {
    await query("select patchbay.lock_person($1)", [userId]);
    return work(unitOf(userId, query));
  });
}

function unitOf(userId: string, query: Query): PersonUnit {
  return {
    leave: async ({ ownerId, contactId, why, admins }) => {
      await query("select patchbay.leave($1, $2, $3, $4, $5)", [ownerId, userId, contactId, why, admins]);
    },
    comeBack: async (ownerId) => {
      const [row] = await query<{ back: boolean }>("select patchbay.come_back($1, $2) as back", [ownerId, userId]);
      return row?.back === true;
    },
    takeOver: async (ownerId) => {
      const [row] = await query<{ count: number }>("select patchbay.take_over($1, $2) as count", [ownerId, userId]);
      return (row?.count ?? 0) > 0;
    },
    forget: async () => {
      await query("select patchbay.forget_person($1)", [userId]);
    },
  };
}

/**
 * A deleted organisation: all its connections are disconnected, its keys, links and attempts end.
 * @param again whether that is done once more, when the last session token for it has run out
 */
export async function endOrganization(ownerId: string, again: boolean): Promise<void> {
  await ask(systemDb("jobs")`select patchbay.end_owner(${ownerId}, 'owner_deleted', ${again})`);
}

/** Owners with whom a person has anything to do, but for themselves. */
export async function ownersOf(userId: string): Promise<string[]> {
  const found = await ask(systemDb("jobs")`select owner_id from patchbay.owners_of(${userId}) as owner_id`);
  return found.map((row) => row.owner_id);
}

export type DepartureRow = {
  id: string;
  person: { id: string; name: string | null };
  why: DepartureReason;
  contact: { id: string; name: string | null } | null;
  /** Everyone's connections that stayed, at most a hundred, as far as the reader may see them. */
  stayed: { id: string; connector: string; name: string | null; number: number; disconnected: boolean }[];
  stayedCount: number;
  /** Only-me ones that were disconnected: their number is all that an administrator learns. */
  disconnectedCount: number;
  keysCount: number;
  linksCount: number;
  leftAt: string;
  returnedAt: string | null;
};

/**
 * The report, newest first.
 * @throws AppError forbidden for members; invalid_request for a cursor that is not ours
 */
export async function listDepartures(
  tenant: Tenant,
  page: { limit?: number; cursor?: string | undefined } = {},
): Promise<{ departures: DepartureRow[]; nextCursor: string | null; totalCount: number }> {
  if (tenant.orgId !== null && !isAdmin(tenant)) throw new AppError("forbidden");
  const limit = Math.min(Math.max(Math.trunc(page.limit ?? 50), 1), 200);
  const [beforeAt = null, beforeId = null] = page.cursor === undefined ? [] : decodeCursor(page.cursor);
  // One more than asked for tells whether there is a next page.
  const found = await ask(systemDb("mutations")`
    select * from patchbay.list_departures(${tenant.ownerId}, ${tenant.userId}, ${beforeAt}, ${beforeId}, ${limit + 1})`);
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return {
    departures: rows.map((row) => ({
      id: row.id,
      person: { id: row.user_id, name: row.person_name },
      why: row.why,
      contact: row.contact_id === null ? null : { id: row.contact_id, name: row.contact_name },
      stayed: row.stayed,
      stayedCount: row.stayed_count,
      disconnectedCount: row.disconnected_count,
      keysCount: row.keys_count,
      linksCount: row.links_count,
      leftAt: toIso(row.created_at),
      returnedAt: row.returned_at === null ? null : toIso(row.returned_at),
    })),
    nextCursor: found.length > limit && last ? encodeCursor([toIso(last.created_at), last.id]) : null,
    totalCount: Number(found[0]?.total_count ?? 0),
  };
}
