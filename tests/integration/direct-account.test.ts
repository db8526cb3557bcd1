import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Tenant } from "@/lib/auth/tenant";
import { startConnect } from "@/lib/connect/start";
import { disconnectConnection } from "@/lib/db/connections";
import { env, resetEnv } from "@/lib/env";
import { lookAt } from "@/lib/jobs/look";
import { probeDue } from "@/lib/jobs/probe";
import { callDirect } from "@/lib/oauth/call";
import { freshToken, renewToken } from "@/lib/oauth/refresh";
import { revokeDirect } from "@/lib/oauth/revoke";
import { appsAt, type DirectWorld, openDirectWorld } from "../support/direct";

/** Connections whose provider's addresses depend on the account: what is asked, what comes with the answer, where it leads. */

let world: DirectWorld;
let ada: Tenant;
let owners = 0;

beforeAll(async () => {
  world = await openDirectWorld({
    ...appsAt("shopify", "salesforce", "snowflake", "zoho-crm"),
    NANGO_ENABLED: "false",
  });
});
afterAll(() => world?.close());
beforeEach(async () => {
  ada = world.db.tenant(`org_account_${owners++}`, "user_ada", "admin");
  await world.control("/reset", {});
  await world.db.sql`update connections set remote_deleted_at = coalesce(remote_deleted_at, now())`;
});

const shop = { subdomain: "acme" };
const account = { snowflake_account_url: "myorg-myaccount.snowflakecomputing.com" };
const connectShop = () => world.connect(ada, "shopify", /Ada/, shop);
const known = async (id: string) => (await world.stored(id))?.connection_config;
const know = (id: string, values: object) =>
  world.db.sql`update oauth_credentials set connection_config = ${world.db.sql.json(values as never)}
    where connection_id = ${id}`;
const callsTo = (host: string) => world.calls(`service=generic&host=${host}`);
const isOver = (id: string) =>
  world.db.sql`update oauth_credentials set expires_at = now() - interval '1 minute' where connection_id = ${id}`;
async function disconnect(id: string): Promise<unknown> {
  await disconnectConnection(ada, id);
  await world.db.sql`update connections set remote_delete_after = now() - interval '1 second' where id = ${id}`;
  await world.db.sql`update graphile_worker._private_jobs set run_at = now() where key = ${`remote_delete:${id}`}`;
  await world.runJobs();
  return (await world.row(id))?.upstream_result;
}

describe("a sign-in that something is asked before", () => {
  const begin = (connector: string, connectionConfig?: Record<string, string>) =>
    startConnect(ada, { connector, visibility: "everyone", connectionConfig }, new Headers()).catch((error) => error);
  const attempts = () => world.db.sql`select s.connection_config from connection_attempts a
    left join oauth_states s on s.attempt_id = a.id where a.owner_id = ${ada.ownerId}`;

  it.each([
    ["shopify", undefined, { subdomain: "missing" }],
    ["shopify", { subdomain: " " }, { subdomain: "missing" }],
    ["shopify", { subdomain: "acme.myshopify.com@evil.com" }, { subdomain: "malformed" }],
    ["shopify", { subdomain: "acme", instance_url: "https://evil.com" }, { instance_url: "malformed" }],
    [
      "snowflake",
      { snowflake_account_url: "evil.com#.snowflakecomputing.com" },
      { snowflake_account_url: "malformed" },
    ],
    ["salesforce", { hostname: "salesforce.com.evil.com" }, { hostname: "malformed" }],
  ])("does not begin, and records nothing, for %s with %j", async (connector, given, fields) => {
    expect(await begin(connector, given)).toMatchObject({
      code: "connection_config_required",
      status: 422,
      details: { fields },
    });
    expect(await attempts()).toEqual([]);
  });

  it("begins at the account's own address, with what was asked kept for the answer", async () => {
    const { authorizationUrl } = await begin("shopify", { subdomain: " https://ACME.myshopify.com/admin " });
    expect(authorizationUrl).toContain("/acme.myshopify.com/admin/oauth/authorize?");
    expect(await attempts()).toEqual([{ connection_config: shop }]);
  });

  it("begins where everybody does when what need not be said is not", async () => {
    expect((await begin("salesforce")).authorizationUrl).toContain("/login.salesforce.com/services/oauth2/authorize?");
    const { authorizationUrl } = await begin("salesforce", { hostname: "acme.my.salesforce.com" });
    expect(authorizationUrl).toContain("/acme.my.salesforce.com/services/oauth2/authorize?");
  });
});

