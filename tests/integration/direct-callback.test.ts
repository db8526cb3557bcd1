import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Tenant } from "@/lib/auth/tenant";
import { completeDirect, failDirectAttempt } from "@/lib/db/oauth";
import { withDeadline } from "@/lib/deadline";
import { resetEnv } from "@/lib/env";
import { finishDirect } from "@/lib/oauth/callback";
import { Browser, CALLBACK, type DirectWorld, openDirectWorld } from "../support/direct";

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
  await world.control("/tokens", undefined, "DELETE");
});

const tokenCalls = () => world.calls("service=generic&host=discord.com&path=/api/oauth2/token");
const connections = async () => Number((await world.db.sql`select count(*) from connections`)[0]?.count);
/** The callback without its page, which has a time limit of its own. */
const finishing = async (request: Request) => new Response((await finishDirect(request)).ending);
const endOf = async (id: string) => {
  const { status, outcome } = await world.attemptOf(ada, id);
  return `${status} ${outcome}`;
};

describe("the callback", () => {
  it("takes a state once", async () => {
    const { attempt, browser, authorizationUrl, setCookie } = await world.start(ada);
    const landing = await browser.consent(authorizationUrl, /Ada/);
    await browser.land(landing);
    const before = await connections();
    const again = await browser.take({ setCookie }).land(landing);
    expect(again.text).toContain("not valid any more");
    expect(await connections()).toBe(before);
    expect(await tokenCalls()).toHaveLength(1);
    expect(await endOf(attempt.id)).toBe("confirmed connected");
  });

  it("takes one of twenty that come with the same state at once", async () => {
    const { browser, authorizationUrl } = await world.start(ada);
    const landing = await browser.consent(authorizationUrl, /Ada/);
    const before = await connections();
    const [pair] = browser.cookies;
    const others = Array.from({ length: 20 }, () => {
      const same = new Browser();
      if (pair) same.cookies.set(...pair);
      return same;
    });
    const pages = await Promise.all(others.map((one) => one.land(landing)));
    expect(pages.filter(({ text }) => text.includes("is connected"))).toHaveLength(1);
    expect(await tokenCalls()).toHaveLength(1);
    expect(await connections()).toBe(before + 1);
  });

  it("refuses another browser than the one that began, tells it nothing, and lets nobody go on after it", async () => {
    const { attempt, browser, authorizationUrl } = await world.start(ada, "discord", {
      returnTo: "/connectors/discord",
    });
    const landing = await browser.consent(authorizationUrl, /Ada/);
    const stranger = new Browser();
    const unknown = await stranger.land(`${CALLBACK}?code=x&state=${"A".repeat(43)}`);
    for (const cookies of [[], [[`patchbay_oauth_${attempt.id}`, "guessed"]]] as [string, string][][]) {
      for (const [name, value] of cookies) stranger.cookies.set(name, value);
      const refused = await stranger.land(landing);
      expect(refused.text).toBe(unknown.text);
      expect([...refused.headers]).toEqual([...unknown.headers]);
    }
    expect((await browser.land(landing)).text).toBe(unknown.text);
    expect(await tokenCalls()).toEqual([]);
    expect(await world.row(attempt.id)).toBeUndefined();
    expect(await endOf(attempt.id)).toBe("failed failed");
  });

  it("does not take the cookie of another sign-in of the same browser", async () => {
    const [first, second] = [await world.start(ada), await world.start(ada)];
    const landing = await first.browser.consent(first.authorizationUrl, /Ada/);
    const page = await second.browser.land(landing);
    expect(page.text).toContain("not valid any more");
    expect(await world.row(first.attempt.id)).toBeUndefined();
    // The other sign-in goes on.
    await second.browser.land(await second.browser.consent(second.authorizationUrl, /Ada/));
    expect(await endOf(second.attempt.id)).toBe("confirmed connected");
  });

  it.each([
    ["no state", (url: URL) => url.searchParams.delete("state")],
    ["an empty state", (url: URL) => url.searchParams.set("state", "")],
    ["a state of its own", (url: URL) => url.searchParams.set("state", "B".repeat(43))],
    ["two states", (url: URL) => url.searchParams.append("state", "B".repeat(43))],
    ["a changed state", (url: URL) => url.searchParams.set("state", `${url.searchParams.get("state")}x`)],
  ])("knows nothing of an answer with %s", async (_, change) => {
    const { attempt, browser, authorizationUrl } = await world.start(ada);
    const landing = await browser.consent(authorizationUrl, /Ada/);
    change(landing);
    expect((await browser.land(landing)).text).toContain("not valid any more");
    expect(await tokenCalls()).toEqual([]);
    expect(await endOf(attempt.id)).toBe("open null");
  });

  it.each([
    ["another provider's name", (url: URL) => url.searchParams.set("iss", "https://evil.example"), "failed failed"],
    ["a name that is no address", (url: URL) => url.searchParams.set("iss", "discord.com"), "failed failed"],
    ["two codes", (url: URL) => url.searchParams.append("code", "other"), "failed failed"],
    ["no code", (url: URL) => url.searchParams.delete("code"), "failed failed"],
    ["a made-up code", (url: URL) => url.searchParams.set("code", "made-up"), "failed failed"],
    ["an error beside the code", (url: URL) => url.searchParams.set("error", "access_denied"), "failed denied"],
    ["a token in the address", (url: URL) => url.searchParams.set("token", "x"), "failed failed"],
    ["a provider in trouble", (url: URL) => url.searchParams.set("error", "server_error"), "failed direct_unavailable"],
    ["an unknown error", (url: URL) => url.searchParams.set("error", "<script>"), "failed failed"],
  ])("ends the attempt on %s", async (_, change, end) => {
    const { attempt, browser, authorizationUrl } = await world.start(ada);
    const landing = await browser.consent(authorizationUrl, /Ada/);
    change(landing);
    const page = await browser.land(landing);
    expect(page.status).toBe(200);
    expect(page.text).not.toMatch(/evil|made-up/);
    expect(page.text.match(/<script/g)).toHaveLength(1);
    expect(await endOf(attempt.id)).toBe(end);
    expect(await world.row(attempt.id)).toBeUndefined();
  });

  it("goes on when the provider names itself rightly", async () => {
    const { attempt, browser, authorizationUrl } = await world.start(ada);
    const landing = await browser.consent(authorizationUrl, /Ada/);
    landing.searchParams.set("iss", "https://discord.com");
    await browser.land(landing);
    expect(await endOf(attempt.id)).toBe("confirmed connected");
  });

  it("cannot use a code that was meant for another sign-in: PKCE and the redirect URI bind it", async () => {
    const [victim, attacker] = [await world.start(ada), await world.start(ada)];
    const stolen = await victim.browser.consent(victim.authorizationUrl, /Ada/);
    const own = await attacker.browser.consent(attacker.authorizationUrl, /Grace/);
    own.searchParams.set("code", stolen.searchParams.get("code") ?? "");
    await attacker.browser.land(own);
    expect(await endOf(attacker.attempt.id)).toBe("failed failed");
    expect(await world.row(attacker.attempt.id)).toBeUndefined();
  });

  it("sends the redirect URI of the sign-in, not the one of now", async () => {
    const { attempt, browser, authorizationUrl } = await world.start(ada);
    const landing = await browser.consent(authorizationUrl, /Ada/);
    await world.db
      .sql`update oauth_states set redirect_uri = 'http://localhost:3999/elsewhere' where attempt_id = ${attempt.id}`;
    await browser.land(landing);
    expect(await endOf(attempt.id)).toBe("failed failed");
  });

  it("knows a state for ten minutes", async () => {
    const { attempt, browser, authorizationUrl } = await world.start(ada);
    const landing = await browser.consent(authorizationUrl, /Ada/);
    await world.db
      .sql`update oauth_states set expires_at = now() - interval '1 second' where attempt_id = ${attempt.id}`;
    expect((await browser.land(landing)).text).toContain("not valid any more");
    expect(await tokenCalls()).toEqual([]);
  });

  it.each([
    ["500", {}],
    ["429", {}],
    ["garbage", {}],
    ["redirect", {}],
  ])("says that the provider did not answer when its token endpoint answers %s", async (kind, more) => {
    const { attempt, browser, authorizationUrl } = await world.start(ada);
    const landing = await browser.consent(authorizationUrl, /Ada/);
    await world.control("/faults", {
      service: "generic",
      host: "discord.com",
      path: "/api/oauth2/token",
      kind,
      ...more,
    });
    const page = await browser.land(landing);
    expect(page.text).toContain("did not answer");
    expect(await endOf(attempt.id)).toBe("failed direct_unavailable");
    expect(await world.row(attempt.id)).toBeUndefined();
  });

  it.each([
    ["a line break in the token", { access_token: "first\nsecond" }],
    ["a line break in the token to renew with", { refresh_token: "first\nsecond" }],
    ["a token that no header can carry", { access_token: "t\u2603" }],
    ["another kind of token", { token_type: "mac" }],
  ])("keeps nothing of an answer with %s, and says that it failed", async (_, answer) => {
    await world.control("/tokens", { providerKey: "discord", answer });
    const { attempt, browser, authorizationUrl } = await world.start(ada);
    const page = await browser.land(await browser.consent(authorizationUrl, /Ada/));
    expect(page.text).toContain("did not work out");
    expect(await endOf(attempt.id)).toBe("failed failed");
    expect([await world.row(attempt.id), await world.stored(attempt.id)]).toEqual([undefined, undefined]);
  });

  it("takes an end that says nothing for none", async () => {
    await world.control("/tokens", { providerKey: "discord", answer: { expires_in: "" } });
    const { attempt, browser, authorizationUrl } = await world.start(ada);
    await browser.land(await browser.consent(authorizationUrl, /Ada/));
    expect(await endOf(attempt.id)).toBe("confirmed connected");
    expect((await world.stored(attempt.id))?.expires_at).toBeNull();
  });

  it("waits for a slow provider as long as it may, and no longer", async () => {
    const { attempt, browser, authorizationUrl } = await world.start(ada);
    const landing = await browser.consent(authorizationUrl, /Ada/);
    await world.control("/faults", {
      service: "generic",
      host: "discord.com",
      path: "/api/oauth2/token",
      kind: "slow",
      ms: 3_000,
    });
    const began = performance.now();
    expect((await withDeadline(500, () => browser.land(landing, finishing))).text).toContain("unavailable");
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(await endOf(attempt.id)).toBe("failed direct_unavailable");
  });

  it("ends the attempt when somebody else holds the connection for too long", async () => {
    const { attempt, browser, authorizationUrl } = await world.start(ada);
    const landing = await browser.consent(authorizationUrl, /Ada/);
    const held = await world.db.sql.reserve();
    await held`begin`;
    await held`select patchbay.lock_nango_connection('direct/discord', ${attempt.id})`;
    const page = await browser.land(landing);
    await held`rollback`;
    held.release();
    expect(page.status).toBe(503);
    expect(await endOf(attempt.id)).toBe("failed failed");
    expect(await world.row(attempt.id)).toBeUndefined();
  });

  it("is known to have failed after a minute, where whoever was at it died", async () => {
    const { attempt } = await world.start(ada);
    const spent = (ago: string) =>
      world.db.sql`update oauth_states set used_at = now() - ${ago}::text::interval where attempt_id = ${attempt.id}`;
    await spent("50 seconds");
    expect(await endOf(attempt.id)).toBe("open null");
    await spent("61 seconds");
    expect(await endOf(attempt.id)).toBe("failed failed");
  });

  it.each(["confirmed", "cancelled", "expired"])("leaves an attempt alone that is %s", async (status) => {
    const { attempt, browser, authorizationUrl } = await world.start(ada);
    if (status === "confirmed") await browser.land(await browser.consent(authorizationUrl, /Ada/));
    else
      await world.db
        .sql`update connection_attempts set status = ${status}, outcome = ${status} where id = ${attempt.id}`;
    await world.db.sql`update oauth_states set used_at = now() - interval '2 minutes' where attempt_id = ${attempt.id}`;
    const tokens = { keyId: "k1", access: Buffer.from("x"), refresh: null, expiresAt: null };
    const facts = { scopesRequested: [], scopesGranted: null, signInEnds: null, signInDays: undefined };
    const before = await world.attemptOf(ada, attempt.id);
    expect(before.status).toBe(status);
    expect(await completeDirect(attempt.id, tokens, facts)).toMatchObject({ verdict: "refused" });
    await failDirectAttempt(attempt.id, "failed");
    expect(await world.attemptOf(ada, attempt.id)).toEqual(before);
  });

  it("tells the operator when the provider does not know their application", async () => {
    const { attempt, browser, authorizationUrl } = await world.start(ada);
    const landing = await browser.consent(authorizationUrl, /Ada/);
    const { OAUTH_DISCORD_CLIENT_SECRET: secret } = process.env;
    process.env.OAUTH_DISCORD_CLIENT_SECRET = "wrong";
    resetEnv();
    try {
      await browser.land(landing);
      expect(await endOf(attempt.id)).toBe("failed not_configured");
    } finally {
      process.env.OAUTH_DISCORD_CLIENT_SECRET = secret;
      resetEnv();
    }
  });

  it("answers a page that loads nothing, is kept nowhere and names no referrer", async () => {
    const { browser, authorizationUrl } = await world.start(ada, "discord", {
      returnTo: "/connectors/discord?a=1&b=2",
    });
    const { text, headers } = await browser.land(await browser.consent(authorizationUrl, /Ada/));
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("content-security-policy")).toMatch(
      /^default-src 'none'.*script-src 'sha256-[^']+'; style-src 'sha256-[^']+'$/,
    );
    expect(text).toContain('data-return="/connectors/discord?a=1&#38;b=2"');
    expect(text).not.toMatch(/(src|href)="(?!\/connectors)/);
  });

  it.each(["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/.//evil.example"])(
    "never goes back to %s",
    async (returnTo) => {
      const { browser, authorizationUrl } = await world.start(ada, "discord", { returnTo });
      const { text } = await browser.land(await browser.consent(authorizationUrl, /Ada/));
      expect(text).toContain('data-return="/connectors"');
      expect(text).not.toContain("evil");
    },
  );
});
