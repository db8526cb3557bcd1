/** The first lock: that each part of each row policy is missed when it is gone. */
import postgres from "postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../support/database";
import { type Actor, type ApiClient, clientsOf, seed } from "./actors";
import { type Cell, cellsOf, relationsOf } from "./cells";
import { deviations } from "./deviations";
import { type Definition, mutantsOfPolicy } from "./mutants";

type Policy = Definition & { table: string };

let db: TestDatabase;
let admin: postgres.Sql;
let clients: Record<Actor, ApiClient>;
let policies: Policy[];
let cells: Cell[];

beforeAll(async () => {
  db = await openTestDatabase();
  await seed(db);
  // Only the owner of the event itself keeps it from those who see the connection.
  await db.sql`insert into connection_events (owner_id, connection_id, type, actor_kind)
    select 'org_globex', id, 'recovered', 'system' from connections where owner_id = 'org_acme'`;
  admin = postgres(db.adminUrl, { max: 1, onnotice: () => {} });
  clients = await clientsOf(db);
  policies = await admin<Policy[]>`
    select tablename as table, policyname as name, qual as text from pg_policies where schemaname = 'public'`;
  cells = cellsOf(await relationsOf(db.sql)).filter((cell) => cell.operation === "select" && cell.target !== "own");
});
afterAll(async () => {
  await admin.end();
  await db.close();
});

/** What the cells cannot ask: whether an event that names another owner than its connection is shown. */
async function showsForeignEvents(): Promise<boolean> {
  const { data } = await clients.ada.from("connection_events").select("id").eq("type", "recovered");
  return data?.length !== 0;
}

async function noticed(table: string): Promise<boolean> {
  if (table === "connection_events" && (await showsForeignEvents())) return true;
  return (
    (
      await deviations(
        cells.filter((cell) => cell.relation.name === table),
        clients,
      )
    ).length > 0
  );
}

it("every table that people may read has one policy, for reading alone", async () => {
  const readable = await admin`
    select distinct table_name as name from information_schema.role_column_grants
    where grantee in ('anon', 'authenticated') and table_schema = 'public' order by 1`;
  const found = await admin`
    select tablename as name, count(*)::int as count, string_agg(distinct cmd, ',') as cmd,
      bool_and(permissive = 'PERMISSIVE') as plain, string_agg(distinct array_to_string(roles, ','), ',') as roles
    from pg_policies group by 1 order by 1`;
  expect(found.map(({ name, ...rest }) => [name, rest])).toEqual(
    readable.map(({ name }) => [name, { count: 1, cmd: "SELECT", plain: true, roles: "authenticated" }]),
  );
  expect(found.length).toBeGreaterThanOrEqual(7);
});

it("each row policy, and each part of one, that is replaced by true is noticed", async () => {
  const survivors: string[] = [];
  let tried = 0;
  for (const policy of policies) {
    expect([policy.table, await noticed(policy.table)]).toEqual([policy.table, false]);
    for (const mutant of mutantsOfPolicy(policy)) {
      tried += 1;
      await admin.unsafe(`alter policy ${policy.name} on public.${policy.table} using (${mutant.text})`);
      try {
        if (!(await noticed(policy.table))) survivors.push(`${policy.name}: ${mutant.predicate}`);
      } finally {
        await admin.unsafe(`alter policy ${policy.name} on public.${policy.table} using (${policy.text})`);
      }
    }
    expect([policy.table, await noticed(policy.table)]).toEqual([policy.table, false]);
  }
  expect(survivors).toEqual([]);
  expect(tried).toBeGreaterThanOrEqual(17);
});
