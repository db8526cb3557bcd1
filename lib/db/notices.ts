import "server-only";
import type { Tenant } from "@/lib/auth/tenant";
import { type Door, read } from "@/lib/db/reading";
import { ask, systemDb, toIso } from "@/lib/db/system";
import type { NoticeKind, Visibility } from "@/lib/db/vocabulary";

/** What a person was told about a connection. */
export type NoticeRow = {
  id: string;
  kind: NoticeKind;
  connectionId: string | null;
  /** Null for what concerns a person. */
  connector: string | null;
  account: string | null;
  reasonCode: string | null;
  /** For expires_soon: 14, 3 or 1. */
  days: number | null;
  /** Of the connection, as far as the reader may see it. */
  visibility: Visibility | null;
  /** Whom it is about; null where that is nobody, or not known any more. */
  person: string | null;
  /** How many connections it is about, for person_left and contact. */
  count: number | null;
  createdAt: string;
  seen: boolean;
};

/** The tenant's own notices, newest first, and how many in all were not seen yet. @param limit 1 to 100 */
export async function listNotices(
  tenant: Tenant,
  limit = 50,
  door?: Door,
): Promise<{ notices: NoticeRow[]; unseenCount: number }> {
  const found = await read(tenant, "list_notices", { p_limit: Math.min(Math.max(limit, 1), 100) }, { door });
  return {
    notices: found.map((row) => ({
      id: String(row.id),
      kind: row.kind as NoticeKind,
      connectionId: row.connection_id,
      connector: row.connector,
      account: row.account,
      reasonCode: row.reason_code,
      days: row.days,
      visibility: row.visibility as Visibility | null,
      person: row.person,
      count: row.count,
      createdAt: toIso(row.created_at),
      seen: row.seen_at !== null,
    })),
    unseenCount: Number(found[0]?.unseen_count ?? 0),
  };
}

/** Marks all up to and with this one as seen. @param until a notice's id */
export async function seeNotices(tenant: Tenant, until: string): Promise<void> {
  await ask(systemDb("mutations")`select patchbay.see_notices(${tenant.ownerId}, ${tenant.userId}, ${until})`);
}

/** For the job: writes what an event tells people, once. @returns how many were told */
export async function writeNotices(eventId: string): Promise<number> {
  const [row] = await ask(systemDb("jobs")`select patchbay.write_notices(${eventId}) as count`);
  return Number(row?.count ?? 0);
}
