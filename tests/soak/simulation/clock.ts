import type postgres from "postgres";

/**
 * Virtual time. The database's clock cannot be set, so time passes by moving what is written down into the past: undo
 * times, claims, second looks, probes and the queue's own times with it. Rows that time no longer touches stay.
 */

/** Tables, and which of their rows still wait for something. Their columns of time are found in the catalogue. */
const waiting: Record<string, string> = {
  connections:
    "(status <> 'disconnected' or remote_deleted_at is null or remote_deleted_at > now() - interval '1 hour')",
  connection_attempts: "(status in ('open', 'abandoned', 'failed') or session_token is not null)",
  quarantined_connections: "(resolved_at is null or resolution = 'deleted')",
  webhook_deliveries: "(finished_at is null or finished_at > now() - interval '10 minutes')",
};
/** Read by nothing but pages and retention: a simulated fortnight does not matter to them. */
const still = new Set(["connection_events", "connectors", "people", "connector_policies", "notices"]);

type Shift = { table: string; set: string; where: string };
let shifts: Shift[] | undefined;

async function findShifts(sql: postgres.Sql): Promise<Shift[]> {
  const columns = await sql<{ schema: string; table: string; columns: string[] }[]>`
    select c.table_schema as schema, c.table_name as table, array_agg(c.column_name::text) as columns
    from information_schema.columns c join pg_tables t on t.schemaname = c.table_schema and t.tablename = c.table_name
    where c.table_schema in ('public', 'patchbay') and c.data_type = 'timestamp with time zone'
    group by 1, 2 order by 1, 2`;
  return columns
    .filter(({ table }) => !still.has(table))
    .map(({ schema, table, columns: names }) => ({
      table: `${schema}.${table}`,
      set: names.map((name) => `"${name}" = "${name}" - $1::interval`).join(", "),
      where: waiting[table] ?? "true",
    }));
}

/** Lets time pass in the database. */
export async function shiftDatabase(sql: postgres.Sql, milliseconds: number): Promise<void> {
  shifts ??= await findShifts(sql);
  const by = `${milliseconds} milliseconds`;
  await sql.begin(async (tx) => {
    // Policies bind the owner of the tables, too; triggers about history are not concerned.
    for (const { table, set, where } of shifts ?? []) {
      await tx.unsafe(`update ${table} set ${set} where ${where}`, [by]);
    }
    await tx.unsafe(
      "update graphile_worker._private_jobs set run_at = run_at - $1::interval, locked_at = locked_at - $1::interval",
      [by],
    );
  });
}