describe("a connection whose addresses depend on the account", () => {
  it("gets its tokens, and is looked at, at the account's own address: shopify", async () => {
    const id = await connectShop();
    expect(await known(id)).toEqual(shop);
    expect((await callsTo("acme.myshopify.com")).map(({ path }) => path)).toEqual(
      expect.arrayContaining(["/admin/oauth/access_token", "/admin/api/2026-01/graphql.json"]),
    );
    expect(await world.row(id)).toMatchObject({ status: "connected", account_id: expect.anything() });
  });

  it("learns from the answer where the account is, and keeps that when it is told something else: salesforce", async () => {
    const id = await world.connect(ada, "salesforce");
    expect(await known(id)).toEqual({ instance_url: "https://acme.my.salesforce.com" });
    await know(id, { instance_url: "https://moved.my.salesforce.com" });
    await isOver(id);
    await freshToken({ id, connector: "salesforce" });
    expect(await known(id)).toEqual({ instance_url: "https://acme.my.salesforce.com" });
    await lookAt(id);
    expect((await world.row(id))?.status).toBe("connected");
  });

  it("goes by a whole host: snowflake", async () => {
    const id = await world.connect(ada, "snowflake", /Ada/, account);
    await isOver(id);
    await lookAt(id);
    expect((await world.row(id))?.status).toBe("connected");
    const paths = (await callsTo(account.snowflake_account_url)).map(({ path }) => path);
    expect(paths.filter((path) => path === "/oauth/token-request")).toHaveLength(2);
    expect(paths).toContain("/api/v2/statements");
  });

  it.each([
    ["shopify", shop, "acme.myshopify.com"],
    ["salesforce", {}, "acme.my.salesforce.com"],
    ["snowflake", account, account.snowflake_account_url],
  ])("is probed there in the background: %s", async (connector, asked, host) => {
    const id = await world.connect(ada, connector, /Ada/, asked);
    await world.control("/calls", undefined, "DELETE");
    await world.db.sql`update connections set next_probe_at = case when id = ${id} then now() - interval '1 hour' end`;
    await probeDue();
    await world.runJobs();
    expect(await callsTo(host)).not.toEqual([]);
    expect((await world.row(id))?.last_probed_at).not.toBeNull();
  });

  it.each([
    ["shopify", shop],
    ["salesforce", {}],
    ["snowflake", account],
  ])("is signed in to again without being asked again: %s", async (connector, asked) => {
    const id = await world.connect(ada, connector, /Ada/, asked);
    const before = await known(id);
    const again = await world.startAgain(ada, id);
    const first = await world.start(ada, connector, { connectionConfig: asked });
    expect(new URL(again.authorizationUrl).pathname).toBe(new URL(first.authorizationUrl).pathname);
    const page = await again.browser.land(await again.browser.consent(again.authorizationUrl, /Ada/));
    expect(page.text).toContain("is connected");
    expect(await known(id)).toEqual(before);
    expect((await world.stored(id))?.version).toBe(2);
    expect((await world.row(id))?.status).toBe("connected");
  });

  it.each([
    ["shopify", shop, "not_supported"],
    ["salesforce", { hostname: "acme.my.salesforce.com" }, "revoked"],
    ["snowflake", account, "not_supported"],
  ])("is disconnected: %s", async (connector, asked, result) => {
    const id = await world.connect(ada, connector, /Ada/, asked);
    expect(await disconnect(id)).toBe(result);
    expect(await world.stored(id)).toBeUndefined();
    const revocations = (await callsTo("acme.my.salesforce.com")).filter(({ path }) => path.endsWith("/revoke"));
    expect(revocations).toHaveLength(result === "revoked" ? 1 : 0);
  });
});

