import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Tenant } from "@/lib/auth/tenant";
import { closeAttempt } from "@/lib/db/attempts";
import { resetEnv } from "@/lib/env";
import { startDirect } from "@/lib/oauth/authorize";
import { CALLBACK, type DirectWorld, openDirectWorld } from "../support/direct";

let world: DirectWorld;
let ada: Tenant;

beforeAll(async () => {
  world = await openDirectWorld();
  ada = world.db.tenant("org_acme", "user_ada", "admin");
});
afterAll(() => world?.close());
beforeEach(async () => {
  await world.control("/faults", undefined, "DELETE");
  await world.control("/calls", undefined, "DELETE");
});

const tokenCalls = () => world.calls("service=generic&host=discord.com&path=/api/oauth2/token");
const endOf = async (id: string) => {
  const { status, outcome } = await world.attemptOf(ada, id);
  return `${status} ${outcome}`;
};

describe("a sign-in without Nango", () => {
  it.each([
    ["discord", /Ada/, /^\d|.+/],
    ["github", /ada/i, /.+/],
    ["gmail", /Ada/, /.+/],
    ["slack", /Ada/i, /.+/],
    ["notion", /Ada/, /.+/],
    ["codeberg", /Ada/, /.+/],
    ["dropbox", /Ada/, /.+/],
  ])("connects %s, whose account is known after the first look", async (connector, button, account) => {
    const { attempt, browser, authorizationUrl } = await world.start(ada, connector);
    const page = await browser.land(await browser.consent(authorizationUrl, button));
    expect(page.status, page.text).toBe(200);
    expect(page.text).toContain("is connected");
    expect(await endOf(attempt.id)).toBe("confirmed connected");
    await world.runJobs();
    const row = await world.row(attempt.id);
    expect(row).toMatchObject({
      owner_id: "org_acme",
      connected_by: "user_ada",
      connector,
      auth_method: "direct",
      integration_key: `direct/${connector}`,
      nango_connection_id: attempt.id,
      status: "connected",
      credentials_readable: true,
    });
    expect(row?.account_id, "the account's id").toMatch(account);
    expect(browser.cookies.size).toBe(0);
    const events = await world.db
      .sql`select type from connection_events where connection_id = ${attempt.id} order by id`;
    expect(events.map(({ type }) => type).slice(0, 2)).toEqual(["connected", "identified"]);
  });

  it("asks with PKCE, a state of 256 bits and the one redirect URI, and never twice with the same", async () => {
    const [first, second] = await Promise.all([world.start(ada), world.start(ada)]);
    const [one, two] = [first, second].map(({ authorizationUrl }) => new URL(authorizationUrl).searchParams);
    expect(one?.get("redirect_uri")).toBe(CALLBACK);
    expect(one?.get("response_type")).toBe("code");
    expect(one?.get("code_challenge_method")).toBe("S256");
    expect(one?.get("code_challenge")).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(one?.get("state")).toMatch(/^[A-Za-z0-9_-]{43}$/);
    for (const name of ["state", "code_challenge"]) expect(one?.get(name)).not.toBe(two?.get(name));
    expect(first.setCookie).toMatch(
      /^patchbay_oauth_[0-9a-f-]{36}=[A-Za-z0-9_-]{43}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/,
    );
  });

  it("binds its cookie to the host where the app is served over https", async () => {
    process.env.APP_URL = "https://app.acme.test";
    resetEnv();
    try {
      const { attempt, setCookie, authorizationUrl } = await world.start(ada);
      expect(setCookie).toMatch(new RegExp(`^__Host-patchbay_oauth_${attempt.id}=.*; Secure$`));
      expect(new URL(authorizationUrl).searchParams.get("redirect_uri")).toBe("https://app.acme.test/oauth/callback");
    } finally {
      process.env.APP_URL = "http://localhost:3999";
      resetEnv();
    }
  });

  it("ends as denied when the person says no, and asks for no token", async () => {
    const { attempt, browser, authorizationUrl } = await world.start(ada);
    const page = await browser.land(await browser.consent(authorizationUrl, /Deny/));
    expect(page.text).toContain("You declined");
    expect(await endOf(attempt.id)).toBe("failed denied");
    expect(await tokenCalls()).toEqual([]);
  });

  it("cannot be finished after it was cancelled, and keeps no tokens then", async () => {
    const { attempt, browser, authorizationUrl } = await world.start(ada);
    const landing = await browser.consent(authorizationUrl, /Ada/);
    await closeAttempt(ada, attempt.id, "cancelled");
    expect((await browser.land(landing)).text).toContain("ended before it was finished");
    expect(await endOf(attempt.id)).toBe("cancelled cancelled");
    expect(await tokenCalls()).toEqual([]);
    expect(await world.stored(attempt.id)).toBeUndefined();
  });

  it("keeps no tokens when it is cancelled while the provider answers", async () => {
    const { attempt, browser, authorizationUrl } = await world.start(ada);
    const landing = await browser.consent(authorizationUrl, /Ada/);
    await world.control("/faults", {
      service: "generic",
      host: "discord.com",
      path: "/api/oauth2/token",
      kind: "slow",
      ms: 600,
    });
    const landed = browser.land(landing);
    await new Promise((resolve) => setTimeout(resolve, 250));
    await closeAttempt(ada, attempt.id, "cancelled");
    expect((await landed).text).toContain("ended before it was finished");
    expect(await endOf(attempt.id)).toBe("cancelled cancelled");
    expect(await world.row(attempt.id)).toBeUndefined();
    expect(await world.stored(attempt.id)).toBeUndefined();
    // There is nothing that anybody could adopt later.
    expect(await world.db.sql`select 1 from quarantined_connections`).toHaveLength(0);
  });

  it("still counts when the window was closed on our side and it is finished late", async () => {
    const { attempt, browser, authorizationUrl } = await world.start(ada);
    await closeAttempt(ada, attempt.id, "closed");
    await browser.land(await browser.consent(authorizationUrl, /Ada/));
    expect(await endOf(attempt.id)).toBe("confirmed connected");
  });
});

describe("the start of a sign-in", () => {
  it("is refused for an attempt that is over, is somebody else's, or has begun already", async () => {
    const { attempt } = await world.start(ada);
    const begin = (tenant: Tenant) =>
      startDirect(tenant, attempt).then(
        () => "begun",
        (error) => error.code,
      );
    expect(await begin(ada)).toBe("attempt_finished");
    expect(await begin(world.db.tenant("org_acme", "user_grace"))).toBe("attempt_finished");
    expect(await begin(world.db.tenant("org_globex", "user_ada"))).toBe("attempt_finished");
  });

  it.each([
    ["trello", "connector_unavailable"],
    ["sentry", "connector_unavailable"],
    ["linear", "connector_not_configured"],
  ])("is refused for %s: %s", async (connector, code) => {
    await expect(world.start(ada, connector)).rejects.toMatchObject({ code });
  });
});
