import { withPerson } from "@/lib/db/departures";
import { asked } from "./deeds-people";
import type { Hands } from "./sign-in";

/**
 * Somebody leaves an organisation and is taken in again at once, as Clerk would say, which has no part in this: what is
 * everyone's stays, what was theirs alone has ended, and so have the tries that they had begun.
 */
export async function leaveAndReturn(hands: Hands): Promise<void> {
  const { world, ledger, random } = hands;
  const { userId, ownerId } = random.pick(world.people.filter((person) => person.orgId !== null));
  const departures = async () => {
    const [row] = await world.sql<{ count: number }[]>`
      select count(*)::int as count from departures where owner_id = ${ownerId} and user_id = ${userId}`;
    return row?.count ?? 0;
  };
  const before = await departures();
  await asked(hands, "leave", () =>
    withPerson(userId, async (unit) => {
      await unit.leave({ ownerId, contactId: null, why: "left", admins: [] });
      await unit.comeBack(ownerId);
    }),
  );
  // Where the answer was lost, it may have been done all the same.
  if ((await departures()) === before) return;
  // It would ask Clerk once more.
  await world.sql`select graphile_worker.remove_job(${`see_off:${ownerId}:${userId}`})`;

  const ended = await world.sql<{ id: string }[]>`
    select id from connection_attempts where owner_id = ${ownerId} and started_by = ${userId} and status = 'cancelled'`;
  const cancelled = new Set(ended.map(({ id }) => id));
  for (const attempt of ledger.tries) if (cancelled.has(attempt.id)) attempt.cancelled = true;

  const alone = await world.sql<{ nango_connection_id: string; status: string; reason_code: string | null }[]>`
    select nango_connection_id, status, reason_code from connections
    where owner_id = ${ownerId} and connected_by = ${userId} and visibility = 'only_me'`;
  for (const row of alone) {
    const made = ledger.find(row.nango_connection_id);
    if (row.status !== "disconnected") ledger.complain("what was theirs alone outlived their leaving", made);
    if (row.reason_code !== "owner_left" || !made || made.left) continue;
    made.left = true;
    ledger.note(made, `${userId} left`);
  }
}