/** Values that could only have come into the database around all checks. */
const hostile = [
  "evil.com#",
  "acme.myshopify.com@evil.com",
  "evil.com/",
  "169.254.169.254/#",
  "evil.com:443/",
  "a/../b",
  "а",
];

describe("what is stored of an account", () => {
  it("is looked at again whenever it is used: nothing is sent anywhere else", async () => {
    const id = await connectShop();
    const connection = { id, connector: "shopify" };
    await world.control("/calls", undefined, "DELETE");
    const outcomes: string[] = [];
    for (const subdomain of [...hostile, "", "evil.com\r\nx"]) {
      await know(id, { subdomain });
      for (const tried of [
        () => callDirect(connection, { method: "GET", endpoint: "/admin" }),
        () => renewToken(connection),
        () => world.startAgain(ada, id),
      ])
        outcomes.push(
          await Promise.resolve(tried()).then(
            () => "sent",
            (error) => error.code,
          ),
        );
    }
    await know(id, {});
    outcomes.push(
      await callDirect(connection, { method: "GET", endpoint: "/" }).then(
        () => "sent",
        ({ code }) => code,
      ),
    );
    expect([...new Set(outcomes)]).toEqual(["misconfigured"]);
    expect(await world.calls("")).toEqual([]);
  });

  it("leads a revocation nowhere else either", async () => {
    const id = await world.connect(ada, "salesforce");
    await world.control("/calls", undefined, "DELETE");
    for (const hostname of hostile) {
      await know(id, { hostname });
      await expect(revokeDirect({ id, connector: "salesforce" })).rejects.toMatchObject({ code: "misconfigured" });
    }
    expect(await world.calls("")).toEqual([]);
  });
});

describe("what a token endpoint says of where an account is", () => {
  let liar: Server;
  let says: unknown;
  let asked = 0;
  const others: string[] = [];
  beforeAll(async () => {
    liar = createServer((request, response) => {
      if (request.url?.endsWith("/services/oauth2/token")) asked++;
      else others.push(request.url ?? "");
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ access_token: "at", refresh_token: "rt", instance_url: says }));
    });
    await new Promise<void>((resolve) => liar.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => new Promise<void>((resolve) => liar.close(() => resolve())));

  it("is not taken when it is no address of the provider's: nothing is connected", async () => {
    const lies = [
      "",
      "http://a.salesforce.com",
      "//a.salesforce.com",
      "https://a.salesforce.com:8443",
      "https://127.0.0.1",
    ];
    lies.push("https://evil.com", "https://evil.com#.salesforce.com", "https://acme.my.salesforce.com@evil.com");
    for (says of [undefined, null, 5, ...lies]) {
      const { attempt, browser, authorizationUrl } = await world.start(ada, "salesforce");
      const url = await browser.consent(authorizationUrl, /Ada/);
      const before = process.env.PROVIDER_HOSTS;
      const itself = `http://127.0.0.1:${(liar.address() as AddressInfo).port}`;
      const hosts = { ...env().oauth.providerHosts, "login.salesforce.com": itself };
      process.env.PROVIDER_HOSTS = JSON.stringify(hosts);
      resetEnv();
      try {
        await browser.land(url);
      } finally {
        process.env.PROVIDER_HOSTS = before;
        resetEnv();
      }
      expect((await world.attemptOf(ada, attempt.id)).outcome, String(says)).toBe("failed");
      expect(await world.stored(attempt.id)).toBeUndefined();
    }
    expect(asked).toBe(11);
    expect(others).toEqual([]);
  });
});
