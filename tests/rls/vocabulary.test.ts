import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Manifest } from "@/lib/catalogue/manifest";
import type { ConnectionRow } from "@/lib/db/connections";
import type { ReconcileRun } from "@/lib/db/reconcile";
import * as vocabulary from "@/lib/db/vocabulary";
import { databaseTypes } from "@/scripts/db-types";
import { migrate } from "@/scripts/migrate";
import { openTestDatabase, type TestDatabase } from "../support/database";

let db: TestDatabase;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

/** The words that a column's CHECK constraints list: those of this column alone. */
async function words(table: string, column: string): Promise<string[]> {
  const found = await db.sql<{ text: string }[]>`
    select pg_get_constraintdef(k.oid) as text from pg_constraint k
    join pg_attribute a on a.attrelid = k.conrelid and k.conkey = array[a.attnum]
    where k.contype = 'c' and k.conrelid = ${table.includes(".") ? table : `public.${table}`}::regclass
      and a.attname = ${column} and pg_get_constraintdef(k.oid) like '%ARRAY[%'`;
  expect(found).toHaveLength(1);
  return wordsIn(found[0]?.text);
}

const wordsIn = (text: string | undefined) =>
  [...String(text).matchAll(/'([a-z_]+)'::text/g)].map((match) => match[1] as string).sort();

/** The words of the CHECK that says which reasons a status takes. */
async function reasonsOf(status: string): Promise<string[]> {
  const found = await db.sql<{ text: string }[]>`
    select pg_get_constraintdef(oid) as text from pg_constraint
    where contype = 'c' and conrelid = 'public.connections'::regclass
      and pg_get_constraintdef(oid) like ${`%status <> '${status}'::text) OR (reason_code%`}`;
  expect(found).toHaveLength(1);
  return wordsIn(found[0]?.text).filter((word) => word !== status);
}

const connectorStatuses = ["stable", "beta", "unavailable"] satisfies Manifest["status"][];
const runStatuses = ["running", "paused", "braked", "done", "abandoned"] satisfies ReconcileRun["status"][];
const runPhases = ["nango", "check", "ours", "quarantine", "tidy"] satisfies ReconcileRun["phase"][];

const compare = [
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
  ["notices", "kind", vocabulary.noticeKinds],
  ["webhook_deliveries", "verdict", vocabulary.verdicts],
  ["connection_attempts", "visibility", vocabulary.visibilities],
  // What undo restores is anything but a tombstone.
  ["connections", "status_before", vocabulary.connectionStatuses.filter((status) => status !== "disconnected")],
  ["connections", "auth_method", ["nango", "direct"] satisfies ConnectionRow["authMethod"][]],
  ["departures", "why", vocabulary.departureReasons],
  ["api_keys", "revoked_why", vocabulary.keyEndings],
  ["clerk_deliveries", "verdict", vocabulary.clerkVerdicts],
  ["connectors", "status", connectorStatuses],
  ["connector_policies", "effect", ["allow", "block"]],
  ["connector_policies", "subject_kind", ["connector", "category"]],
  ["quarantined_connections", "resolution", ["adopted", "deleted", "gone"]],
  ["patchbay.reconcile_runs", "status", runStatuses],
  ["patchbay.reconcile_runs", "phase", runPhases],
] as const;

/** Numbers, not words. */
const numbers = ["connections.expiry_warned"];

it.each(compare)("%s.%s takes the words of the vocabulary and no other", async (table, column, list) => {
  expect(await words(table, column)).toEqual([...list].sort());
});

it("a connection that needs attention takes the attention reasons, a disconnected one the others", async () => {
  const { attentionReasons, connectionReasons } = vocabulary;
  const attention: readonly string[] = attentionReasons;
  expect(await reasonsOf("needs_attention")).toEqual([...attention].sort());
  expect(await reasonsOf("disconnected")).toEqual(connectionReasons.filter((code) => !attention.includes(code)).sort());
});

it("every reason that a connection can have is a condition that people are told", () => {
  expect(vocabulary.connectionReasons.filter((code) => !vocabulary.conditionCodes.includes(code))).toEqual([]);
});

it("every list of words in the schema is compared with the vocabulary", async () => {
  const found = await db.sql<{ place: string }[]>`
    select k.conrelid::regclass || '.' || a.attname as place from pg_constraint k
    join pg_class c on c.oid = k.conrelid
    join pg_attribute a on a.attrelid = k.conrelid and k.conkey = array[a.attnum]
    where k.contype = 'c' and c.relnamespace in ('public'::regnamespace, 'patchbay'::regnamespace)
      and pg_get_constraintdef(k.oid) like '%ARRAY[%' order by 1`;
  const compared = new Set([...compare.map(([table, column]) => `${table}.${column}`), ...numbers]);
  expect(found.map((row) => row.place).filter((place) => !compared.has(place))).toEqual([]);
});

it("the generated types are those of the migrations", async () => {
  const file = fileURLToPath(new URL("../../lib/db/database.types.ts", import.meta.url));
  expect(await readFile(file, "utf8"), "run npm run db:types").toBe(await databaseTypes(db.databaseUrl));
});

it("migrating again applies nothing", async () => {
  expect(await migrate(db.databaseUrl)).toEqual([]);
});
