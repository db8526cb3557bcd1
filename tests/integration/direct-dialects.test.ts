import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { directClient } from "@/emulators/providers/clients";
import { applicationId } from "@/emulators/providers/generic/dialects";
import type { Tenant } from "@/lib/auth/tenant";
import { manifests } from "@/lib/catalogue/manifests";
import { callDirect } from "@/lib/oauth/call";
import { freshToken } from "@/lib/oauth/refresh";
import { type DirectWorld, openDirectWorld } from "../support/direct";

/**
 * Every provider whose addresses or words are its own, through all that a connection goes through. The stand-in is as
 * strict as their documentation (emulators/providers/generic/dialects.ts).
 */

type Row = {
  slug: string;
  asked?: Record<string, string>;
  button?: RegExp;
  /** Where calls go. */
  api: string;
  /** What is kept of the account. */
  known?: Record<string, string>;
  /** Left out: a refresh token, which is used once its access token is over. */
  renews?: "never" | "long-lived" | "when refused";
  /** The service has no call that says whose account it is. */
  nameless?: true;
};

const tenantId = "12345678-90ab-cdef-1234-567890abcdef";
const rows: Row[] = [
  {
    slug: "amazon-seller",
    asked: { domain: "sellercentral.amazon.de", region: "eu" },
    api: "sellingpartnerapi-eu.amazon.com",
    nameless: true,
  },
  {
    slug: "azure-blob-storage",
    asked: { accountName: "acmestorage" },
    api: "acmestorage.blob.core.windows.net",
    nameless: true,
  },
  { slug: "basecamp", asked: { accountId: "5899981" }, api: "3.basecampapi.com" },
  { slug: "bigcommerce", asked: { storeHash: "hpj4hvw2bb" }, api: "api.bigcommerce.com" },
  {
    slug: "dynamics-365",
    asked: { tenantId, environmentUrl: "contoso.crm.dynamics.com" },
    api: "contoso.crm.dynamics.com",
  },
  { slug: "egnyte", asked: { subdomain: "acme" }, api: "acme.egnyte.com" },
  { slug: "etsy", api: "api.etsy.com" },
  { slug: "facebook", api: "graph.facebook.com", renews: "long-lived" },
  { slug: "instagram", api: "graph.instagram.com", renews: "long-lived" },
  { slug: "intercom", api: "api.intercom.io", renews: "never" },
  { slug: "intercom", asked: { region: "eu" }, api: "api.eu.intercom.io", renews: "never" },
  { slug: "jira", api: "api.atlassian.com" },
  { slug: "monday", api: "api.monday.com", renews: "never" },
  { slug: "pipedrive", api: "acme.pipedrive.com", known: { api_domain: "https://acme.pipedrive.com" } },
  {
    slug: "salesforce",
    api: "acme.my.salesforce.com",
    known: { instance_url: "https://acme.my.salesforce.com" },
    renews: "when refused",
  },
  {
    slug: "salesforce",
    asked: { hostname: "test.salesforce.com" },
    api: "acme--dev.sandbox.my.salesforce.com",
    known: { hostname: "test.salesforce.com", instance_url: "https://acme--dev.sandbox.my.salesforce.com" },
    renews: "when refused",
  },
  { slug: "shopify", asked: { subdomain: "acme" }, api: "acme.myshopify.com" },
  { slug: "smartsheet", asked: { domain: "smartsheet.eu" }, api: "api.smartsheet.eu" },
  {
    slug: "snowflake",
    asked: { snowflake_account_url: "myorg-myaccount.snowflakecomputing.com" },
    api: "myorg-myaccount.snowflakecomputing.com",
  },
  { slug: "stripe", button: /Acme Inc/, api: "api.stripe.com", renews: "when refused" },
  { slug: "threads", api: "graph.threads.net", renews: "long-lived" },
  { slug: "tiktok", api: "open.tiktokapis.com" },
  { slug: "wrike", api: "www.wrike.com", known: { host: "www.wrike.com" } },
  {
    slug: "zoho-crm",
    button: /Grace/,
    api: "www.zohoapis.eu",
    known: { "accounts-server": "https://accounts.zoho.eu", api_domain: "https://www.zohoapis.eu" },
  },
  {
    slug: "zoho-crm",
    asked: { extension: "in" },
    api: "www.zohoapis.in",
    known: { extension: "in", "accounts-server": "https://accounts.zoho.in", api_domain: "https://www.zohoapis.in" },
  },
  {
    // Wrong about where the account is: what Zoho says counts.
    slug: "zoho-crm",
    asked: { extension: "com" },
    button: /Grace/,
    api: "www.zohoapis.eu",
    known: { extension: "com", "accounts-server": "https://accounts.zoho.eu", api_domain: "https://www.zohoapis.eu" },
  },
];

const settings = Object.fromEntries(
  rows.flatMap(({ slug }) => {
    const name = slug.toUpperCase().replaceAll("-", "_");
    const { clientId, clientSecret } = directClient(slug);
    return [
      [`OAUTH_${name}_CLIENT_ID`, clientId],
      [`OAUTH_${name}_CLIENT_SECRET`, clientSecret],
      ...(slug === "amazon-seller" ? [[`OAUTH_${name}_APPLICATION_ID`, applicationId(clientId)]] : []),
    ];
  }),
);

