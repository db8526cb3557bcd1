/**
 * A database for a test file: real Postgres, all migrations, in about 0.1 s.
 *
 *   const db = await openTestDatabase();          // in beforeAll; an own database, nobody else writes to it
 *   afterAll(() => db.close());
 *   await db.sql`select …`                        // as the owner of the schema, past row security: to arrange and to look
 *   db.environment                                // SUPABASE_*, DATABASE_URL: for lib/env (Object.assign(process.env, …))
 *   const gateway = await db.gateway();           // PostgREST's protocol for supabase-js; listens on first use
 *   db.tokens.sign({ sub: "user_a", o: { id: "org_a", rol: "admin" } })   // what the gateway believes
 *   db.adminUrl                                   // the superuser, for tests that change policies
 *
 * The server is shared by all files of a run when tests/support/global-database.ts is the runner's globalSetup;
 * otherwise each file starts one of its own, which takes a second.
 */
import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { inject } from "vitest";
import { type Gateway, startGateway } from "@/emulators/supabase/gateway";
import { run, type SharedServer, startTestServer, templateName } from "./database-server";
import { startTokenIssuer, type TokenSource } from "./tokens";

declare module "vitest" {
  interface ProvidedContext {
    testPostgres: SharedServer;
  }
}

export type TestDatabase = {
  sql: postgres.Sql;
  databaseUrl: string;
  adminUrl: string;
  publishableKey: string;
  secretKey: string;
  tokens: TokenSource;
  environment: Record<string, string>;
  gateway(): Promise<Gateway>;
  close(): Promise<void>;
};

/** Makes the database of a test file. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const shared = inject("testPostgres") as SharedServer | undefined;
  const own = shared ? null : await startTestServer();
  const server = shared ?? (own as SharedServer);
  const name = `test_${randomBytes(6).toString("hex")}`;
  const url = (role: string, database = name) =>
    `postgres://${role}:${server.password}@127.0.0.1:${server.port}/${database}`;
  // Copying the files beats copying through the log for a database of this size.
  await run(
    url("supabase_admin", "postgres"),
    `create database ${name} template ${templateName} owner postgres strategy file_copy`,
  );
  const sql = postgres(url("postgres"), { max: 4, onnotice: () => {} });
  const tokens = await startTokenIssuer();
  const keys = {
    publishableKey: `sb_publishable_standin_${randomBytes(8).toString("hex")}`,
    secretKey: `sb_secret_standin_${randomBytes(8).toString("hex")}`,
  };
  let starting: Promise<Gateway> | undefined;
  const environment: Record<string, string> = {
    SUPABASE_PUBLISHABLE_KEY: keys.publishableKey,
    SUPABASE_SECRET_KEY: keys.secretKey,
    DATABASE_URL: url("postgres"),
  };
  return {
    ...keys,
    sql,
    tokens,
    environment,
    databaseUrl: url("postgres"),
    adminUrl: url("supabase_admin"),
    gateway: async () => {
      starting ??= startGateway({
        ...keys,
        databaseUrl: url("authenticator"),
        ownerUrl: url("postgres"),
        auth: { issuer: tokens.issuer, jwksUrl: tokens.jwksUrl },
      });
      const gateway = await starting;
      environment.SUPABASE_URL = gateway.url;
      return gateway;
    },
    close: async () => {
      await (await starting)?.close();
      await sql.end({ timeout: 5 });
      await tokens.close();
      await run(url("supabase_admin", "postgres"), `drop database if exists ${name} with (force)`);
      await own?.close();
    },
  };
}
