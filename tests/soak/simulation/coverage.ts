import { connectionReasons, quarantineReasons, verdicts } from "@/lib/db/vocabulary";
import type { Hands } from "./sign-in";

/** A simulation in which something never happened proves nothing about it. */

/** Codes that nothing in the simulation produces, and what does. */
const cannotHappen: Record<string, string> = {
  owner_deleted:
    "an owner ends once, and with it all that could be looked at: tests/integration/people-leaving.test.ts",
};

/** How often each verdict class and reason code occurred; 0 for those that did not. */
export async function occurrences({ world, ledger }: Hands): Promise<Map<string, number>> {
  const found = await world.sql<{ code: string; count: number }[]>`
    select verdict as code, count(*)::int as count from webhook_deliveries where verdict is not null group by 1
    union all
    select reason_code, count(*)::int from connection_events where reason_code is not null group by 1`;
  const seen = new Map(
    [...verdicts, ...connectionReasons, ...quarantineReasons]
      .filter((code) => !(code in cannotHappen))
      .map((code) => [code as string, 0]),
  );
  for (const { code, count } of found) seen.set(code, (seen.get(code) ?? 0) + count);
  // A duplicate is answered as one and leaves no row of its own.
  seen.set("duplicate", ledger.counts.get("webhook: duplicate") ?? 0);
  return seen;
}
