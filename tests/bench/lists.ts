/** The rows about the list of connections: what row level security costs, and what others' rows do. */
import postgres from "postgres";
import { run, startTestServer, templateName } from "../support/database-server";
import { interleaved, type Load } from "./load";
import { atMost, type Row, type Sides } from "./row";

/** As PostgREST asks: a prepared statement in a transaction that knows the caller. */
const statement = "select * from public.list_connections(p_owner => $1, p_user => $2, p_limit => $3)";
const caller = { owner: "org_7", user: "user_7" };
const own = 1_000;
const turns = { rounds: 25, calls: 20 };

type Role = "authenticated" | "postgres";

/** On a Postgres of its own: a hundred organisations with a thousand connections each, and one alone with a thousand. */
export async function* lists(): AsyncGenerator<Row> {
  const server = await startTestServer();
  const url = (role: string, database: string) =>
    `postgres://${role}:${server.password}@127.0.0.1:${server.port}/${database}`;
  const clients: postgres.Sql[] = [];
  const open = async (name: string, organisations: number) => {
    await run(url("supabase_admin", "postgres"), `create database ${name} template ${templateName} owner postgres`);
    const sql = postgres(url("postgres", name), { max: 1, onnotice: () => {} });
    clients.push(sql);
    await fill(sql, organisations);
    return sql;
  };
  try {
    const many = await open("bench_many", 100);
    const few = await open("bench_few", 1);

    const security = await interleaved(
      turns.rounds,
      () => list(many, "authenticated"),
      () => list(many, "postgres"),
    );
    yield {
      ...slower("list of connections with RLS / the same SQL without, 100,000 rows", security, 1.3),
      ...(await searches(many)),
    };
    const size = await interleaved(
      turns.rounds,
      () => list(many, "authenticated"),
      () => list(few, "authenticated"),
    );
    yield slower("the same list at 100,000 rows / at 1,000", size, 1.5);
  } finally {
    for (const client of clients) await client.end();
    await server.close();
  }
}

/** As they come in a product: those of all organisations by turns. */
async function fill(sql: postgres.Sql, organisations: number): Promise<void> {
  const people = 25;
  await sql`insert into connectors (slug, name, category, status, version, manifest, manifest_hash)
    select slug, slug, 'development', 'stable', '1', '{}', 'a' from unnest(array['github', 'slack', 'jira', 'notion']) slug`;
  await sql`insert into people (user_id, name)
    select 'user_' || n, 'Person ' || n from generate_series(0, ${organisations * people - 1}::int) n`;
  // The organisation that is asked about is there in either.
  await sql`insert into connections (owner_id, connector, integration_key, nango_connection_id, status, number,
      connected_by, visibility, created_at, account_id, account_name)
    select 'org_' || (o + 7) % 100, connector, connector, 'nango-' || o || '-' || n, 'connected', n + 1,
      'user_' || (o * ${people} + n % ${people} + 7) % ${organisations * people}::int,
      case when n % 10 = 9 then 'only_me' else 'everyone' end,
      now() - (n * ${organisations}::int + o) * interval '1 second', 'account-' || o || '-' || n, 'Account ' || n
    from generate_series(0, ${own - 1}::int) n, generate_series(0, ${organisations - 1}::int) o,
      lateral (select (array['github', 'slack', 'jira', 'notion'])[n % 4 + 1] as connector) c
    order by n, o`;
  await sql`vacuum analyze`;
}

/** Under the caller's token, or as a role that row policies do not hold back. All else is equal. */
function list(sql: postgres.Sql, role: Role): Promise<Load> {
  return under(sql, role, async (tx) => {
    const latencies: number[] = [];
    for (let call = 0; call < turns.calls; call++) {
      const started = performance.now();
      const rows = await tx.unsafe(statement, [caller.owner, caller.user, 101], { prepare: true });
      latencies.push(performance.now() - started);
      if (rows.length !== 101) throw new Error(`The list has ${rows.length} rows for ${role}.`);
    }
    latencies.sort((a, b) => a - b);
    // The fastest of a turn: what else the machine does only ever adds, and often more than what is measured.
    const fastest = latencies[0] as number;
    return { requestsPerSecond: 1000 / fastest, p95: latencies[Math.floor(latencies.length * 0.95)] as number };
  });
}

async function under<T>(sql: postgres.Sql, role: Role, work: (tx: postgres.TransactionSql) => Promise<T>): Promise<T> {
  const claims = JSON.stringify({ sub: caller.user, role: "authenticated", o: { id: caller.owner, rol: "member" } });
  return (await sql.begin(async (tx) => {
    await tx`select set_config('request.jwt.claims', ${claims}, true)`;
    await tx.unsafe(`set local role ${role}`);
    return work(tx);
  })) as T;
}

/** Missed, whatever the ratio, when the connections are not read by index. */
async function searches(sql: postgres.Sql): Promise<Partial<Row>> {
  const plan = await under(sql, "authenticated", (tx) =>
    tx.unsafe(`explain select * from public.list_connections('${caller.owner}', '${caller.user}')`),
  );
  const text = plan.map((row) => row["QUERY PLAN"]).join("\n");
  return /Seq Scan on connections/.test(text) ? { held: false, detail: "reads the whole table" } : {};
}

function slower(name: string, sides: Sides, goal: number): Row {
  const [ours, control] = [1000 / sides.ours.requestsPerSecond, 1000 / sides.control.requestsPerSecond];
  return atMost(name, ours / control, goal, `${ours.toFixed(2)} ms against ${control.toFixed(2)} ms`);
}
