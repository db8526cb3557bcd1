import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../support/database";

let db: TestDatabase;

/**
 * A hundred organisations with two hundred connections each, every account connected twice, and as much of all else: a
 * hundredth of it is due, ending, unseen or old enough to be forgotten.
 */
beforeAll(async () => {
  db = await openTestDatabase();
  await db.sql`insert into connectors (slug, name, category, status, version, manifest, manifest_hash)
    values ('github', 'GitHub', 'development', 'stable', '1', '{}', 'a')`;
  await db.sql`insert into people (user_id, name) select 'user_' || n, 'Person ' || n from generate_series(0, 9999) n`;
  await db.sql`insert into connections (owner_id, connector, integration_key, nango_connection_id, status, number,
      connected_by, visibility, created_at, account_id, next_probe_at, last_probed_at, expires_at)
    select 'org_' || n % 100, 'github', 'github', 'nango-' || n, 'connected', n / 100 + 1, 'user_' || n % 97,
      case when n % 10 = 0 then 'only_me' else 'everyone' end, now() - n * interval '1 minute',
      'account_' || n / 200, now() + case when n < 200 then -1 else n end * interval '1 minute',
      now() - case when n % 20 = 3 then 0.5 else 24 end * interval '1 hour',
      now() + case when n >= 19800 then 2 else 200 end * interval '1 day'
    from generate_series(0, 19999) n`;
  // What is younger than ninety days cannot be deleted, so it is made old.
  await db.sql`insert into connection_events (owner_id, connection_id, type, actor_kind, created_at)
    select owner_id, id, 'recovered', 'system', now() - case when number < 3 then 500 else 5 end * interval '1 day'
    from connections`;
  await db.sql`insert into notices (owner_id, user_id, event_id, kind, connection_id, connector, seen_at)
    select e.owner_id, c.connected_by, e.id, 'recovered', c.id, 'github',
      case when c.number % 97 <> 1 then now() - case when c.number % 100 = 8 then 500 else 5 end * interval '1 day' end
    from connection_events e join connections c on c.id = e.connection_id`;
  await db.sql`insert into connection_attempts (owner_id, started_by, connector, integration_key, visibility, instance,
      connection_id, status, outcome, ended_at)
    select owner_id, connected_by, 'github', 'github', visibility, 'test', id, 'failed', 'closed',
      created_at - case when number < 3 then 500 else 5 end * interval '1 day' from connections`;
  await db.sql`insert into quarantined_connections (owner_id, integration_key, nango_connection_id, reason_code,
      attempt_id, resolved_at, resolution)
    select owner_id, 'github', 'other-' || id, 'attempt_used', id,
      case when ended_at > now() - interval '99 days' then now() - interval '3 days' else now() - interval '500 days' end,
      'gone'
    from connection_attempts`;
  await db.sql`update quarantined_connections set resolved_at = null, resolution = null
    where owner_id in ('org_7', 'org_8') and resolved_at > now() - interval '9 days'`;
  await db.sql`insert into webhook_deliveries (body_sha256, body, verdict, finished_at, received_at)
    select sha256(n::text::bytea), 'x', 'applied', at, at from generate_series(0, 19999) n,
      lateral (select now() - case when n % 100 = 0 then 40 else 5 end * interval '1 day' as at) t`;
  await db.sql`insert into webhook_deliveries (body_sha256, body, type, integration_key, nango_connection_id, verdict,
      finished_at)
    select sha256(id::text::bytea), 'x', 'forward', integration_key, nango_connection_id, 'ignored', now()
    from connections`;
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
    // Of whoever connected it, and of whoever is asked about it.
    const byKey = ["Index Scan", "people_pkey"];
    expect(scans.map((scan) => [scan["Node Type"], scan["Index Name"]])).toEqual([byKey, byKey]);
  }
});

it.each(Object.entries(statements))("%s looks at the token once, not once a row", async (_name, statement) => {
  const nodes = await planOf(statement, "member");
  const looks = nodes.filter((node) => node["Parent Relationship"] === "InitPlan");
  expect(looks.length).toBeGreaterThan(0);
  for (const look of looks) expect(look["Actual Loops"]).toBeLessThanOrEqual(1);
});

/** Rows of each table that a statement reads, and whether it searches a table instead of asking an index. */
async function readsOf(statement: string, as: "member" | "owner") {
  const read = new Map<string, number>();
  const searched: string[] = [];
  const undo = new Error("undo");
  await db.sql
    .begin(async (sql) => {
      if (as === "member") {
        const claims = JSON.stringify({ sub: "user_7", role: "authenticated", o: { id: "org_7" } });
        await sql`select set_config('request.jwt.claims', ${claims}, true)`;
        await sql`set local role authenticated`;
      }
      // The one row of the budget has no index to be asked. The counters go on from one transaction to the next.
      const counters = () => sql<{ name: string; searches: number; rows: number }[]>`
        select relname as name, seq_scan::int as searches, (coalesce(idx_tup_fetch, 0) + seq_tup_read)::int as rows
        from pg_stat_xact_user_tables where relname <> 'nango_budget' and schemaname in ('public', 'patchbay')
        order by relid`;
      const before = await counters();
      await sql.unsafe(statement);
      for (const [index, { name, searches, rows }] of (await counters()).entries()) {
        if (searches > (before[index]?.searches ?? 0)) searched.push(name);
        if (rows > (before[index]?.rows ?? 0)) read.set(name, rows - (before[index]?.rows ?? 0));
      }
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error;
    });
  return { searched, read };
}

