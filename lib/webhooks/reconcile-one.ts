import "server-only";
import { factsOf } from "@/lib/connect/facts";
import { type HealOutcome, reconcileConnection } from "@/lib/db/reconcile";
import { writeTags } from "@/lib/nango/connection-tags";
import { getConnection } from "@/lib/nango/connections";

export type Healed = { outcome: HealOutcome; connectionId: string | null; retagged: boolean; calls: number };

/**
 * Makes one connection here equal to Nango's, and its tags there equal to ours.
 * @param bury whether a live row that Nango no longer has becomes a tombstone
 * @throws AppError nango_*, database_unavailable
 */
export async function healConnection(
  about: { integrationKey: string; connectionId: string },
  bury: boolean,
): Promise<Healed> {
  let calls = 0;
  const { failure, ...healed } = await reconcileConnection(
    about,
    bury,
    async () => {
      calls += 1;
      const connection = await getConnection(about.integrationKey, about.connectionId);
      // One that Nango cannot refresh was read from the list as well.
      if (connection && !connection.detailed) calls += 1;
      return connection && factsOf(connection);
    },
    (tags) => {
      calls += 1;
      return writeTags(about.integrationKey, about.connectionId, tags);
    },
  );
  if (failure) throw failure;
  return { ...healed, calls };
}
