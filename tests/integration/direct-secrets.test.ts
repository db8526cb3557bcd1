import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Tenant } from "@/lib/auth/tenant";
import { attemptView, connectionView, eventView } from "@/lib/connect/views";
import { disconnectConnection, getConnection } from "@/lib/db/connections";
import { listConnectionEvents } from "@/lib/db/events";
import { tenantDb } from "@/lib/db/tenant";
import { sealTokens } from "@/lib/oauth/seal-tokens";
import { readableColumns } from "../rls/allowed";
import { appsAt, type DirectWorld, openDirectWorld } from "../support/direct";

let world: DirectWorld;
let ada: Tenant;
let id: string;
/** Whatever must not be seen: tokens of every kind, codes, states, cookies, the application's secret and our keys. */
const secrets = new Set<string>();
const seen: string[] = [];
/** Attempts that were answered with tokens that cannot be used, and a connection that has one all the same. */
const malformed: string[] = [];
let stored: string;

/** All tokens that any provider has issued. */
async function noteTokens(): Promise<void> {
  for (const { accessTokens, refreshTokens } of (await world.control("/grants")).grants)
    for (const { token } of [...accessTokens, ...refreshTokens]) secrets.add(token);
}

beforeAll(async () => {
  world = await openDirectWorld(appsAt("shopify"));
  ada = world.db.tenant("org_acme", "user_ada", "admin");
  for (const connector of ["github", "discord"]) {
    const { attempt, authorizationUrl, cookie, browser } = await world.start(ada, connector);
    const landing = await browser.consent(authorizationUrl, /ada/i);
    secrets.add(new URL(authorizationUrl).searchParams.get("state") ?? "");
    secrets.add(landing.searchParams.get("code") ?? "").add(cookie.value);
    const { text, headers } = await browser.land(landing);
    seen.push(text, JSON.stringify([...headers]));
    seen.push(JSON.stringify(attemptView(await world.attemptOf(ada, attempt.id))));
    id = attempt.id;
  }
  await world.runJobs();
  await noteTokens();
  // Tokens that no header can carry: whatever fails over them must not name them.
  for (const field of ["access_token", "refresh_token"]) {
    const parts = ["first", "second"].map((part) => `canary_${part}_${field}`);
    for (const part of parts) secrets.add(part);
    await world.control("/tokens", { providerKey: "discord", answer: { [field]: parts.join("\n") } });
    const { attempt, authorizationUrl, browser } = await world.start(ada);
    const { text } = await browser.land(await browser.consent(authorizationUrl, /Ada/));
    seen.push(text, JSON.stringify(attemptView(await world.attemptOf(ada, attempt.id))));
    malformed.push(attempt.id);
  }
  await world.control("/tokens", undefined, "DELETE");
  // As if one had been stored before.
  stored = await world.connect(ada);
  secrets.add("canary_stored_first").add("canary_stored_second");
  const sealed = sealTokens(stored, {
    access: "canary_stored_first\ncanary_stored_second",
    refresh: null,
    expiresAt: null,
  });
  await world.db.sql`update oauth_credentials set access_token = ${sealed.access}, refresh_token = null
    where connection_id = ${stored}`;
  await world.db.sql`select patchbay.enqueue_look(${stored})`;
  await world.runJobs();
  await noteTokens();
  const [, key = ""] = (process.env.OAUTH_ENCRYPTION_KEYS ?? "").split(":");
  secrets
    .add(key)
    .add(process.env.OAUTH_DISCORD_CLIENT_SECRET ?? "")
    .add(process.env.OAUTH_GITHUB_CLIENT_SECRET ?? "");
});
afterAll(() => world?.close());

const check = (text: string, where: string) => {
  for (const secret of secrets) expect(text.includes(secret), where).toBe(false);
};