/** What each may read of each table: what is due, or the owner's own; never a part of the twenty thousand. */
const bounded: [name: string, as: "member" | "owner", statement: string, most: Record<string, number>][] = [
  [
    "a page of the list with its twins, under a token",
    "member",
    "select twin_id from public.list_connections('org_7', 'user_7')",
    { connections: 450, people: 100 },
  ],
  [
    "a page of the list with its twins, for an API key",
    "owner",
    "select twin_id from public.list_connections('org_7', 'user_7')",
    { connections: 450, people: 100 },
  ],
  [
    "one connection, under a token",
    "member",
    "select * from public.list_connections('org_7', 'user_7', p_id => 'THIS')",
    { connections: 6, people: 1 },
  ],
  [
    "history",
    "member",
    "select * from public.list_connection_events('org_7', 'user_7', 'THIS')",
    { connections: 2, connection_events: 1 },
  ],
  [
    "notices, under a token",
    "member",
    "select * from public.list_notices('org_7', 'user_7')",
    { notices: 20, connections: 20 },
  ],
  [
    "notices, for an API key",
    "owner",
    "select * from public.list_notices('org_7', 'user_7')",
    { notices: 20, connections: 20 },
  ],
  ["marking notices as seen", "owner", "select patchbay.see_notices('org_7', 'user_7', 1000000)", { notices: 20 }],
  [
    "what waits in quarantine",
    "owner",
    "select * from patchbay.list_quarantine('org_7', 'user_7', true, p_limit => 50)",
    { quarantined_connections: 400, connection_attempts: 200, connections: 200, people: 200 },
  ],
  [
    "what providers pushed",
    "owner",
    "select * from patchbay.list_trigger_events('org_7', 'user_7', null, null, null, 50, 65536)",
    { connections: 200, webhook_deliveries: 200 },
  ],
  [
    "what providers pushed about one connection",
    "owner",
    "select * from patchbay.list_trigger_events('org_7', 'user_7', 'THIS', null, null, 50, 65536)",
    { connections: 1, webhook_deliveries: 1 },
  ],
  ["probes that are due", "owner", "select patchbay.claim_probes(25, 60, 24, 1000)", { connections: 3_000 }],
  ["warnings", "owner", "select patchbay.warn_expiring(50)", { connections: 150 }],
  // Of few rows, since a search through twenty thousand is soon cheaper than so many questions to an index.
  ["forgetting deliveries", "owner", "select patchbay.forget_deliveries(30, 10)", { webhook_deliveries: 30 }],
  ["forgetting events", "owner", "select patchbay.forget_events(400, 10)", { connection_events: 30, notices: 20 }],
  ["forgetting notices", "owner", "select patchbay.forget_notices(400, 10)", { notices: 30 }],
  [
    "forgetting quarantined connections",
    "owner",
    "select patchbay.forget_quarantined(400, 10)",
    { quarantined_connections: 30 },
  ],
  [
    "forgetting attempts",
    "owner",
    "select patchbay.forget_attempts(400, 10)",
    { connection_attempts: 70, quarantined_connections: 20, connections: 20 },
  ],
];

it.each(bounded)("%s: read by index, and no more than concerns it", async (_name, as, statement, most) => {
  const [row] = await db.sql`
    select id from connections where owner_id = 'org_7' and visibility = 'everyone' order by number limit 1`;
  const { searched, read } = await readsOf(statement.replace("THIS", row?.id), as);
  expect(searched).toEqual([]);
  expect(read.size).toBeGreaterThan(0);
  for (const [table, rows] of read) {
    expect(rows, `rows of ${table} (${JSON.stringify(Object.fromEntries(read))})`).toBeLessThanOrEqual(
      most[table] ?? 0,
    );
  }
});

/** Read by connection, state or key alone. */
const listless = ["action_usage", "oauth_credentials", "oauth_states"];

it("every index of a table with an owner that serves lists begins with it", async () => {
  const indexes = await db.sql<{ table: string; first: string }[]>`
    select c.relname as table, array_agg(distinct a.attname::text) as first from pg_index i
    join pg_class c on c.oid = i.indrelid
    join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
    where c.relnamespace = 'public'::regnamespace
      and exists (select 1 from pg_attribute o where o.attrelid = c.oid and o.attname = 'owner_id')
    group by c.relname order by 1`;
  const serving = indexes.filter((row) => !listless.includes(row.table));
  expect(serving.filter((row) => !row.first.includes("owner_id"))).toEqual([]);
});
