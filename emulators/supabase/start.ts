/**
 * Supabase without Docker: real Postgres, the same migrations as production, and a gateway that speaks PostgREST and
 * believes the tokens of one issuer. supabase-js talks to it unchanged.
 */
import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { migrate } from "@/scripts/migrate";
import { bootstrap } from "./bootstrap";
import { startGateway, type TokenIssuer } from "./gateway";
import { startPostgres } from "./postgres-server";

export type SupabaseStandin = {
  url: string;
  publishableKey: string;
  secretKey: string;
  /** A direct connection as the owner of the schema, as hosted Supabase gives for the role postgres. */
  databaseUrl: string;
  close(): Promise<void>;
};

/**
 * Starts database and gateway; resolves when both answer and every migration is applied.
 *
 * @param options.stateDir survives restarts: data, password and keys
 * @param options.port of the gateway; a free one if left out
 * @param options.databasePort of Postgres; ignored when a server of this state folder runs already
 * @param options.auth whose tokens to believe
 * @throws when the port is taken, Postgres does not start or a migration fails; nothing is left running then
 */
export async function startSupabase(options: {
  stateDir: string;
  port?: number;
  databasePort?: number;
  auth: TokenIssuer;
  repoRoot?: string;
}): Promise<SupabaseStandin> {
  await mkdir(options.stateDir, { recursive: true });
  const keys = await keysOf(options.stateDir);
  const server = await startPostgres({ stateDir: options.stateDir, port: options.databasePort });
  try {
    await bootstrap(server.url("supabase_admin"), server.password);
    await migrate(server.url("postgres"), options.repoRoot ? join(options.repoRoot, "supabase/migrations") : undefined);
    const gateway = await startGateway({
      ...keys,
      databaseUrl: server.url("authenticator"),
      ownerUrl: server.url("postgres"),
      auth: options.auth,
      port: options.port,
    });
    let closing: Promise<void> | undefined;
    return {
      ...keys,
      url: gateway.url,
      databaseUrl: server.url("postgres"),
      close: () => {
        closing ??= gateway.close().then(server.close, server.close);
        return closing;
      },
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** The API keys of this state folder: the word standin marks them, so that no real deployment starts on them. */
async function keysOf(stateDir: string): Promise<{ publishableKey: string; secretKey: string }> {
  const file = join(stateDir, "keys.json");
  const known = await readFile(file, "utf8").catch(() => null);
  if (known) return JSON.parse(known) as { publishableKey: string; secretKey: string };
  const keys = {
    publishableKey: `sb_publishable_standin_${randomBytes(12).toString("hex")}`,
    secretKey: `sb_secret_standin_${randomBytes(18).toString("hex")}`,
  };
  await writeFile(file, JSON.stringify(keys), { mode: 0o600 });
  return keys;
}
