/**
 * Brings a database to the present schema: our migrations, then the job queue's own.
 *
 * `DATABASE_URL=postgres://… npm run db:migrate` for a hosted database; the embedded stack and the tests call
 * `migrate()`. Applied versions are kept where the supabase command line keeps them, so both may be used on one database.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import postgres from "postgres";
import { queueUrl, tlsFor } from "@/lib/db/tls";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The last migration of the pinned graphile-worker; at that version its runner need not be loaded. */
const latestQueueMigration = 19;

/**
 * Applies what is missing, each migration in a transaction of its own. Two callers at once wait for each other.
 *
 * @param databaseUrl a direct connection as the role that is to own the schema
 * @returns the names of the migrations that were applied, in order
 * @throws the database's error; everything before the failing migration stays applied
 */
export async function migrate(databaseUrl: string, migrationsDir = join(root, "supabase/migrations")) {
  const sql = postgres(databaseUrl, {
    ...tlsFor(databaseUrl),
    max: 1,
    onnotice: () => {},
    connection: { application_name: "patchbay-migrate" },
  });
  const applied: string[] = [];
  try {
    // Released when the connection ends; max: 1 keeps all that follows on this connection.
    await sql`select pg_advisory_lock(hashtext('patchbay.migrate'))`;
    await sql`create schema if not exists supabase_migrations`;
    await sql`create table if not exists supabase_migrations.schema_migrations
      (version text primary key, statements text[], name text)`;
    const done = new Set((await sql`select version from supabase_migrations.schema_migrations`).map((r) => r.version));
    const files = (await readdir(migrationsDir)).filter((file) => file.endsWith(".sql")).sort();
    for (const file of files) {
      const [, version, name] = /^(\d+)_(.+)\.sql$/.exec(file) ?? [];
      if (!version || !name) throw new Error(`${file}: a migration is called <timestamp>_<name>.sql`);
      if (done.has(version)) continue;
      const text = await readFile(join(migrationsDir, file), "utf8");
      try {
        await sql.begin(async (tx) => {
          await tx.unsafe(text);
          await tx`insert into supabase_migrations.schema_migrations (version, statements, name)
            values (${version}, ${[text]}, ${name})`;
        });
      } catch (error) {
        throw new Error(`Migration ${file} failed: ${(error as Error).message}`, { cause: error });
      }
      applied.push(file);
    }
    applied.push(...(await migrateQueue(sql, databaseUrl)));
    return applied;
  } finally {
    await sql.end();
  }
}

async function migrateQueue(sql: postgres.Sql, databaseUrl: string): Promise<string[]> {
  const [present] = await sql`select to_regclass('graphile_worker.migrations') is not null as exists`;
  if (present?.exists) {
    const [row] = await sql`select max(id) as version from graphile_worker.migrations`;
    if (Number(row?.version) >= latestQueueMigration) return [];
  }
  const { Logger, runMigrations } = await import("graphile-worker");
  await runMigrations({
    connectionString: queueUrl(databaseUrl, "patchbay-migrate-queue"),
    logger: new Logger(() => () => {}),
  });
  // Its connection closes on its own time. A server that stops before then would make it throw where nobody listens.
  for (let tries = 0; tries < 100; tries += 1) {
    const open = await sql`select 1 from pg_stat_activity
      where application_name = 'patchbay-migrate-queue' and datname = current_database()`;
    if (!open.length) break;
    await new Promise((next) => setTimeout(next, 10));
  }
  return ["graphile-worker"];
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const url = process.env.DATABASE_URL;
  if (!url) {
    console.error("Set DATABASE_URL to a direct connection (Supabase: Connect, Direct connection).");
    process.exit(1);
  }
  try {
    const applied = await migrate(url);
    console.log(applied.length ? `Applied ${applied.join(", ")}` : "The database is up to date.");
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}
