import { inspect } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { directClient } from "@/emulators/providers/clients";
import type { Tenant } from "@/lib/auth/tenant";
import { manifests } from "@/lib/catalogue/manifests";
import { resetEnv } from "@/lib/env";
import { lookAt } from "@/lib/jobs/look";
import { log } from "@/lib/log";
import { callDirect } from "@/lib/oauth/call";
import { directOf } from "@/lib/oauth/clients";
import { freshToken, renewToken } from "@/lib/oauth/refresh";
import { exchangeCode, refreshTokens } from "@/lib/oauth/token-endpoint";
import { type DirectWorld, openDirectWorld } from "../support/direct";

const slugs = ["facebook", "instagram", "threads"];
const settings = Object.fromEntries(
  slugs.flatMap((slug) => [
    [`OAUTH_${slug.toUpperCase()}_CLIENT_ID`, directClient(slug).clientId],
    [`OAUTH_${slug.toUpperCase()}_CLIENT_SECRET`, directClient(slug).clientSecret],
  ]),
);
const DAY = 86_400;

let world: DirectWorld;
let ada: Tenant;
let owners = 0;
beforeAll(async () => {
  world = await openDirectWorld(settings);
});
afterAll(() => world?.close());
beforeEach(async () => {
  ada = world.db.tenant(`org_long_${owners++}`, "user_ada", "admin");
  await world.control("/faults", undefined, "DELETE");
  await world.control("/tokens", undefined, "DELETE");
  await world.control("/calls", undefined, "DELETE");
});

/** Where a token's successor is asked for. */
const renewalHost = (slug: string) => new URL(manifests.get(slug)?.oauth?.direct?.long_lived?.refresh_url ?? "");
const renewals = (slug: string) => {
  const { host, pathname } = renewalHost(slug);
  return world.calls(`host=${host}&path=${pathname}`);
};
const fault = (slug: string, kind: string) =>
  world.control("/faults", {
    service: "generic",
    host: renewalHost(slug).host,
    path: renewalHost(slug).pathname,
    kind,
  });

/** So many days go by, for us and for the provider. */
async function pass(id: string, slug: string, days: number, who: "both" | "us" = "both"): Promise<void> {
  const token = await freshToken({ id, connector: slug });
  if (who === "both") await world.control("/age", { token: token.ok && token.token, seconds: days * DAY });
  await world.db.sql`update oauth_credentials set tokens_since = tokens_since - ${days} * interval '1 day',
    expires_at = expires_at - ${days} * interval '1 day' where connection_id = ${id}`;
}
const test = (slug: string) => {
  const { method = "GET", endpoint = "", headers = {} } = manifests.get(slug)?.test_connection ?? {};
  return { method, endpoint, headers };
};