describe("tokens of direct connections", () => {
  it("are many: the test is about something", () => {
    secrets.delete("");
    expect(secrets.size).toBeGreaterThanOrEqual(12);
  });

  it("are kept only where they can be used", async () => {
    for (const attempt of malformed) {
      expect(await world.stored(attempt)).toBeUndefined();
      expect(await world.attemptOf(ada, attempt)).toMatchObject({ status: "failed", outcome: "failed" });
    }
    const jobs = await world.db.sql`select last_error from graphile_worker._private_jobs where last_error is not null`;
    expect(jobs).toHaveLength(1);
  });

  it("are in no answer of ours", async () => {
    const row = await getConnection(ada, id);
    if (!row) throw new Error("no connection");
    const { events } = await listConnectionEvents(ada, id);
    check(
      [...seen, JSON.stringify(connectionView(row)), JSON.stringify(events.map(eventView))].join("\n"),
      "an answer",
    );
  });

  it("are in no row that a browser may read, and in no row at all as they are", async () => {
    const tables = await world.db.sql<{ schema: string; name: string }[]>`
      select schemaname as schema, tablename as name from pg_tables
      where schemaname in ('public', 'patchbay', 'graphile_worker')`;
    for (const { schema, name } of tables) {
      const rows = await world.db.sql.unsafe(`select t::text as row from ${schema}.${name} t`);
      const text = rows.map(({ row }) => row).join("\n");
      check(text, `${schema}.${name}`);
      // Nor in the database's own way of writing bytes.
      for (const secret of secrets) expect(text.includes(Buffer.from(secret).toString("hex")), name).toBe(false);
      const columns = schema === "public" ? (readableColumns[name] ?? []) : [];
      if (columns.length === 0) continue;
      const { data, error } = await tenantDb(ada)
        .from(name as "connections")
        .select(columns.join(","));
      expect(error, name).toBeNull();
      check(JSON.stringify(data), `${name}, read by a person`);
    }
    for (const table of ["oauth_credentials", "oauth_states"] as const) {
      const { error } = await tenantDb(ada)
        .from(table as "connections")
        .select("*");
      expect(error?.code, table).toBe("42501");
    }
  });

  it("are not in the log, even when every call goes wrong", async () => {
    const { authorizationUrl, browser } = await world.start(ada);
    const landing = await browser.consent(authorizationUrl, /Ada/);
    const [pair = ["", ""]] = browser.cookies;
    secrets
      .add(landing.searchParams.get("code") ?? "")
      .add(landing.searchParams.get("state") ?? "")
      .add(pair[1]);
    const child = spawn(
      process.execPath,
      ["--import", "tsx", "--conditions=react-server", "--input-type=module", "-e", script],
      {
        env: {
          ...process.env,
          LOG_LEVEL: "trace",
          CANARY_CONNECTION: id,
          CANARY_LANDING: landing.href,
          CANARY_COOKIE: `${pair[0]}=${pair[1]}`,
          CANARY_CONTROL: world.providers.control,
          CANARY_STORED: stored,
        },
      },
    );
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    expect(await new Promise((resolve) => child.once("close", resolve)), output).toBe(0);
    await noteTokens();
    expect(output).toContain("it went wrong");
    expect(output).toContain("direct_unreachable");
    expect(output).toContain("a direct sign-in came to nothing");
    check(output, "the log");
  });
});

/** Tables that hold a text, whoever may read them. */
async function tablesWith(text: string): Promise<string[]> {
  const tables = await world.db.sql<{ name: string }[]>`
    select schemaname || '.' || tablename as name from pg_tables
    where schemaname in ('public', 'patchbay', 'graphile_worker')`;
  const found: string[] = [];
  for (const { name } of tables) {
    const [row] = await world.db.sql.unsafe(`select 1 from ${name} t where strpos(t::text, $1) > 0 limit 1`, [text]);
    if (row) found.push(name);
  }
  return found.sort();
}

