import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { directClient } from "@/emulators/providers/clients";
import type { Tenant } from "@/lib/auth/tenant";
import { callDirect } from "@/lib/oauth/call";
import { freshToken } from "@/lib/oauth/refresh";
import { type DirectWorld, openDirectWorld } from "../support/direct";

/** A provider, or somebody in its place, says that an account is elsewhere: nothing must go there. */

const slugs = ["salesforce", "pipedrive", "wrike", "zoho-crm"];
const settings = Object.fromEntries(
  slugs.flatMap((slug) => {
    const name = slug.toUpperCase().replaceAll("-", "_");
    const { clientId, clientSecret } = directClient(slug);
    return [
      [`OAUTH_${name}_CLIENT_ID`, clientId],
      [`OAUTH_${name}_CLIENT_SECRET`, clientSecret],
    ];
  }),
);

let world: DirectWorld;
let ada: Tenant;
let owners = 0;
beforeAll(async () => {
  world = await openDirectWorld(settings);
});
afterAll(() => world?.close());
beforeEach(async () => {
  ada = world.db.tenant(`org_answers_${owners++}`, "user_ada", "admin");
  await world.control("/tokens", undefined, "DELETE");
  await world.control("/calls", undefined, "DELETE");
});

/** @param good an address of the provider's own; @param bare the host in it */
const elsewhere = (good: string, bare: string): unknown[] => [
  ...["https://evil.test", "http://evil.test", "evil.test", "//evil.test", "https:evil.test", "https:///evil.test"],
  ...[
    `http://${bare}`,
    `HTTPS://${bare}`,
    ` ${good}`,
    `${good} `,
    `${good}\n`,
    `${good}\r\nhost: evil.test`,
    `${good}\t`,
  ],
  ...[
    `https://${bare}.evil.test`,
    `https://evil.test/${bare}`,
    `https://evil.test#${bare}`,
    `https://evil.test?${bare}`,
  ],
  ...[`https://${bare}@evil.test`, `https://evil.test@${bare}`, `https://a:b@${bare}`, `https://evil.test\\@${bare}`],
  ...[`https://evil.test%23.${bare}`, `https://evil.test%2f.${bare}`, `https://evil.test%00.${bare}`],
  ...[`https://${bare}:443`, `https://${bare}:8443`, `https://${bare}.`, `https://.${bare}`, `https://${bare}/`],
  ...[`https://${bare}/..`, `https://${bare}/x`, `https://${bare}?x`, `https://${bare}#x`, `https://${bare}\\x`],
  ...[`https://evil${bare}x`, `https://evil\u3002test/${bare}`, `https://${bare.replaceAll(".", "\u3002")}`],
  ...[`https://${bare.replaceAll(".", "\uff0e")}`, `https://${bare.toUpperCase()}`, `https://xn--${bare}\u200b`],
  ...["https://169.254.169.254", "https://127.0.0.1", "https://[::1]", "https://2130706433", "https://localhost"],
  ...[
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:,x",
    "$" + "{connectionConfig.x}",
    `${good} || https://evil.test`,
  ],
  ...["", " ", "null", null, 7, true, [good], { href: good }, `https://${"a.".repeat(200)}${bare}`],
];

const providers = [
  ["salesforce", "instance_url", "https://acme.my.salesforce.com", "acme.my.salesforce.com"],
  ["pipedrive", "api_domain", "https://acme.pipedrive.com", "acme.pipedrive.com"],
  ["wrike", "host", "www.wrike.com", "www.wrike.com"],
  ["zoho-crm", "api_domain", "https://www.zohoapis.com", "www.zohoapis.com"],
] as const;

describe.each(providers)("%s", (slug, field, good, bare) => {
  const payloads = elsewhere(good, bare);

  it(`cannot send a token elsewhere with ${payloads.length} answers to a code: the sign-in fails, and nothing is kept`, async () => {
    expect(payloads.length).toBeGreaterThanOrEqual(50);
    const taken: unknown[] = [];
    for (const payload of payloads) {
      await world.control("/tokens", { providerKey: slug, answer: { [field]: payload } });
      const { attempt, browser, authorizationUrl } = await world.start(ada, slug);
      await browser.land(await browser.consent(authorizationUrl, /Ada/));
      const { status, outcome } = await world.attemptOf(ada, attempt.id);
      if (`${status} ${outcome}` !== "failed failed" || (await world.stored(attempt.id))) taken.push(payload);
    }
    expect(taken).toEqual([]);
    const hosts = new Set((await world.control("/calls")).calls.map(({ host }: { host: string }) => host));
    expect([...hosts].filter((host) => /evil/.test(String(host)))).toEqual([]);
  });

  it("cannot send a new account's token to where the old one was: who signs in again says anew where that is", async () => {
    const id = await world.connect(ada, slug);
    const before = await world.stored(id);
    for (const payload of [null, "https://evil.test"]) {
      await world.control("/tokens", { providerKey: slug, answer: { [field]: payload } });
      const { attempt, browser, authorizationUrl } = await world.startAgain(ada, id);
      await browser.land(await browser.consent(authorizationUrl, /Grace/));
      expect(await world.attemptOf(ada, attempt.id), String(payload)).toMatchObject({ status: "failed" });
      expect(await world.stored(id)).toEqual(before);
    }
  });

  it("cannot do so with the answer to a renewal: where the account was known to be, it stays", async () => {
    const id = await world.connect(ada, slug);
    const before = (await world.stored(id))?.connection_config;
    expect(before[field]).toBe(good);
    for (const payload of [`https://${bare}.evil.test`, "https://evil.test", "evil.test", null, [good]]) {
      await world.control("/tokens", { providerKey: slug, answer: { [field]: payload } });
      await world.db
        .sql`update oauth_credentials set expires_at = now() - interval '1 minute' where connection_id = ${id}`;
      expect(await freshToken({ id, connector: slug })).toMatchObject({ ok: true });
      expect((await world.stored(id))?.connection_config, String(payload)).toEqual(before);
    }
  });
});

