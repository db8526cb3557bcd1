import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GET as health } from "@/app/api/health/route";
import { GET as readAttempt } from "@/app/api/nango/attempts/[id]/route";
import { POST as startSession } from "@/app/api/nango/session/route";
import { GET as list } from "@/app/api/v1/connections/route";
import { POST as webhook } from "@/app/api/webhooks/nango/route";
import { clientConfig } from "@/lib/client-config";
import { journeyOf } from "@/tests/support/journey";
import type { SignedIn } from "@/tests/support/people";
import { APP_URL, type Server, startServer } from "@/tests/support/server";
import { settings } from "@/tests/support/settings";

let server: Server;
let ada: SignedIn;

beforeAll(async () => {
  server = await startServer();
  ada = await server.signIn("ada@acme.test", "acme");
});
afterAll(() => server?.close());

/** Every secret of the settings, as it really is in this run. */
const secrets = () => [
  server.clerk.secretKey,
  server.clerk.webhookSecret,
  server.supabase.secretKey,
  new URL(server.supabase.databaseUrl).password,
  server.nango.apiKey,
  server.nango.webhookSigningKey,
  "cron-secret-of-the-tests",
];

describe("secrets", () => {
  it("are in no answer, whether it went well or not", async () => {
    const go = journeyOf(server);
    const session = await go.start(ada);
    const nangoId = await server.complete(session, "openai", { apiKey: "sk-canary-credential" });
    const answers = [
      await go.confirm(ada, session.attemptId, nangoId),
      await server.call(list, "/api/v1/connections", { as: ada }),
      await server.call(readAttempt, "/", { as: ada, params: { id: session.attemptId } }),
      await server.call(startSession, "/api/nango/session", { as: ada, body: "{" }),
      await server.call(webhook, "/api/webhooks/nango", { method: "POST", body: "{}" }),
      await server.call(health, "/api/health"),
    ];
    server.wire.trouble({ kind: "cut" });
    answers.push(await server.call(startSession, "/api/nango/session", { as: ada, body: { connector: "openai" } }));
    server.wire.trouble({ kind: "none" });
    for (const { text, headers } of answers) {
      const all = `${text} ${JSON.stringify([...headers])}`;
      for (const secret of [...secrets(), "sk-canary-credential", nangoId]) expect(all).not.toContain(secret);
    }
    const bySession = answers.map(({ text }) => text).join(" ");
    expect(bySession).not.toContain(session.sessionToken);
  });

  it("are not among what the browser is given", () => {
    const text = JSON.stringify(clientConfig());
    for (const secret of secrets()) expect(text).not.toContain(secret);
  });

  it("of provider and session are stored nowhere: a credential never, a session token only until it is used", async () => {
    const go = journeyOf(server);
    const session = await go.start(ada);
    const nangoId = await server.complete(session, "openai", { apiKey: "sk-canary-stored" });
    await go.confirm(ada, session.attemptId, nangoId);
    await server.runJobs();
    const tables = await server.sql<{ name: string }[]>`
      select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'graphile_worker', 'patchbay')`;
    for (const { name } of tables) {
      const rows = await server.sql.unsafe(
        `select 1 from ${name} t where t::text like any (array['%sk-canary-stored%', '%${session.sessionToken}%'])`,
      );
      expect(rows.length, name).toBe(0);
    }
  });

  it("are not in the log, even when every call goes wrong", async () => {
    const script = `
      const { log } = await import("@/lib/log");
      const { createConnectSession } = await import("@/lib/nango/sessions");
      const { systemDb, ask } = await import("@/lib/db/system");
      const { answering } = await import("@/lib/http/answering");
      for (const call of [
        () => createConnectSession({ integrationKey: "x", tags: {} }),
        () => ask(systemDb("health")\`select 1\`),
        () => { throw new Error("key " + process.env.CLERK_SECRET_KEY + " Bearer " + process.env.NANGO_SECRET_KEY); },
      ]) {
        try { await call(); } catch (error) {
          log().error({ err: error, note: process.env.NANGO_SECRET_KEY }, "it went wrong");
          await answering(() => Promise.reject(error));
        }
      }
      log().error({ note: process.env.OAUTH_GITHUB_CLIENT_SECRET, keys: process.env.OAUTH_ENCRYPTION_KEYS }, "by hand");
      log().error({ note: process.env.NANGO_SECRET_KEY + " ".repeat(70_000) }, "much too long");
      process.exit(0);
    `;
    const canaries = {
      CLERK_SECRET_KEY: "sk_live_canary_clerk",
      CLERK_WEBHOOK_SIGNING_SECRET: "whsec_canaryOfTheWebhooks1",
      SUPABASE_SECRET_KEY: "sb_secret_canary_supabase",
      DATABASE_URL: "postgres://postgres:canary-password@127.0.0.1:9/postgres",
      NANGO_SECRET_KEY: "c0ffee00-cafe-4cab-8bad-facade000000",
      NANGO_WEBHOOK_SIGNING_KEY: "canary-signing-key",
      CRON_SECRET: "canary-cron-secret-0",
      OAUTH_GITHUB_CLIENT_ID: "github-app",
      OAUTH_GITHUB_CLIENT_SECRET: "canary-oauth-secret",
      OAUTH_ENCRYPTION_KEYS: `k1:${Buffer.from("canary-key-of-thirty-two-bytes!!").toString("base64")}`,
    };
    const child = spawn(
      process.execPath,
      ["--import", "tsx", "--conditions=react-server", "--input-type=module", "-e", script],
      {
        env: {
          PATH: process.env.PATH,
          ...settings({ APP_URL, ...canaries, LOG_LEVEL: "trace" }),
        } as unknown as NodeJS.ProcessEnv,
      },
    );
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    await new Promise((resolve) => child.on("close", resolve));
    expect(output).toContain("it went wrong");
    expect(output).toContain("nango_unreachable");
    expect(output).toContain('{"cut":');
    expect(output).not.toMatch(/canary|c0ffee00/);
    expect(output).not.toContain(Buffer.from("canary-key").toString("base64").slice(0, 12));
  });
});