describe.each(slugs)("a token of %s", (slug) => {
  const connection = (id: string) => ({ id, connector: slug });

  it("is exchanged at once for the one that lives for sixty days, which is all that is kept", async () => {
    const id = await world.connect(ada, slug);
    const row = await world.stored(id);
    const days = (Date.parse(row?.expires_at) - Date.now()) / (DAY * 1000);
    expect(days).toBeGreaterThan(59);
    expect(days).toBeLessThan(61);
    const token = await freshToken(connection(id));
    const { grants } = await world.control("/grants?service=generic");
    expect(grants[0].accessTokens.map((each: { token: string }) => each.token)).toContain(token.ok && token.token);
    expect(grants[0].accessTokens.at(-1)).toMatchObject({ token: token.ok && token.token, lasting: true });
    expect(grants[0].refreshTokens).toEqual([]);
    // It goes on for as long as it is used; Facebook alone says when a person has to come again.
    expect((await world.row(id))?.expires_at === null).toBe(slug !== "facebook");
  });

  it("is left alone until ten days before its end, and then renewed once for all who ask", async () => {
    const id = await world.connect(ada, slug);
    await pass(id, slug, 45);
    await world.control("/calls", undefined, "DELETE");
    await freshToken(connection(id));
    expect(await renewals(slug)).toEqual([]);
    await pass(id, slug, 6);
    const tokens = await Promise.all(Array.from({ length: 10 }, () => freshToken(connection(id))));
    expect(tokens.map((token) => token.ok && token.version)).toEqual(Array(10).fill(2));
    expect(await renewals(slug)).toHaveLength(1);
    expect(await callDirect(connection(id), test(slug))).toMatchObject({ kind: "answer", status: 200 });
  });

  it("is not asked to be renewed on its first day, whatever its end, and the provider's word on it stands", async () => {
    const id = await world.connect(ada, slug);
    await world.control("/calls", undefined, "DELETE");
    await world.db.sql`update oauth_credentials set expires_at = now() + interval '1 hour' where connection_id = ${id}`;
    expect(await freshToken(connection(id))).toMatchObject({ ok: true, version: 1 });
    expect(await renewToken(connection(id))).toMatchObject({ ok: true, version: 1 });
    expect(await renewToken(connection(id), 1)).toMatchObject({ ok: true, version: 1 });
    expect(await renewals(slug)).toEqual([]);
    const token = await freshToken(connection(id));
    await world.control("/revoke", { token: token.ok && token.token });
    expect(await callDirect(connection(id), test(slug))).toMatchObject({ kind: "answer", status: 400 });
    await lookAt(id);
    expect(await world.row(id)).toMatchObject({ status: "needs_attention" });
    expect(await renewals(slug)).toEqual([]);
  });

  it("that was taken back is not renewed, and not asked about again by a call", async () => {
    const id = await world.connect(ada, slug);
    await pass(id, slug, 55);
    const { grants } = await world.control("/grants?service=generic");
    await world.control("/revoke", { token: grants[0].accessTokens.at(-1).token });
    await world.control("/calls", undefined, "DELETE");
    // Once it is known, nobody gets it any more.
    for (const _ of [1, 2]) expect(await freshToken(connection(id))).toEqual({ ok: false });
    expect(await renewToken(connection(id), 1)).toEqual({ ok: false });
    expect(await callDirect(connection(id), test(slug))).toEqual({ kind: "refused", code: "invalid_credentials" });
    expect(await renewals(slug)).toHaveLength(1);
    await lookAt(id);
    expect(await world.row(id)).toMatchObject({ status: "needs_attention" });
    // Not even where it is as new as one that cannot be renewed yet.
    await world.db.sql`update oauth_credentials set tokens_since = now() where connection_id = ${id}`;
    expect(await freshToken(connection(id))).toEqual({ ok: false });
    expect(await renewToken(connection(id), 1)).toEqual({ ok: false });
  });

  it("is as old as before once its key was changed, and renewed on its last day", async () => {
    const id = await world.connect(ada, slug);
    await pass(id, slug, 59.2);
    const [rotated] = await world.db.sql`
      select patchbay.rotate_credentials(key_id, array[connection_id], array[access_token], array[refresh_token]) as count
      from oauth_credentials where connection_id = ${id}`;
    expect(rotated?.count).toBe(1);
    await world.control("/calls", undefined, "DELETE");
    expect(await freshToken(connection(id))).toMatchObject({ ok: true, version: 2 });
    expect(await renewals(slug)).toHaveLength(1);
    // The new one is new.
    await world.db.sql`update oauth_credentials set expires_at = now() + interval '1 hour' where connection_id = ${id}`;
    expect(await freshToken(connection(id))).toMatchObject({ ok: true, version: 2 });
  });

  it("is as new as the sign-in that gave it, also on a connection that there is", async () => {
    const id = await world.connect(ada, slug);
    await pass(id, slug, 55);
    const again = await world.startAgain(ada, id);
    await again.browser.land(await again.browser.consent(again.authorizationUrl, /Ada/));
    await world.db.sql`update oauth_credentials set expires_at = now() + interval '1 hour' where connection_id = ${id}`;
    await world.control("/calls", undefined, "DELETE");
    expect(await freshToken(connection(id))).toMatchObject({ ok: true, version: 2 });
    expect(await renewals(slug)).toEqual([]);
  });

  it.each(["500", "429", "garbage", "redirect"])("goes on working when its renewal meets %s", async (kind) => {
    const id = await world.connect(ada, slug);
    await pass(id, slug, 55);
    await fault(slug, kind);
    expect(await freshToken(connection(id))).toMatchObject({ ok: true, version: 1 });
    expect((await world.stored(id))?.refresh_refused_at).toBeNull();
    expect(await freshToken(connection(id))).toMatchObject({ ok: true, version: 2 });
  });
});

it.each(["instagram", "threads"])("a token that %s finds too young after all goes on working", async (connector) => {
  const id = await world.connect(ada, connector);
  await pass(id, connector, 55, "us");
  expect(await freshToken({ id, connector })).toMatchObject({ ok: true, version: 1 });
  expect((await world.stored(id))?.refresh_refused_at).toBeNull();
  expect(await renewals(connector)).toHaveLength(1);
});

it.each(["instagram", "threads"])("a sign-in to %s that comes to no long token keeps none", async (slug) => {
  const { host, pathname } = new URL(manifests.get(slug)?.oauth?.direct?.long_lived?.exchange_url ?? "");
  await world.control("/faults", { service: "generic", host, path: pathname, kind: "500" });
  const { attempt, browser, authorizationUrl } = await world.start(ada, slug);
  await browser.land(await browser.consent(authorizationUrl, /Ada/));
  expect(await world.attemptOf(ada, attempt.id)).toMatchObject({ status: "failed", outcome: "direct_unavailable" });
  expect(await world.stored(attempt.id)).toBeUndefined();
});

