import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../support/database";
import { type Actor, type ApiClient, clientsOf, seed } from "./actors";
import { readableColumns, unusedLines } from "./allowed";
import { cellsOf, type Relation, relationsOf } from "./cells";
import { deviations } from "./deviations";

let db: TestDatabase;
let clients: Record<Actor, ApiClient>;
let relations: Relation[];

beforeAll(async () => {
  db = await openTestDatabase();
  await seed(db);
  clients = await clientsOf(db);
  relations = await relationsOf(db.sql);
});
afterAll(() => db.close());

/** A digest of everything that a client could have changed. */
async function contents(): Promise<string> {
  const tables = relations.filter((relation) => relation.kind === "relation" && relation.schema === "public");
  const digests = await Promise.all(
    tables.map(
      ({ name }) => db.sql`select md5(string_agg(t::text, '|' order by t::text)) as digest from ${db.sql(name)} t`,
    ),
  );
  return JSON.stringify(digests.map(([row]) => row?.digest));
}

it("every actor gets from every table, view and function exactly what the table says, and changes nothing", async () => {
  const before = await contents();
  const cells = cellsOf(relations);
  expect(cells.length).toBeGreaterThan(800);
  expect(await deviations(cells, clients)).toEqual([]);
  expect(await contents()).toBe(before);
});

it("the table says nothing of what no longer exists", () => {
  expect(unusedLines(relations.map((relation) => relation.name))).toEqual([]);
});

it("a signed-in person reads the listed columns and no other", async () => {
  const columns = await db.sql<{ relation: string; name: string }[]>`
    select c.relname as relation, a.attname as name from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped`;
  const wrong: string[] = [];
  for (const { relation, name } of columns) {
    const { error } = await clients.ada.from(relation).select(name).limit(1);
    const readable = readableColumns[relation]?.includes(name) ?? false;
    if ((error === null) !== readable) wrong.push(`${relation}.${name}: ${error ? error.code : "readable"}`);
  }
  expect(wrong).toEqual([]);
});

it("row security is on and forced on every table, for the owner too", async () => {
  expect(
    await db.sql`select relname from pg_class
      where relnamespace in ('public'::regnamespace, 'patchbay'::regnamespace) and relkind in ('r', 'p')
        and not (relrowsecurity and relforcerowsecurity)`,
  ).toEqual([]);
});

it("no client role has a right beyond reading columns and calling reading functions", async () => {
  const grants = await db.sql`
    select grantee, privilege_type, table_name from information_schema.role_table_grants
    where table_schema in ('public', 'patchbay', 'graphile_worker') and grantee in ('anon', 'authenticated', 'service_role', 'PUBLIC')
    union all
    select grantee, privilege_type, table_name from information_schema.role_column_grants
    where table_schema in ('public', 'patchbay', 'graphile_worker') and grantee in ('anon', 'authenticated', 'service_role', 'PUBLIC')
      and (privilege_type <> 'SELECT' or grantee <> 'authenticated')`;
  expect(grants).toEqual([]);
  const executable = async (role: string) =>
    (
      await db.sql<{ name: string }[]>`
        select n.nspname || '.' || p.proname as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('public', 'patchbay', 'graphile_worker') and p.prorettype <> 'trigger'::regtype
          and has_schema_privilege(${role}, n.oid, 'usage') and has_function_privilege(${role}, p.oid, 'execute') order by 1`
    ).map((row) => row.name);
  expect(await executable("anon")).toEqual([]);
  expect(await executable("service_role")).toEqual([]);
  expect(await executable("authenticated")).toEqual([
    "public.blocked_connectors",
    "public.connection_counts",
    "public.list_connection_events",
    "public.list_connections",
    "public.list_notices",
    "public.may_connect",
    "public.requesting_owner_id",
    "public.requesting_user_id",
  ]);
  const schemas = await db.sql`
    select nspname from pg_namespace, unnest(array['anon', 'authenticated', 'service_role']) as role
    where nspname in ('patchbay', 'graphile_worker', 'supabase_migrations') and has_schema_privilege(role, nspname, 'usage')`;
  expect(schemas).toEqual([]);
});

it("functions that run with more rights than their caller do not exist where clients can call them", async () => {
  expect(
    await db.sql`select p.proname from pg_proc p
      where p.pronamespace = 'public'::regnamespace and p.prosecdef and p.prorettype <> 'trigger'::regtype`,
  ).toEqual([]);
});

it("history cannot be changed, not even by the owner of the tables, and is deleted only when it is old", async () => {
  for (const statement of [
    "update connection_events set type = 'labelled'",
    "delete from connection_events",
    "delete from connection_events where created_at < now()",
    "truncate connection_events",
  ]) {
    await expect(db.sql.unsafe(statement)).rejects.toThrow("history_is_append_only");
  }
  await db.sql`insert into connection_events (owner_id, type, actor_kind, created_at)
    values ('org_acme', 'recovered', 'system', now() - interval '91 days')`;
  expect((await db.sql`delete from connection_events where created_at < now() - interval '90 days'`).count).toBe(1);
});