let world: DirectWorld;
beforeAll(async () => {
  world = await openDirectWorld(settings);
});
afterAll(() => world?.close());

let owners = 0;
const owner = (): Tenant => world.db.tenant(`org_dialects_${owners++}`, "user_ada", "admin");

async function signIn(tenant: Tenant, { slug, asked, button = /Ada/ }: Row): Promise<string> {
  const { attempt, browser, authorizationUrl } = await world.start(tenant, slug, { connectionConfig: asked ?? {} });
  const page = await browser.land(await browser.consent(authorizationUrl, button));
  expect(page.text).toContain("is connected");
  await world.runJobs();
  return attempt.id;
}

/** The manifest's own call, and where it went. */
async function callAs(id: string, { slug, api }: Row) {
  await world.control("/calls", undefined, "DELETE");
  const test = manifests.get(slug)?.test_connection;
  if (!test) throw new Error(`${slug} has no test call`);
  const { method, endpoint, headers, body } = test;
  const answer = await callDirect({ id, connector: slug }, { method, endpoint, headers, body });
  const [path = ""] = endpoint.split("?");
  const there = (await world.calls(`host=${api}`)).filter((call) => call.path.endsWith(path));
  return { status: answer.kind === "answer" ? answer.status : answer.code, there: there.length };
}

/** The token that is stored is over, or near its end for one that is renewed while it lives. */
async function wearOut(id: string, { slug, renews }: Row): Promise<void> {
  if (renews === "when refused") {
    const token = await freshToken({ id, connector: slug });
    await world.control("/expire", { token: token.ok && token.token });
    return;
  }
  if (renews !== "long-lived") {
    await world.db
      .sql`update oauth_credentials set expires_at = now() - interval '1 minute' where connection_id = ${id}`;
    return;
  }
  const token = await freshToken({ id, connector: slug });
  await world.control("/age", { token: token.ok && token.token, seconds: 55 * 86_400 });
  await world.db.sql`update oauth_credentials set tokens_since = now() - interval '55 days',
    expires_at = expires_at - interval '55 days' where connection_id = ${id}`;
}

describe.each(rows)("$slug, asked $asked", (row) => {
  const { slug, known, renews, nameless, button = /Ada/ } = row;

  it("connects, calls, renews and reconnects without Nango", async () => {
    const ada = owner();
    const id = await signIn(ada, row);
    const connected = await world.row(id);
    expect(connected).toMatchObject({ connector: slug, auth_method: "direct", status: "connected" });
    if (nameless) expect(connected?.account_id).toBeNull();
    else expect(connected?.account_id).toMatch(/.+/);
    expect((await world.stored(id))?.connection_config).toEqual(known ?? row.asked ?? {});
    expect(await callAs(id, row)).toEqual({ status: 200, there: 1 });

    expect((await world.stored(id))?.refresh_token === null).toBe(renews === "never");
    if (renews !== "never") {
      await wearOut(id, row);
      const before = await world.stored(id);
      if (renews === "when refused") {
        expect(before?.expires_at).toBeNull();
        expect(await callAs(id, row)).toEqual({ status: 200, there: 2 });
      }
      expect(await freshToken({ id, connector: slug })).toMatchObject({ ok: true, version: 2 });
      const after = await world.stored(id);
      expect(after?.access_token).not.toEqual(before?.access_token);
      expect(after?.connection_config).toEqual(before?.connection_config);
      expect(Date.parse(after?.expires_at ?? "9999-01-01")).toBeGreaterThan(Date.now());
      expect(await callAs(id, row)).toEqual({ status: 200, there: 1 });
    }

    // Nothing is asked again: the connection knows where its account is.
    const version = (await world.stored(id))?.version;
    const again = await world.startAgain(ada, id);
    await again.browser.land(await again.browser.consent(again.authorizationUrl, button));
    expect(await world.attemptOf(ada, again.attempt.id)).toMatchObject({ status: "confirmed", connectionId: id });
    await world.runJobs();
    expect((await world.stored(id))?.version).toBe(version + 1);
    expect((await world.stored(id))?.connection_config).toEqual(known ?? row.asked ?? {});
    expect(await callAs(id, row)).toEqual({ status: 200, there: 1 });
  });
});

it("every one of them is here", () => {
  const withWordsOfTheirOwn = [...manifests.values()].filter(({ oauth }) => {
    const direct = oauth?.direct;
    if (!direct) return false;
    const { hosts, client_id_name, code_name, response_type, client_auth, long_lived, api_headers } = direct;
    const named = client_id_name !== "client_id" || code_name !== "code" || response_type === null;
    const ownId = Object.values(api_headers).some((value) => value.includes("client"));
    return hosts.length > 0 || named || client_auth === "secret_basic" || long_lived !== null || ownId;
  });
  const here = new Set(rows.map(({ slug }) => slug));
  expect(withWordsOfTheirOwn.map(({ slug }) => slug).filter((slug) => !here.has(slug))).toEqual([]);
  expect(here.size).toBe(22);
});
