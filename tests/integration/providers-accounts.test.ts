import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Manifest } from "@/lib/catalogue/manifest";
import { manifests as allManifests } from "@/lib/catalogue/manifests";
import { type Chain, startChain } from "./providers-chain";
import { control } from "./providers-person";

/** Whose account a credential is, how long it lives and what it may do, as Nango hands it on. */

const DAY_MS = 24 * 3_600_000;
const named = (slug: string) => allManifests.get(slug) as Manifest;

let chain: Chain;
beforeAll(async () => {
  chain = await startChain();
});
afterAll(() => chain?.close());
beforeEach(async () => {
  await control(chain.providers, "/tokens", {}, "DELETE");
  await control(chain.providers, "/faults", {}, "DELETE");
});

async function credentials(slug: string, connection: string, more = "") {
  const key = named(slug).nango.integration_key;
  const answer = await chain.api(
    "GET",
    `/connections/${connection}?provider_config_key=${key}&refresh_token=true${more}`,
  );
  return ((await answer.json()) as { credentials: Record<string, unknown> & { raw: Record<string, unknown> } })
    .credentials;
}
const tested = async (slug: string, connection: string) => chain.test(named(slug), connection);

describe("another credential of the same account", () => {
  it.each([
    ["an API key with something behind a plus", "vercel", { ending: "+rotated" }],
    ["two-step details with something behind a plus", "tableau", { ending: "+rotated" }],
    ["a new sign-in of the same person", "notion", {}],
  ])("%s is the same account", async (_, slug, as) => {
    const connection = await chain.connect(named(slug));
    const before = await tested(slug, connection);
    await chain.connect(named(slug), as, connection);
    expect((await tested(slug, connection)).account).toEqual(before.account);
  });

  it("and another account is told by the second reconnect as well, and back again", async () => {
    const connection = await chain.connect(named("github"));
    const whose = async (account: RegExp) => {
      await chain.connect(named("github"), { account }, connection);
      return (await tested("github", connection)).account?.id;
    };
    const [grace, bot, ada] = [await whose(/grace/), await whose(/acme-bot/), await whose(/^Ada|^ada/)];
    expect(new Set([grace, bot, ada]).size).toBe(3);
    expect(await whose(/grace/)).toBe(grace);
  });

  it("leaves the credential of before alone: the provider does not revoke it", async () => {
    const connection = await chain.connect(named("notion"));
    const before = (await credentials("notion", connection)).access_token;
    await chain.connect(named("notion"), { account: /grace/ }, connection);
    const answer = await fetch(chain.providers.resolve("https://api.notion.com/v1/users/me"), {
      headers: { authorization: `Bearer ${before}` },
    });
    expect(answer.status).toBe(200);
  });
});

describe("scopes", () => {
  it("are granted in part when the person unticks some, and the token's answer says so", async () => {
    const whole = await credentials("hubspot", await chain.connect(named("hubspot")));
    const asked = String(whole.raw.scope).split(" ");
    expect(asked.length).toBeGreaterThan(1);
    const left = asked[0] as string;
    const connection = await chain.connect(named("hubspot"), { without: [left] });
    expect((await credentials("hubspot", connection)).raw.scope).toBe(asked.slice(1).join(" "));
    const refreshed = await credentials("hubspot", connection, "&force_refresh=true");
    expect(refreshed.raw.scope).toBe(asked.slice(1).join(" "));
    await chain.connect(named("hubspot"), {}, connection);
    expect((await credentials("hubspot", connection)).raw.scope).toBe(asked.join(" "));
  });

  it("that are all unticked are a no", async () => {
    const whole = await credentials("hubspot", await chain.connect(named("hubspot")));
    const without = String(whole.raw.scope).split(" ");
    await expect(chain.connect(named("hubspot"), { without })).rejects.toThrow("callback_err");
  });
});

describe("the life of tokens that a test asks for", () => {
  it("ends after so many days, without a refresh token, and Nango cannot prolong it", async () => {
    await control(chain.providers, "/tokens", { providerKey: "hubspot", seconds: 10 * 86_400, refresh: false });
    const connection = await chain.connect(named("hubspot"));
    const held = await credentials("hubspot", connection);
    const left = Date.parse(String(held.expires_at)) - Date.now();
    expect(left).toBeGreaterThan(9.9 * DAY_MS);
    expect(left).toBeLessThanOrEqual(10 * DAY_MS);
    expect(held).not.toHaveProperty("refresh_token");
    const forced = await credentials("hubspot", connection, "&force_refresh=true");
    expect(forced.access_token).toBe(held.access_token);
  });

  it("is for ever where that is asked, and the provider's own again afterwards", async () => {
    await control(chain.providers, "/tokens", { providerKey: "hubspot", seconds: null });
    const eternal = await credentials("hubspot", await chain.connect(named("hubspot")));
    expect(eternal).not.toHaveProperty("expires_at");
    expect(eternal).toHaveProperty("refresh_token");
    await control(chain.providers, "/tokens", {}, "DELETE");
    expect(await credentials("hubspot", await chain.connect(named("hubspot")))).toHaveProperty("expires_at");
  });

  it("is linkedin's sixty days without anybody's asking", async () => {
    const held = await credentials("linkedin", await chain.connect(named("linkedin")));
    expect(Math.round((Date.parse(String(held.expires_at)) - Date.now()) / DAY_MS)).toBe(60);
    expect(held).not.toHaveProperty("refresh_token");
  });
});

describe("a provider that refuses", () => {
  it.each([401, 403])("with %i only the one credential that the fault names", async (status) => {
    const [one, other] = [await chain.connect(named("hubspot")), await chain.connect(named("hubspot"))];
    const token = String((await credentials("hubspot", one)).access_token);
    await control(chain.providers, "/faults", { service: "generic", kind: String(status), token, times: 2 });
    expect((await tested("hubspot", other)).status).toBe(200);
    expect((await tested("hubspot", one)).status).toBe(status);
    expect((await tested("hubspot", one)).status).toBe(status);
    expect((await tested("hubspot", one)).status).toBe(200);
  });

  it("a credential that was revoked there, which Nango does not notice", async () => {
    const connection = await chain.connect(named("notion"));
    await control(chain.providers, "/revoke", {
      token: String((await credentials("notion", connection)).access_token),
    });
    expect((await tested("notion", connection)).status).toBe(401);
    const read = await chain.api("GET", `/connections/${connection}?provider_config_key=notion&force_refresh=true`);
    expect([read.status, ((await read.json()) as { errors: unknown[] }).errors]).toEqual([200, []]);
  });
});
