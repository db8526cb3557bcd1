import { spawn } from "node:child_process";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Tenant } from "@/lib/auth/tenant";
import { callProvider } from "@/lib/connect/credentials";
import { closeAttempt } from "@/lib/db/attempts";
import { connectionForJob, type JobConnection } from "@/lib/db/connection-jobs";
import { withDeadline } from "@/lib/deadline";
import { resetEnv } from "@/lib/env";
import { lookAt } from "@/lib/jobs/look";
import { freshToken, renewToken } from "@/lib/oauth/refresh";
import { type DirectWorld, openDirectWorld } from "../support/direct";
import { eventually } from "../support/eventually";

let world: DirectWorld;
let ada: Tenant;

beforeAll(async () => {
  world = await openDirectWorld();
});
afterAll(() => world?.close());
let owners = 0;
beforeEach(async () => {
  // An owner of its own for each test: the same account twice would be told.
  ada = world.db.tenant(`org_acme_${owners++}`, "user_ada", "admin");
  await world.control("/faults", undefined, "DELETE");
  await world.control("/reset", {});
  await world.control("/tokens", undefined, "DELETE");
});

const tokenCalls = async () => (await world.calls("service=generic&host=discord.com&path=/api/oauth2/token")).length;
const discord = (id: string) => ({ id, connector: "discord" });
/** The token that is stored is over; the provider has not been told so. */
const outdated = (id: string) =>
  world.db.sql`update oauth_credentials set expires_at = now() - interval '1 minute' where connection_id = ${id}`;
const tokenEndpoint = { service: "generic", host: "discord.com", path: "/api/oauth2/token" };
const fault = (kind: string, times = 1) =>
  world.control("/faults", { service: "generic", host: "discord.com", path: "/api/oauth2/token", kind, times });
