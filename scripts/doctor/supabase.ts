import { readdirSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import type { Environment } from "@/lib/env";
import { root } from "../product/paths";
import { anySessionToken } from "./clerk";
import { call, type Finding, fine, wrong } from "./finding";

/** Keys, migrations, registered connectors, and whether Supabase believes Clerk's tokens. */
export async function checkSupabase(env: Environment): Promise<Finding[]> {
  const findings = [await checkKey(env, "publishable", env.supabase.publishableKey)];
  if (env.supabase.secretKey) findings.push(await checkKey(env, "secret", env.supabase.secretKey));
  findings.push(...(await checkDatabase(env.supabase.databaseUrl)));
  findings.push(await checkThirdPartyAuth(env));
  return findings;
}

async function checkKey(env: Environment, kind: string, key: string): Promise<Finding> {
  const answer = await call(`${env.supabase.url}/rest/v1/people?select=user_id&limit=1`, { headers: { apikey: key } });
  if (answer.status === 0) {
    return wrong(
      `Supabase: ${env.supabase.url} did not answer (${answer.text})`,
      "check SUPABASE_URL; a paused project must be restored in Supabase's dashboard",
    );
  }
  // A table that this key may not read answers 401 with a permission error; a key that is unknown says so.
  const unknown = answer.status === 401 && /api key|jwt/i.test(answer.text);
  return unknown
    ? wrong(
        `Supabase: the ${kind} key was refused`,
        "copy it again from Supabase's dashboard, Project Settings, API Keys",
      )
    : fine(`Supabase: ${kind} key`);
}

async function checkDatabase(databaseUrl: string): Promise<Finding[]> {
  const sql = postgres(databaseUrl, { max: 1, connect_timeout: 10, onnotice: () => {} });
  try {
    const rows = await sql<{ version: string }[]>`
      select version from supabase_migrations.schema_migrations`.catch(() => [] as { version: string }[]);
    const applied = new Set(rows.map((row) => row.version));
    const missing = readdirSync(join(root, "supabase/migrations"))
      .filter((name) => name.endsWith(".sql"))
      .filter((name) => !applied.has(name.split("_")[0] as string));
    const [worker] = await sql<{ schema: string | null }[]>`select to_regnamespace('graphile_worker')::text as schema`;
    const findings = [
      missing.length
        ? wrong(
            `Supabase: ${missing.length} migrations are not applied (${missing[0]} first)`,
            "run npm run db:migrate",
          )
        : fine(`Supabase: all ${applied.size} migrations are applied`),
      worker?.schema
        ? fine("Supabase: the job queue is installed")
        : wrong("Supabase: no job queue", "run npm run db:migrate"),
    ];
    if (missing.length) return findings;
    const [connectors] = await sql<{ count: number }[]>`select count(*)::int as count from public.connectors`;
    findings.push(
      connectors?.count
        ? fine(`Supabase: ${connectors.count} connectors are registered`)
        : wrong("Supabase: no connector is registered", "run npm run connectors:register"),
    );
    return findings;
  } catch (error) {
    return [
      wrong(
        `Supabase: DATABASE_URL does not connect (${(error as { code?: string }).code ?? "no answer"})`,
        "copy the session pooler's or direct connection string from Supabase's dashboard, Connect, and fill in the password",
      ),
    ];
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function checkThirdPartyAuth(env: Environment): Promise<Finding> {
  const token = await anySessionToken(env);
  if (!token) {
    return wrong(
      "Supabase: could not see whether it believes Clerk's tokens, since nobody is signed in",
      "sign in to the app once, then run the doctor again",
    );
  }
  const answer = await call(`${env.supabase.url}/rest/v1/connections?select=id&limit=1`, {
    headers: { apikey: env.supabase.publishableKey, authorization: `Bearer ${token}` },
  });
  return answer.status === 200
    ? fine("Supabase: believes Clerk's tokens")
    : wrong(
        `Supabase: does not believe Clerk's tokens (${answer.status})`,
        "add Clerk in Supabase's dashboard under Authentication, Third-Party Auth, and activate the Supabase integration in Clerk's dashboard",
      );
}
