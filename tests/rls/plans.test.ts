import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../support/database";

let db: TestDatabase;

/** A hundred organisations with two hundred connections each. */
beforeAll(async () => {
  db = await openTestDatabase();
  await db.sql`insert into connectors (slug, name, category, status, version, manifest, manifest_hash)
    values ('github', 'GitHub', 'development', 'stable', '1', '{}', 'a')`;
  await db.sql`insert into people (user_id, name) select 'user_' || n, 'Person ' || n from generate_series(0, 9999) n`;
  await db.sql`insert into connections (owner_id, connector, integration_key, nango_connection_id, status, number,
      connected_by, visibility, created_at)
    select 'org_' || n % 100, 'github', 'github', 'nango-' || n, 'connected', n / 100 + 1, 'user_' || n % 97,
      case when n % 10 = 0 then 'only_me' else 'everyone' end, now() - n * interval '1 minute'
    from generate_series(0, 19999) n`;
  await db.sql`analyze`;
});
afterAll(() => db.close());

type Node = {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Index Cond"?: string;
  "Subplan Name"?: string;
  "Parent Relationship"?: string;
  "Actual Loops": number;
  "Actual Rows": number;
  "Rows Removed by Filter"?: number;
  Plans?: Node[];
};

const flatten = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(flatten)];

/** The plan of a statement as it ran, under a member's token or as the owner of the schema. */
async function planOf(statement: string, as: "member" | "owner"): Promise<Node[]> {
  return db.sql.begin(async (sql) => {
    if (as === "member") {
      const claims = JSON.stringify({ sub: "user_7", role: "authenticated", o: { id: "org_7" } });
      await sql`select set_config('request.jwt.claims', ${claims}, true)`;
      await sql`set local role authenticated`;
    }
    const [row] = await sql.unsafe(`explain (analyze, timing off, format json) ${statement}`);
    const [{ Plan: top }] = (row as unknown as { "QUERY PLAN": [{ Plan: Node }] })["QUERY PLAN"];
    return flatten(top);
  }) as Promise<Node[]>;
}

const statements = {
  "a page of the list": "select * from public.list_connections('org_7', 'user_7')",
  "a later page": `select * from public.list_connections('org_7', 'user_7', p_before_at => now() - interval '3 days',
    p_before_id => 'ffffffff-ffff-ffff-ffff-ffffffffffff')`,
  "the counts": "select * from public.connection_counts('org_7', 'user_7')",
  "the plain table": "select id, status from public.connections order by created_at desc, id desc limit 100",
};

it.each(Object.entries(statements))(
  "%s reads the owner's rows through an index and no other's",
  async (_name, statement) => {
    const nodes = await planOf(statement, "member");
    const scans = nodes.filter(
      (node) => node["Relation Name"] === "connections" || node["Index Name"]?.startsWith("connections_owner"),
    );
    expect(scans.length).toBeGreaterThan(0);
    for (const scan of nodes.filter((node) => node["Relation Name"] === "connections")) {
      expect(scan["Node Type"]).toMatch(/Index|Bitmap/);
      // 200 rows of the owner, a tenth of them somebody's own.
      expect(scan["Actual Rows"] + (scan["Rows Removed by Filter"] ?? 0)).toBeLessThanOrEqual(200);
    }
    for (const scan of nodes.filter((node) => node["Index Name"]?.startsWith("connections_"))) {
      expect(scan["Index Cond"]).toContain("owner_id = ");
    }
    expect(scans.some((node) => node["Index Name"]?.startsWith("connections_owner"))).toBe(true);
  },
);

it("names behind connections are looked up by person, not searched among everybody", async () => {
  for (const as of ["member", "owner"] as const) {
    const nodes = await planOf(statements["a page of the list"], as);
    const scans = nodes.filter((node) => node["Relation Name"] === "people");
    expect(scans.map((scan) => [scan["Node Type"], scan["Index Name"]])).toEqual([["Index Scan", "people_pkey"]]);
  }
});

it.each(Object.entries(statements))("%s looks at the token once, not once a row", async (_name, statement) => {
  const nodes = await planOf(statement, "member");
  const looks = nodes.filter((node) => node["Parent Relationship"] === "InitPlan");
  expect(looks.length).toBeGreaterThan(0);
  for (const look of looks) expect(look["Actual Loops"]).toBeLessThanOrEqual(1);
});

it("every index of a table with an owner that serves lists begins with it", async () => {
  const indexes = await db.sql<{ table: string; first: string }[]>`
    select c.relname as table, array_agg(distinct a.attname::text) as first from pg_index i
    join pg_class c on c.oid = i.indrelid
    join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
    where c.relnamespace = 'public'::regnamespace
      and exists (select 1 from pg_attribute o where o.attrelid = c.oid and o.attname = 'owner_id')
    group by c.relname order by 1`;
  expect(indexes.filter((row) => !row.first.includes("owner_id"))).toEqual([]);
});