it("an account that has moved within Salesforce is called where it is now", async () => {
  const id = await world.connect(ada, "salesforce");
  const moved = "https://acme2.my.salesforce.com";
  await world.control("/tokens", { providerKey: "salesforce", answer: { instance_url: moved } });
  await world.db.sql`update oauth_credentials set expires_at = now() - interval '1 minute' where connection_id = ${id}`;
  await freshToken({ id, connector: "salesforce" });
  expect((await world.stored(id))?.connection_config).toEqual({ instance_url: moved });
  await world.control("/calls", undefined, "DELETE");
  await callDirect({ id, connector: "salesforce" }, { method: "GET", endpoint: "/services/oauth2/userinfo" });
  const called = (await world.control("/calls?path=/services/oauth2/userinfo")).calls;
  expect(new Set(called.map(({ host }: { host: string }) => host))).toEqual(new Set(["acme2.my.salesforce.com"]));
});

it.each([
  ...["https://acme.force.com", "https://acme.secure.force.com", "https://acme--c.vf.force.com"],
  ...["https://acme.salesforce.com", "https://my.salesforce.com", "https://evilmy.salesforce.com"],
  ...["https://login.salesforce.com", "https://acme.my.salesforce-sites.com", "https://na1.salesforce.com"],
])("a page that a customer of Salesforce's may run is not where an account is: %s", async (instance_url) => {
  await world.control("/tokens", { providerKey: "salesforce", answer: { instance_url } });
  const { attempt, browser, authorizationUrl } = await world.start(ada, "salesforce");
  await browser.land(await browser.consent(authorizationUrl, /Ada/));
  expect(await world.attemptOf(ada, attempt.id)).toMatchObject({ status: "failed", outcome: "failed" });
  expect(await world.stored(attempt.id)).toBeUndefined();
});

it.each(["https://acme--dev.sandbox.my.salesforce.com", "https://acme--dev.cs12.my.salesforce.com"])(
  "a sandbox of Salesforce's is: %s",
  async (instance_url) => {
    await world.control("/tokens", { providerKey: "salesforce", answer: { instance_url } });
    const id = await world.connect(ada, "salesforce");
    expect((await world.stored(id))?.connection_config).toEqual({ instance_url });
  },
);

describe("what the browser brings of where an account is", () => {
  it("cannot send Zoho's code and our secret elsewhere", async () => {
    const servers = elsewhere("https://accounts.zoho.com", "accounts.zoho.com").filter(
      (each) => typeof each === "string" && each !== "",
    );
    const taken: unknown[] = [];
    for (const server of servers) {
      const { attempt, browser, authorizationUrl } = await world.start(ada, "zoho-crm");
      const landing = await browser.consent(authorizationUrl, /Ada/);
      landing.searchParams.set("accounts-server", String(server));
      await browser.land(landing);
      if ((await world.attemptOf(ada, attempt.id)).status === "confirmed") taken.push(server);
    }
    expect(taken).toEqual([]);
    expect(await world.calls("path=/oauth/v2/token")).toEqual([]);
  });

  it("is of no account but the one that signs in: what was brought before is not used again", async () => {
    const id = await world.connect(ada, "zoho-crm");
    const of = { "accounts-server": "https://accounts.zoho.eu", api_domain: "https://www.zohoapis.eu" };
    await world.db.sql`update oauth_credentials set connection_config = ${world.db.sql.json(of)}
      where connection_id = ${id}`;
    const { browser, authorizationUrl } = await world.startAgain(ada, id);
    const landing = await browser.consent(authorizationUrl, /Ada/);
    landing.searchParams.delete("accounts-server");
    await browser.land(landing);
    expect(await world.calls("service=generic&host=accounts.zoho.eu")).toEqual([]);
    expect(await world.calls("service=generic&host=www.zohoapis.eu")).toEqual([]);
  });

  it("is not believed when it comes twice", async () => {
    const { attempt, browser, authorizationUrl } = await world.start(ada, "zoho-crm");
    const landing = await browser.consent(authorizationUrl, /Ada/);
    landing.searchParams.append("accounts-server", "https://accounts.zoho.eu");
    await browser.land(landing);
    expect((await world.attemptOf(ada, attempt.id)).status).toBe("failed");
    expect(await world.calls("path=/oauth/v2/token")).toEqual([]);
  });
});
