/** The Postgres that test databases live in: made in the temporary folder, with a migrated template. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { bootstrap } from "@/emulators/supabase/bootstrap";
import { startPostgres } from "@/emulators/supabase/postgres-server";
import { migrate } from "@/scripts/migrate";

/** Where the run's server is, and its password. */
export type SharedServer = { port: number; password: string };

/** The database that every test database is a copy of. */
export const templateName = "patchbay_template";

/** Starts a server in the temporary folder and prepares the template. */
export async function startTestServer(): Promise<SharedServer & { close(): Promise<void> }> {
  const stateDir = await mkdtemp(join(tmpdir(), "patchbay-test-"));
  // Postgres runs under an account of its own when we are root, and has to get in.
  await chmod(stateDir, 0o711);
  const server = await startPostgres({ stateDir });
  const close = async () => {
    await server.close();
    await rm(stateDir, { recursive: true, force: true });
  };
  try {
    await run(server.url("supabase_admin"), `create database ${templateName}`);
    await bootstrap(server.url("supabase_admin", templateName), server.password);
    await migrate(server.url("postgres", templateName));
    return { port: server.port, password: server.password, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** One statement on a connection of its own. */
export async function run(databaseUrl: string, statement: string): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}