const me = { method: "GET", endpoint: "/api/v10/users/@me" } as const;
/** Somebody stands before a row that is locked. */
const isWaitedFor = () =>
  eventually(async () => {
    const [row] = await world.db.sql`select count(*)::int as n from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    return row?.n > 0;
  }, "somebody waits");
const job = (id: string) => connectionForJob(id) as Promise<JobConnection>;

describe("an access token", () => {
  it("is used as long as it lasts, without asking anybody", async () => {
    const id = await world.connect(ada);
    const before = await tokenCalls();
    const tokens = await Promise.all(Array.from({ length: 10 }, () => freshToken(discord(id))));
    expect(new Set(tokens.map((token) => token.ok && token.token)).size).toBe(1);
    expect(await tokenCalls()).toBe(before);
  });

  it("is renewed once for fifty callers at once, and all of them get the new one", async () => {
    const id = await world.connect(ada);
    await outdated(id);
    const before = await tokenCalls();
    const tokens = await Promise.all(Array.from({ length: 50 }, () => freshToken(discord(id))));
    expect(await tokenCalls()).toBe(before + 1);
    expect(new Set(tokens.map((token) => token.ok && token.token)).size).toBe(1);
    expect((await world.stored(id))?.version).toBe(2);
    expect(await callProvider(await job(id), me)).toMatchObject({ kind: "answer", status: 200 });
  });

  it("is renewed once for fifty callers in two processes", async () => {
    const id = await world.connect(ada);
    await outdated(id);
    const before = await tokenCalls();
    const script = `
      const { freshToken } = await import("@/lib/oauth/refresh");
      const { closeSystemDb } = await import("@/lib/db/system");
      process.stdout.write("ready ");
      await new Promise((go) => process.stdin.once("data", go));
      const all = await Promise.all(Array.from({ length: 25 }, () => freshToken({ id: "${id}", connector: "discord" })));
      process.stdout.write(all.map((token) => token.version).join(","));
      await closeSystemDb();
      process.exit(0);`;
    const children = Array.from({ length: 2 }, () => {
      const child = spawn(process.execPath, [
        "--import",
        "tsx",
        "--conditions=react-server",
        "--input-type=module",
        "-e",
        script,
      ]);
      let output = "";
      let errors = "";
      child.stderr.on("data", (chunk) => (errors += chunk));
      const ready = new Promise<void>((resolve) => {
        child.stdout.on("data", (chunk) => {
          output += chunk;
          if (output.includes("ready")) resolve();
        });
        child.once("close", () => resolve());
      });
      const done = new Promise<string>((resolve) => child.once("close", () => resolve(output + errors)));
      return { child, ready, done };
    });
    await Promise.all(children.map(({ ready }) => ready));
    // Long enough for both to ask, if both may.
    await world.control("/faults", { ...tokenEndpoint, kind: "slow", ms: 1_000 });
    for (const { child } of children) child.stdin.write("go\n");
    const outputs = await Promise.all(children.map(({ done }) => done));
    for (const output of outputs) expect(output).toBe(`ready ${Array(25).fill(2).join(",")}`);
    expect(await tokenCalls()).toBe(before + 1);
  });

  it("is renewed with each refresh token once: what the provider gave last is what is sent next", async () => {
    const id = await world.connect(ada);
    for (let round = 2; round < 6; round++) {
      await outdated(id);
      expect(await freshToken(discord(id))).toMatchObject({ ok: true, version: round });
    }
    // The stand-in ends the whole consent when it sees a refresh token twice.
    expect(await callProvider(await job(id), me)).toMatchObject({ kind: "answer", status: 200 });
  });

  it("is renewed for a look although somebody waits at the same time who needs no new one", async () => {
    const id = await world.connect(ada);
    await outdated(id);
    const held = await world.db.sql.reserve();
    await held`begin`;
    await held`select * from patchbay.credentials_of(${id}, true)`;
    const fresh = freshToken(discord(id));
    await isWaitedFor();
    const looked = renewToken(discord(id));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await held`update oauth_credentials set expires_at = now() + interval '1 hour' where connection_id = ${id}`;
    await held`commit`;
    held.release();
    expect(await looked).toMatchObject({ ok: true, version: 2 });
    expect(await fresh).toMatchObject({ ok: true });
  });

  it("may do what the provider says when it is renewed, which can be less than before", async () => {
    const id = await world.connect(ada);
    expect((await world.row(id))?.scopes_granted).toEqual(["identify", "guilds"]);
    await outdated(id);
    await world.control("/tokens", { providerKey: "discord", answer: { scope: "identify" } });
    await freshToken(discord(id));
    expect((await world.row(id))?.scopes_granted).toEqual(["identify"]);
    // Who says nothing of it has changed nothing.
    await outdated(id);
    await world.control("/tokens", { providerKey: "discord", answer: { scope: null } });
    expect(await freshToken(discord(id))).toMatchObject({ ok: true, version: 3 });
    expect((await world.row(id))?.scopes_granted).toEqual(["identify"]);
  });

  it("keeps its refresh token where the provider gives no new one", async () => {
    const id = await world.connect(ada, "gmail");
    for (let round = 2; round < 4; round++) {
      await outdated(id);
      expect(await freshToken({ id, connector: "gmail" })).toMatchObject({ ok: true, version: round });
    }
  });

  it("is renewed when the provider refuses it before its time, and the call is made again", async () => {
    const id = await world.connect(ada);
    await world.control("/expire", { service: "generic" });
    expect(await callProvider(await job(id), me)).toMatchObject({ kind: "answer", status: 200 });
    expect((await world.row(id))?.status).toBe("connected");
    expect((await world.stored(id))?.version).toBe(2);
  });

  it("without a refresh token is used until the provider says that it is over", async () => {
    await world.control("/tokens", { providerKey: "discord", refresh: false, seconds: 3600 });
    const id = await world.connect(ada);
    const row = await world.row(id);
    expect(Math.abs(Date.parse(row?.expires_at) - Date.now() - 3_600_000)).toBeLessThan(60_000);
    await outdated(id);
    const before = await tokenCalls();
    expect(await callProvider(await job(id), me)).toMatchObject({ kind: "answer", status: 200 });
    expect(await tokenCalls()).toBe(before);
    await world.control("/expire", { service: "generic" });
    await lookAt(id);
    expect(await world.row(id)).toMatchObject({ status: "needs_attention", reason_code: "auth_failed" });
  });
});

describe("a refresh that goes wrong", () => {
  it.each(["500", "429", "garbage", "redirect"])(
    "changes nothing when the provider answers %s, and works the next time",
    async (kind) => {
      const id = await world.connect(ada);
      await outdated(id);
      const before = await world.stored(id);
      await fault(kind);
      await expect(freshToken(discord(id))).rejects.toMatchObject({ code: "direct_unreachable" });
      expect(await world.stored(id)).toEqual(before);
      expect((await world.row(id))?.status).toBe("connected");
      expect(await freshToken(discord(id))).toMatchObject({ ok: true, version: 2 });
    },
  );

  it("comes to its end although whoever asked for it has no time left, and nobody else waits by their clock", async () => {
    const id = await world.connect(ada);
    await outdated(id);
    const before = await tokenCalls();
    await world.control("/faults", { ...tokenEndpoint, kind: "slow", ms: 1_500 });
    const hasty = withDeadline(600, () => freshToken(discord(id)));
    const patient = freshToken(discord(id));
    await expect(hasty).rejects.toMatchObject({ code: "direct_unreachable" });
    // The stand-in ends the whole consent when it sees a refresh token twice.
    expect(await freshToken(discord(id))).toMatchObject({ ok: true, version: 2 });
    expect(await patient).toMatchObject({ ok: true, version: 2 });
    expect(await tokenCalls()).toBe(before + 1);
    expect(await callProvider(await job(id), me)).toMatchObject({ kind: "answer", status: 200 });
  });

  it("ahead of its end keeps nobody from the token that there is when their time is over", async () => {
    const id = await world.connect(ada);
    await world.db
      .sql`update oauth_credentials set expires_at = now() + interval '30 seconds' where connection_id = ${id}`;
    await world.control("/faults", { ...tokenEndpoint, kind: "slow", ms: 1_500 });
    expect(await withDeadline(600, () => freshToken(discord(id)))).toMatchObject({ ok: true, version: 1 });
    expect(await freshToken(discord(id))).toMatchObject({ ok: true, version: 2 });
  });

  it("ahead of its end goes on with the token that there is", async () => {
    const id = await world.connect(ada);
    await world.db
      .sql`update oauth_credentials set expires_at = now() + interval '30 seconds' where connection_id = ${id}`;
    await fault("500");
    expect(await freshToken(discord(id))).toMatchObject({ ok: true, version: 1 });
    expect(await freshToken(discord(id))).toMatchObject({ ok: true, version: 2 });
  });

  it("says nothing about the credentials when the provider does not know our application", async () => {
    const id = await world.connect(ada);
    await outdated(id);
    const { OAUTH_DISCORD_CLIENT_SECRET: secret } = process.env;
    process.env.OAUTH_DISCORD_CLIENT_SECRET = "wrong";
    resetEnv();
    try {
      await expect(freshToken(discord(id))).rejects.toMatchObject({ code: "connector_not_configured" });
    } finally {
      process.env.OAUTH_DISCORD_CLIENT_SECRET = secret;
      resetEnv();
    }
    expect((await world.row(id))?.status).toBe("connected");
    expect(await freshToken(discord(id))).toMatchObject({ ok: true });
  });

  it.each([
    ["a line break in the token", { access_token: "first\nsecond" }],
    ["a line break in the token to renew with", { refresh_token: "first\nsecond" }],
    ["another kind of token", { token_type: "mac" }],
  ])("changes nothing when the provider answers with %s", async (_, answer) => {
    const id = await world.connect(ada);
    await outdated(id);
    const before = await world.stored(id);
    await world.control("/tokens", { providerKey: "discord", answer });
    await expect(freshToken(discord(id))).rejects.toMatchObject({ code: "direct_unreachable" });
    expect(await world.stored(id)).toEqual(before);
  });

  it("is asked for again by looks alone once the provider has refused it, whoever calls in between", async () => {
    const id = await world.connect(ada);
    await world.control("/expire", { service: "generic" });
    await world.control("/revoke", { service: "generic" });
    const before = await tokenCalls();
    // By our own record the access token is good for an hour: it is the provider that refuses it.
    for (let round = 0; round < 5; round++)
      expect(await callProvider(await job(id), me)).toEqual({ kind: "refused", code: "invalid_credentials" });
    expect(await tokenCalls()).toBe(before + 1);
    expect(await renewToken(discord(id))).toEqual({ ok: false });
    expect(await tokenCalls()).toBe(before + 2);
  });

  it.each([
    ["is over", (id: string) => freshToken(discord(id))],
    ["did not work", (id: string) => renewToken(discord(id), 1)],
  ])("is not asked for by whoever waited while another process was refused: a token that %s", async (_, ask) => {
    const id = await world.connect(ada);
    await outdated(id);
    const before = await tokenCalls();
    const held = await world.db.sql.reserve();
    await held`begin`;
    await held`select * from patchbay.credentials_of(${id}, true)`;
    const waiting = ask(id);
    await isWaitedFor();
    await held`select patchbay.refuse_refresh(${id}, 1)`;
    await held`commit`;
    held.release();
    expect(await waiting).toEqual({ ok: false });
    expect(await tokenCalls()).toBe(before);
  });

  it("ahead of its end is no success for a look: nothing is known then", async () => {
    const id = await world.connect(ada);
    await fault("500");
    await expect(renewToken(discord(id))).rejects.toMatchObject({ code: "direct_unreachable" });
    expect(await renewToken(discord(id))).toMatchObject({ ok: true, version: 2 });
  });

  it("because access was revoked is suspected, looked into, and needs attention; the refused token is not sent again", async () => {
    const id = await world.connect(ada);
    await world.control("/revoke", { service: "generic" });
    await outdated(id);
    expect(await callProvider(await job(id), me)).toEqual({ kind: "refused", code: "invalid_credentials" });
    expect((await world.row(id))?.suspect_since).not.toBeNull();
    const before = await tokenCalls();
    await Promise.all(Array.from({ length: 10 }, async () => callProvider(await job(id), me)));
    expect(await tokenCalls()).toBe(before);
    await world.runJobs();
    expect(await world.row(id)).toMatchObject({ status: "needs_attention", reason_code: "refresh_failed" });
    const events = await world.db.sql`select type from connection_events where connection_id = ${id} order by id`;
    expect(events.map(({ type }) => type)).toEqual(["connected", "identified", "suspected", "needs_attention"]);
    const notices = await world.db.sql`select kind from notices where connection_id = ${id}`;
    expect(notices.map(({ kind }) => kind)).toEqual(["needs_attention"]);
  });

  it("of a connection that somebody signs in to again meanwhile counts for nothing", async () => {
    const id = await world.connect(ada);
    await world.control("/revoke", { service: "generic" });
    await lookAt(id);
    expect((await world.row(id))?.status).toBe("needs_attention");
    const { browser, authorizationUrl, attempt } = await world.startAgain(ada, id);
    await browser.land(await browser.consent(authorizationUrl, /Ada/));
    expect(await world.attemptOf(ada, attempt.id)).toMatchObject({
      status: "confirmed",
      outcome: "reconnected",
      connectionId: id,
    });
    await world.runJobs();
    expect(await world.row(id)).toMatchObject({ status: "connected", reason_code: null });
    expect(await world.stored(id)).toMatchObject({ refresh_refused_at: null });
  });
});

describe("signing in again", () => {
  it("changes nothing until it is finished: not when it is begun, declined, or fails", async () => {
    const id = await world.connect(ada);
    const before = [await world.row(id), await world.stored(id)];
    const declined = await world.startAgain(ada, id);
    await declined.browser.land(await declined.browser.consent(declined.authorizationUrl, /Deny/));
    const failed = await world.startAgain(ada, id);
    const landing = await failed.browser.consent(failed.authorizationUrl, /Ada/);
    await fault("500");
    await failed.browser.land(landing);
    expect([await world.row(id), await world.stored(id)]).toEqual(before);
  });

  it("as another account than before is noticed, whoever's the new tokens are", async () => {
    const id = await world.connect(ada);
    const { browser, authorizationUrl } = await world.startAgain(ada, id);
    await browser.land(await browser.consent(authorizationUrl, /Grace/));
    await world.runJobs();
    expect(await world.row(id)).toMatchObject({ status: "needs_attention", reason_code: "account_mismatch" });
    const right = await world.startAgain(ada, id);
    await right.browser.land(await right.browser.consent(right.authorizationUrl, /Ada/));
    await world.runJobs();
    expect(await world.row(id)).toMatchObject({ status: "connected", found_account_id: null });
  });

  it("waits for a refresh that is under way, and its tokens are the ones that stay", async () => {
    const id = await world.connect(ada);
    await outdated(id);
    const { browser, authorizationUrl } = await world.startAgain(ada, id);
    const landing = await browser.consent(authorizationUrl, /Ada/);
    await world.control("/faults", {
      service: "generic",
      host: "discord.com",
      path: "/api/oauth2/token",
      kind: "slow",
      ms: 500,
    });
    // So that the refresh changes the connection as well, which the sign-in is about to change.
    await world.control("/tokens", { providerKey: "discord", answer: { scope: "identify" } });
    const refreshing = freshToken(discord(id));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const [refreshed] = await Promise.all([refreshing, browser.land(landing)]);
    expect(refreshed).toMatchObject({ ok: true, version: 2 });
    expect((await world.stored(id))?.version).toBe(3);
    expect(await freshToken(discord(id))).toMatchObject({ ok: true, version: 3 });
    expect(await callProvider(await job(id), me)).toMatchObject({ kind: "answer", status: 200 });
  });

  it("keeps the tokens that there were when it is cancelled while the provider answers", async () => {
    const id = await world.connect(ada);
    const before = [await world.row(id), await world.stored(id)];
    const { attempt, browser, authorizationUrl } = await world.startAgain(ada, id);
    const landing = await browser.consent(authorizationUrl, /Grace/);
    await world.control("/faults", { ...tokenEndpoint, kind: "slow", ms: 600 });
    const landed = browser.land(landing);
    await new Promise((resolve) => setTimeout(resolve, 250));
    await closeAttempt(ada, attempt.id, "cancelled");
    expect((await landed).text).toContain("ended before it was finished");
    expect([await world.row(id), await world.stored(id)]).toEqual(before);
  });

  it("does nothing for a connection that was disconnected meanwhile", async () => {
    const id = await world.connect(ada);
    const { attempt, browser, authorizationUrl } = await world.startAgain(ada, id);
    const landing = await browser.consent(authorizationUrl, /Ada/);
    await world.db.sql`select patchbay.disconnect_connection(${ada.ownerId}, 'user_ada', true, ${id})`;
    const before = await world.stored(id);
    expect((await browser.land(landing)).text).toContain("ended before it was finished");
    expect(await world.stored(id)).toEqual(before);
    expect((await world.row(id))?.status).toBe("disconnected");
    // Whoever waits for it is told.
    expect(await world.attemptOf(ada, attempt.id)).toMatchObject({ status: "failed", outcome: "failed" });
  });
});
