import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import * as vocabulary from "@/lib/db/vocabulary";
import { databaseTypes } from "@/scripts/db-types";
import { migrate } from "@/scripts/migrate";
import { openTestDatabase, type TestDatabase } from "../support/database";

let db: TestDatabase;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

/** The words that a column's CHECK constraint lists. */
async function words(table: string, column: string): Promise<string[]> {
  const [row] = await db.sql`
    select pg_get_constraintdef(k.oid) as text from pg_constraint k
    join pg_attribute a on a.attrelid = k.conrelid and k.conkey = array[a.attnum]
    where k.contype = 'c' and k.conrelid = ${`public.${table}`}::regclass and a.attname = ${column}
      and pg_get_constraintdef(k.oid) like '%ARRAY[%'`;
  return [...String(row?.text).matchAll(/'([a-z_]+)'::text/g)].map((match) => match[1] as string).sort();
}

it.each([
  ["connections", "status", vocabulary.connectionStatuses],
  ["connections", "reason_code", vocabulary.connectionReasons],
  ["connections", "visibility", vocabulary.visibilities],
  ["connections", "remote_result", vocabulary.remoteResults],
  ["connections", "upstream_result", vocabulary.upstreamResults],
  ["connection_attempts", "status", vocabulary.attemptStatuses],
  ["connection_attempts", "outcome", vocabulary.attemptOutcomes],
  ["connection_events", "type", vocabulary.eventTypes],
  ["connection_events", "reason_code", [...vocabulary.connectionReasons, ...vocabulary.quarantineReasons]],
  ["connection_events", "actor_kind", vocabulary.actorKinds],
  ["quarantined_connections", "reason_code", vocabulary.quarantineReasons],
  ["webhook_deliveries", "verdict", vocabulary.verdicts],
] as const)("%s.%s takes the words of the vocabulary and no other", async (table, column, list) => {
  expect(await words(table, column)).toEqual([...list].sort());
});

it("the generated types are those of the migrations", async () => {
  const file = fileURLToPath(new URL("../../lib/db/database.types.ts", import.meta.url));
  expect(await readFile(file, "utf8"), "run npm run db:types").toBe(await databaseTypes(db.databaseUrl));
});

it("migrating again applies nothing", async () => {
  expect(await migrate(db.databaseUrl)).toEqual([]);
});