describe("what a connection knows of where its account is", () => {
  const shop = async (tenant: Tenant, subdomain: string) => {
    const begun = await world.start(tenant, "shopify", { onlyMe: true, connectionConfig: { subdomain } });
    const finish = async () => begun.browser.land(await begun.browser.consent(begun.authorizationUrl, /Ada/));
    return { id: begun.attempt.id, finish };
  };
  const takeBack = async (connection: string) => {
    await world.db
      .sql`update connections set remote_delete_after = now() - interval '1 second' where id = ${connection}`;
    await world.db.sql`update graphile_worker._private_jobs set run_at = now()
      where key = ${`remote_delete:${connection}`}`;
    await world.runJobs();
    expect((await world.row(connection))?.remote_deleted_at).not.toBeNull();
  };

  it("is kept with what it is needed for: the state, then the tokens, and goes with them", async () => {
    const { id: connection, finish } = await shop(ada, "canary-of-hers");
    expect(await tablesWith("canary-of-hers")).toEqual(["public.oauth_states"]);
    expect((await finish()).text).toContain("is connected");
    expect(await tablesWith("canary-of-hers")).toEqual(["public.oauth_credentials"]);
    await world.runJobs();
    // One that nobody finishes.
    await world.startAgain(ada, connection);
    expect(await tablesWith("canary-of-hers")).toContain("public.oauth_states");
    await disconnectConnection(ada, connection);
    await takeBack(connection);
    expect(await tablesWith("canary-of-hers")).toEqual([]);
  });

  it("is forgotten with the person", async () => {
    const eve = world.db.tenant("user_eve", "user_eve");
    const { id: connection, finish } = await shop(eve, "canary-of-eves");
    expect((await finish()).text).toContain("is connected");
    await world.runJobs();
    await shop(eve, "canary-of-eves");
    await world.db.sql`select patchbay.forget_person('user_eve')`;
    expect(await tablesWith("canary-of-eves")).not.toContain("public.oauth_states");
    await takeBack(connection);
    expect(await tablesWith("canary-of-eves")).toEqual([]);
  });
});

/** Every way in which a call with tokens can fail, in a process of its own, whose output is the log. */
const script = `
  const { CANARY_CONNECTION: id, CANARY_LANDING, CANARY_COOKIE, CANARY_CONTROL, CANARY_STORED } = process.env;
  const { log } = await import("@/lib/log");
  const { resetEnv } = await import("@/lib/env.ts");
  const { answerCallback } = await import("@/lib/oauth/answer-callback");
  const { renewToken } = await import("@/lib/oauth/refresh");
  const { callDirect } = await import("@/lib/oauth/call");
  const { revokeDirect } = await import("@/lib/oauth/revoke");
  const { closeSystemDb } = await import("@/lib/db/system");
  const connection = { id, connector: "discord" };
  const fault = (path, kind, times = 1) => fetch(CANARY_CONTROL + "/faults", {
    method: "POST", headers: { "content-type": "application/json" },
    body: JSON.stringify({ service: "generic", host: "discord.com", path, kind, times }),
  });
  const tried = async (work) => {
    try { log().info({ answer: await work() && "done" }, "it went well"); }
    catch (error) { log().error({ err: error }, "it went wrong"); log().error(error); }
  };
  for (const kind of ["500", "garbage", "401", "403", "429"]) {
    await fault("/api/oauth2/token", kind);
    await tried(() => renewToken(connection));
    await fault("/api/v10/users/@me", kind, 2);
    await tried(() => callDirect(connection, { method: "GET", endpoint: "/api/v10/users/@me" }));
    await fetch(CANARY_CONTROL + "/faults", { method: "DELETE" });
  }
  const post = (path, body) => fetch(CANARY_CONTROL + path, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  });
  for (const answer of [{ access_token: "canary_first_access_token\\ncanary_second_access_token" },
    { refresh_token: "canary_first_refresh_token\\ncanary_second_refresh_token" }, { token_type: "mac" }]) {
    await post("/tokens", { providerKey: "discord", answer });
    await tried(() => renewToken(connection));
  }
  await fetch(CANARY_CONTROL + "/tokens", { method: "DELETE" });
  await tried(() => callDirect({ id: CANARY_STORED, connector: "discord" }, { method: "GET", endpoint: "/api/v10/users/@me" }));
  await fault("/api/oauth2/token/revoke", "500");
  await tried(() => revokeDirect(connection));
  await fault("/api/oauth2/token", "garbage");
  await tried(() => answerCallback(new Request(CANARY_LANDING, { headers: { cookie: CANARY_COOKIE } })));
  await tried(() => answerCallback(new Request(CANARY_LANDING, { headers: { cookie: CANARY_COOKIE } })));
  const keys = process.env.OAUTH_ENCRYPTION_KEYS;
  process.env.OAUTH_ENCRYPTION_KEYS = "other:" + Buffer.alloc(32).toString("base64");
  resetEnv();
  await tried(() => callDirect(connection, { method: "GET", endpoint: "/api/v10/users/@me" }));
  process.env.OAUTH_ENCRYPTION_KEYS = keys;
  resetEnv();
  log().error({ note: process.env.OAUTH_DISCORD_CLIENT_SECRET + " " + keys }, "settings that should not be logged");
  await closeSystemDb();
  process.exit(0);
`;