it("a token of Facebook's without an end is renewed all the same", async () => {
  await world.control("/tokens", { providerKey: "facebook", answer: { expires_in: null } });
  const id = await world.connect(ada, "facebook");
  const days = (Date.parse((await world.stored(id))?.expires_at) - Date.now()) / (DAY * 1000);
  expect(Math.round(days)).toBe(60);
});

it("a successor that no call could be made with is not taken, and one at the sign-in ends it", async () => {
  const id = await world.connect(ada, "threads");
  await pass(id, "threads", 55);
  await world.control("/tokens", { providerKey: "threads", answer: { token_type: "mac" } });
  expect(await freshToken({ id, connector: "threads" })).toMatchObject({ ok: true, version: 1 });
  const { attempt, browser, authorizationUrl } = await world.start(ada, "threads");
  await browser.land(await browser.consent(authorizationUrl, /Grace/));
  expect(await world.attemptOf(ada, attempt.id)).toMatchObject({ status: "failed", outcome: "failed" });
  expect(await world.stored(attempt.id)).toBeUndefined();
});

it("what Instagram says of a code, and of scopes, is understood", async () => {
  const { attempt, browser, authorizationUrl } = await world.start(ada, "instagram");
  const landing = await browser.consent(authorizationUrl, /Ada/);
  landing.searchParams.set("code", "made-up");
  await browser.land(landing);
  expect(await world.attemptOf(ada, attempt.id)).toMatchObject({ status: "failed", outcome: "failed" });
  const id = await world.connect(ada, "instagram");
  expect((await world.row(id))?.scopes_granted).toEqual(manifests.get("instagram")?.oauth?.default_scopes);
});

describe("an address with a token and our secret in it", () => {
  const canary = "canary-token-of-somebody";

  it.each([
    ...slugs.flatMap((slug) => ["500", "429", "garbage", "redirect", "403"].map((kind) => [slug, kind] as const)),
    ...slugs.map((slug) => [slug, "nobody listens"] as const),
    ...slugs.map((slug) => [slug, "no address"] as const),
    ...slugs.map((slug) => [slug, "refused"] as const),
  ])("is in no error and in no log: %s, %s", async (slug, kind) => {
    const written: unknown[] = [];
    const spies = (["trace", "debug", "info", "warn", "error"] as const).map((level) =>
      vi.spyOn(log(), level).mockImplementation((...line: unknown[]) => void written.push(line)),
    );
    const fetched = vi.spyOn(globalThis, "fetch");
    const hosts = process.env.PROVIDER_HOSTS ?? "";
    if (kind === "nobody listens") process.env.PROVIDER_HOSTS = JSON.stringify({ "*": "http://127.0.0.1:59" });
    // What no call can be made to: the message of such an error quotes it.
    if (kind === "no address") process.env.PROVIDER_HOSTS = JSON.stringify({ "*": "http://user:pw@127.0.0.1:59" });
    resetEnv();
    try {
      if (/^\d|garbage|redirect/.test(kind)) await fault(slug, kind);
      const outcome = await refreshTokens(directOf(slug, {}), canary).catch((error: unknown) => error);
      const id = "0a9b0c1d-0000-4000-8000-000000000000";
      log().warn({ err: outcome, connection_id: id }, "as whoever asked would log it");
      const all = [inspect(outcome, { depth: 20, showHidden: true }), inspect(written, { depth: 20 })].join("\n");
      for (const secret of [canary, encodeURIComponent(canary), directClient(slug).clientSecret])
        expect(all).not.toContain(secret);
      expect(all).not.toContain("grant_type");
      // It was called, all the same.
      expect(fetched.mock.calls.some(([url]) => String(url).includes(canary))).toBe(true);
    } finally {
      process.env.PROVIDER_HOSTS = hosts;
      resetEnv();
      for (const spy of [...spies, fetched]) spy.mockRestore();
    }
  });

  it("is none when the code itself is refused", async () => {
    const fetched = vi.spyOn(globalThis, "fetch");
    const answer = await exchangeCode(directOf("threads", {}), new URLSearchParams(), "http://localhost/x", null).catch(
      (error: unknown) => error,
    );
    expect(answer).toBeInstanceOf(Error);
    expect(fetched.mock.calls.filter(([url]) => String(url).includes("client_secret"))).toEqual([]);
    fetched.mockRestore();
  });
});
