import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GET as sweep } from "@/app/api/cron/reconcile/route";
import { GET as health } from "@/app/api/health/route";
import { POST as session } from "@/app/api/nango/session/route";
import { POST as check } from "@/app/api/v1/connections/[id]/check/route";
import { POST as reconnect } from "@/app/api/v1/connections/[id]/reconnect/route";
import { POST as webhook } from "@/app/api/webhooks/nango/route";
import { requestTenant } from "@/lib/auth/session";
import { availabilityFor } from "@/lib/catalogue/availability";
import { manifests } from "@/lib/catalogue/manifests";
import { resetEnv } from "@/lib/env";
import { probeDue } from "@/lib/jobs/probe";
import { runDueJobs } from "@/lib/jobs/worker";
import { forgetIntegrationKeys } from "@/lib/nango/integrations";
import { journeyOf } from "@/tests/support/journey";
import type { SignedIn } from "@/tests/support/people";
import { type Server, startServer } from "@/tests/support/server";

let server: Server;
let go: ReturnType<typeof journeyOf>;
let ada: SignedIn;

const apps = {
  OAUTH_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 7).toString("base64")}`,
  OAUTH_GITHUB_CLIENT_ID: "github-app",
  OAUTH_GITHUB_CLIENT_SECRET: "github-secret-canary",
  OAUTH_CODEBERG_CLIENT_ID: "codeberg-app",
  OAUTH_CODEBERG_CLIENT_SECRET: "codeberg-secret-canary",
};

beforeAll(async () => {
  server = await startServer(apps);
  go = journeyOf(server);
  ada = await server.signIn("ada@acme.test", "acme");
});
afterAll(() => server?.close());
beforeEach(async () => {
  server.wire.calls.length = 0;
  await server.sql`delete from connection_attempts`;
});
afterEach(() => {
  server.wire.trouble({ kind: "none" });
  set({ NANGO_FALLBACK: undefined, NANGO_ENABLED: undefined, ...apps });
});

/** Changes the operator's settings, as a restart does. */
function set(settings: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(settings)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  resetEnv();
  forgetIntegrationKeys();
}

const start = (body: object) => server.call(session, "/api/nango/session", { as: ada, body });
const attempts = () => server.sql`
  select connector, auth_method, status, outcome from connection_attempts order by created_at`;
const cutNango = () => server.wire.trouble({ kind: "cut" });

describe("a connector that Nango does not serve", () => {
  it("begins at the provider: an address with PKCE, our redirect URI and a state that only this browser can use", async () => {
    const answer = await start({ connector: "codeberg" });
    expect(answer.status, answer.text).toBe(201);
    expect(answer.json).toEqual({
      oauth_method: "direct",
      attemptId: expect.any(String),
      expiresAt: expect.any(String),
      authorizationUrl: expect.any(String),
      fallback: false,
    });
    const url = new URL(answer.json.authorizationUrl);
    expect(`${url.origin}${url.pathname}`).toBe("https://codeberg.org/login/oauth/authorize");
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: "code",
      client_id: "codeberg-app",
      redirect_uri: "http://localhost:3999/oauth/callback",
      code_challenge_method: "S256",
      state: expect.stringMatching(/^[\w-]{43}$/),
    });
    const cookies = answer.headers.getSetCookie();
    expect(cookies).toHaveLength(1);
    expect(cookies[0]).toMatch(/HttpOnly/);
    expect(cookies[0]).toMatch(/SameSite=Lax/);
    expect(cookies[0]).not.toContain(url.searchParams.get("state"));
    expect(await attempts()).toEqual([{ connector: "codeberg", auth_method: "direct", status: "open", outcome: null }]);
    expect(server.wire.calls).toEqual([]);
    expect(answer.text).not.toContain("canary");
  });

  it("is refused with a code, and nothing written, until the operator has entered an OAuth app", async () => {
    set({ OAUTH_CODEBERG_CLIENT_ID: undefined, OAUTH_CODEBERG_CLIENT_SECRET: undefined });
    for (const body of [{ connector: "codeberg" }, { connector: "codeberg", oauth_method: "direct" }]) {
      const answer = await start(body);
      expect([answer.status, answer.json.error.code]).toEqual([409, "direct_not_configured"]);
    }
    expect(await attempts()).toEqual([]);
  });

  it("is closed by a rule of the organisation like any other", async () => {
    await server.sql`insert into connector_policies (owner_id, subject_kind, subject, effect, created_by)
      values (${ada.ownerId}, 'connector', 'codeberg', 'block', ${ada.userId})`;
    const answer = await start({ connector: "codeberg" });
    await server.sql`delete from connector_policies`;
    expect([answer.status, answer.json.error.code]).toEqual([403, "connector_blocked"]);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it("answers a poll, and can be cancelled, without a word to Nango", async () => {
    const { attemptId } = (await start({ connector: "codeberg" })).json;
    expect((await go.read(ada, attemptId)).json.attempt).toMatchObject({ status: "open", connector: "codeberg" });
    expect((await go.cancel(ada, attemptId)).json.attempt).toMatchObject({ status: "cancelled" });
    await runDueJobs();
    expect(server.wire.calls).toEqual([]);
  });
});

describe("while Nango cannot be reached", () => {
  it("the way around it is offered for a connector that has one, and nothing is done by itself", async () => {
    cutNango();
    const answer = await start({ connector: "github" });
    expect([answer.status, answer.json.error.code, answer.json.error.fallback]).toEqual([
      503,
      "nango_unreachable",
      "direct",
    ]);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await attempts()).toEqual([
      { connector: "github", auth_method: "nango", status: "failed", outcome: "nango_unavailable" },
    ]);
  });

  it("the offer is taken by asking for it", async () => {
    cutNango();
    const answer = await start({ connector: "github", oauth_method: "direct" });
    expect(answer.status, answer.text).toBe(201);
    expect(answer.json).toMatchObject({ oauth_method: "direct", fallback: false });
    expect(answer.json.authorizationUrl).toMatch(/^https:\/\/github\.com\/login\/oauth\/authorize\?/);
  });

  it("an offer that is taken when Nango is back, or was never made, leads to Nango", async () => {
    const answer = await start({ connector: "github", oauth_method: "direct" });
    expect(answer.json).toMatchObject({ oauth_method: "nango" });
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it("with auto it is taken at once, and the answer says so", async () => {
    set({ NANGO_FALLBACK: "auto" });
    cutNango();
    const answer = await start({ connector: "github" });
    expect(answer.status, answer.text).toBe(201);
    expect(answer.json).toMatchObject({ oauth_method: "direct", fallback: true });
    expect(answer.headers.getSetCookie()).toHaveLength(1);
    expect(await attempts()).toMatchObject([
      { auth_method: "nango", status: "failed", outcome: "nango_unavailable" },
      { auth_method: "direct", status: "open" },
    ]);
  });

  it("with auto it is taken when Nango is silent, too, within the time that a person waits", async () => {
    set({ NANGO_FALLBACK: "auto" });
    server.wire.trouble({ kind: "silent" });
    const begun = performance.now();
    const answer = await start({ connector: "github" });
    expect(answer.json).toMatchObject({ oauth_method: "direct", fallback: true });
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  it("with off it is neither offered nor given", async () => {
    set({ NANGO_FALLBACK: "off" });
    cutNango();
    const plain = await start({ connector: "github" });
    expect([plain.status, plain.json.error.code, plain.json.error.fallback]).toEqual([
      503,
      "nango_unreachable",
      undefined,
    ]);
    const asked = await start({ connector: "github", oauth_method: "direct" });
    expect([asked.status, asked.json.error.code]).toEqual([409, "direct_not_configured"]);
  });

  it.each(["slack", "openai"])("%s, which has no OAuth app here, gets the plain error", async (connector) => {
    set({ NANGO_FALLBACK: "auto" });
    cutNango();
    const answer = await start({ connector });
    expect([answer.status, answer.json.error.code, answer.json.error.fallback]).toEqual([
      503,
      "nango_unreachable",
      undefined,
    ]);
    const asked = await start({ connector, oauth_method: "direct" });
    expect([asked.status, asked.json.error.code]).toEqual([409, "direct_not_configured"]);
  });
});

it("an answer of Nango's, however unwelcome, is no reason to go around it", async () => {
  set({ NANGO_FALLBACK: "auto" });
  const answers: [number, string, string][] = [
    [401, '{"error":{"code":"unknown_account"}}', "nango_rejected"],
    [429, '{"error":{"code":"too_many_request"}}', "nango_rate_limited"],
    [400, '{"error":{"code":"invalid_body"}}', "connector_not_configured"],
    [200, "<html>", "nango_invalid_answer"],
  ];
  for (const [status, body, code] of answers) {
    server.wire.trouble({ kind: "answer", status, body });
    const answer = await start({ connector: "github" });
    expect([answer.json.error.code, answer.json.error.fallback]).toEqual([code, undefined]);
    expect(answer.headers.getSetCookie()).toEqual([]);
  }
});

it("a connection through Nango says so, and is reconnected through Nango alone", async () => {
  const { connection } = await go.connect(ada);
  expect(connection.oauth_method).toBe("nango");
  const path = `/api/v1/connections/${connection.id}/reconnect`;
  const options = { as: ada, params: { id: connection.id }, body: {} };
  expect((await server.call(reconnect, path, options)).json.oauth_method).toBe("nango");
  set({ NANGO_FALLBACK: "auto" });
  cutNango();
  const away = await server.call(reconnect, path, options);
  expect([away.status, away.json.error.code, away.json.error.fallback]).toEqual([503, "nango_unreachable", undefined]);
});

describe("an installation that does without Nango", () => {
  beforeEach(() => set({ NANGO_ENABLED: "false" }));

  it("says of every connector how it is connected, or why not", async () => {
    const headers = { authorization: `Bearer ${await ada.token()}` };
    const { tenant } = await requestTenant(new Request("http://localhost:3999/", { headers }));
    const availability = await availabilityFor(tenant);
    const found = Map.groupBy(Object.entries(availability), ([, each]) =>
      each.state === "available" ? each.method : each.reason,
    );
    const slugs = (reason: string) => (found.get(reason as "direct") ?? []).map(([slug]) => slug).sort();
    expect(Object.keys(availability)).toHaveLength(manifests.size);
    expect(slugs("direct")).toEqual(["codeberg", "github"]);
    expect(slugs("upstream")).toEqual(["when2meet"]);
    expect(slugs("needs_nango")).toEqual(
      expect.arrayContaining(["openai", "twilio", "tableau", "amazon-s3", "sentry"]),
    );
    expect(slugs("direct_not_configured")).toEqual(expect.arrayContaining(["slack", "gmail", "linear", "notion"]));
    // What is not OAuth 2 has no other way. What is has one, but for Sentry, where a sign-in begins at Sentry.
    const notOAuth2 = [...manifests.values()].filter(({ auth_mode }) => auth_mode !== null && auth_mode !== "OAUTH2");
    expect(slugs("needs_nango")).toEqual([...notOAuth2.map(({ slug }) => slug), "sentry"].sort());
    expect([...found.keys()].sort()).toEqual(["direct", "direct_not_configured", "needs_nango", "upstream"]);
    expect(server.wire.calls).toEqual([]);
  });

  it("connects directly what has an OAuth app, and says why of the rest", async () => {
    const github = await start({ connector: "github" });
    expect([github.status, github.json.oauth_method]).toEqual([201, "direct"]);
    const codes = await Promise.all(
      ["openai", "slack", "when2meet"].map(async (connector) => {
        const { status, json } = await start({ connector });
        return [status, json.error.code];
      }),
    );
    expect(codes).toEqual([
      [503, "nango_disabled"],
      [409, "direct_not_configured"],
      [409, "connector_unavailable"],
    ]);
    expect(server.wire.calls).toEqual([]);
  });

  it("takes no webhook, sweeps nothing and is healthy, and nothing calls Nango", async () => {
    const body = JSON.stringify({ from: "nango", type: "auth" });
    expect((await server.call(webhook, "/api/webhooks/nango", { body })).json.error.code).toBe(
      "webhooks_not_configured",
    );
    expect((await server.call(health, "/api/health")).json).toEqual({ status: "ok", database: true, nango: null });
    const headers = { authorization: `Bearer ${process.env.CRON_SECRET}` };
    const swept = await server.call(sweep, "/api/cron/reconcile", { headers });
    expect(swept.json).toMatchObject({ status: "done", calls: 0, started_at: null });
    await runDueJobs();
    expect(server.wire.calls).toEqual([]);
  });

  it("leaves an account that was connected through Nango as it is, and says why it cannot be reconnected", async () => {
    set({ NANGO_ENABLED: undefined });
    const { connection } = await go.connect(ada);
    set({ NANGO_ENABLED: "false" });
    server.wire.calls.length = 0;
    const path = `/api/v1/connections/${connection.id}/reconnect`;
    const answer = await server.call(reconnect, path, { as: ada, params: { id: connection.id }, body: {} });
    expect([answer.status, answer.json.error.code]).toEqual([503, "nango_disabled"]);
    const [attempt] = await server.sql`select status, outcome from connection_attempts where is_reconnect`;
    expect(attempt).toEqual({ status: "failed", outcome: "not_configured" });
    await runDueJobs();
    expect((await go.list(ada)).find(({ id }) => id === connection.id)).toMatchObject({
      status: "connected",
      oauth_method: "nango",
    });
    expect(server.wire.calls).toEqual([]);
  });

  it("says that nobody can look at such an account, and looks that were asked for before end without a change", async () => {
    set({ NANGO_ENABLED: undefined });
    const { connection } = await go.connect(ada);
    const { id } = connection;
    await runDueJobs();
    const row = async () => (await server.sql`select * from connections where id = ${id}`)[0];
    const jobs = () => server.sql`select key, last_error from graphile_worker._private_jobs where key like ${`%${id}`}`;
    set({ NANGO_ENABLED: "false" });
    server.wire.calls.length = 0;
    const before = await row();

    const asked = await server.call(check, `/api/v1/connections/${id}/check`, { as: ada, params: { id }, body: {} });
    expect([asked.status, asked.json.error.code]).toEqual([503, "nango_disabled"]);
    expect([await row(), await jobs()]).toEqual([before, []]);
    const stranger = await server.signIn("katherine@globex.test", "globex");
    const foreign = await server.call(check, `/api/v1/connections/${id}/check`, {
      as: stranger,
      params: { id },
      body: {},
    });
    expect([foreign.status, foreign.json.error.code]).toEqual([404, "not_found"]);

    await server.sql`select patchbay.enqueue_look(${id})`;
    await server.sql`select patchbay.add_job('retag', jsonb_build_object('connection_id', ${id}::text), null, ${`retag:${id}`})`;
    await server.sql`update connections set next_probe_at = now() - interval '1 hour' where id = ${id}`;
    const due = await row();
    await probeDue();
    await runDueJobs();
    expect([await row(), await jobs()]).toEqual([due, []]);
    expect(server.wire.calls).toEqual([]);
  });
});
