import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { directClient } from "@/emulators/providers/clients";
import { applicationId } from "@/emulators/providers/generic/dialects";
import { standinConnector } from "@/emulators/providers/standin-connector";
import type { Providers } from "@/emulators/providers/start";
import { manifests } from "@/lib/catalogue/manifests";
import { basic, ConsentForm, REDIRECT, startFresh } from "./providers-person";

/** The stand-in refuses, in the provider's words, an application that does not speak as the provider wants. */

let providers: Providers;
beforeAll(async () => {
  providers = await startFresh([...manifests.values()].map(standinConnector));
});
afterAll(() => providers.close());

type Fields = Record<string, string>;

/** Opens a sign-in page. */
async function open(url: string, fields: Fields): Promise<ConsentForm> {
  const at = new URL(providers.resolve(url));
  for (const [name, value] of Object.entries({ redirect_uri: REDIRECT, state: "s", ...fields }))
    at.searchParams.set(name, value);
  const response = await fetch(at);
  return new ConsentForm(at, response.status, await response.text());
}

async function ask(url: string, fields: Fields, headers: Fields = {}, method = "POST") {
  const query = method === "GET" ? `?${new URLSearchParams(fields)}` : "";
  const response = await fetch(`${providers.resolve(url)}${query}`, {
    method,
    headers,
    body: method === "GET" ? null : new URLSearchParams(fields),
  });
  return { status: response.status, body: await response.json() };
}

const withId = (slug: string, name = "client_id"): Fields => ({ [name]: directClient(slug).clientId });
const withSecret = (slug: string, name = "client_id"): Fields => ({
  ...withId(slug, name),
  client_secret: directClient(slug).clientSecret,
});
/** A code, from a page that takes the request. */
async function codeOf(url: string, fields: Fields, button = /Ada/): Promise<URLSearchParams> {
  return (await (await open(url, fields)).press(button)).searchParams;
}
const exchange = (code: URLSearchParams, name = "code"): Fields => ({
  grant_type: "authorization_code",
  redirect_uri: REDIRECT,
  code: code.get(name) ?? "",
});

describe("a sign-in page", () => {
  const amazon = "https://sellercentral.amazon.com/apps/authorize/consent";
  const tiktok = "https://www.tiktok.com/v2/auth/authorize/";
  const monday = "https://auth.monday.com/oauth2/authorize";
  const etsy = "https://www.etsy.com/oauth/connect";
  const basecamp = "https://launchpad.37signals.com/authorization/new";
  const bigcommerce = "https://login.bigcommerce.com/oauth2/authorize";
  const pkce = { code_challenge: "x".repeat(43), code_challenge_method: "S256" };

  it.each([
    ["Amazon without its own id", amazon, withId("amazon-seller"), 400],
    [
      "Amazon with it",
      amazon,
      { ...withId("amazon-seller"), application_id: applicationId(directClient("amazon-seller").clientId) },
      200,
    ],
    ["TikTok with client_id", tiktok, withId("tiktok"), 400],
    ["TikTok with client_key", tiktok, withId("tiktok", "client_key"), 200],
    ["TikTok with the protocol's PKCE", tiktok, { ...withId("tiktok", "client_key"), ...pkce }, 400],
    ["monday with a response type", monday, { ...withId("monday"), response_type: "code" }, 400],
    ["monday without", monday, withId("monday"), 200],
    ["Etsy without PKCE", etsy, withId("etsy"), 400],
    ["Etsy with it", etsy, { ...withId("etsy"), ...pkce }, 200],
    ["Basecamp without a type", basecamp, withId("basecamp"), 400],
    ["Basecamp with it", basecamp, { ...withId("basecamp"), type: "web_server" }, 200],
    ["BigCommerce without a store", bigcommerce, withId("bigcommerce"), 400],
    ["BigCommerce with one", bigcommerce, { ...withId("bigcommerce"), context: "stores/abc" }, 200],
    ["Shopify at another address", "https://acme.myshopify.com/oauth/authorize", withId("shopify"), 400],
  ])("of %s", async (_, url, fields, status) => {
    expect((await open(url, fields)).status).toBe(status);
  });

  it("of Amazon brings its code under its own name", async () => {
    const ids = { ...withId("amazon-seller"), application_id: applicationId(directClient("amazon-seller").clientId) };
    const landed = await codeOf(amazon, ids);
    expect(landed.get("code")).toBeNull();
    expect(landed.get("spapi_oauth_code")).toMatch(/.+/);
  });
});

describe("a token endpoint", () => {
  it("of TikTok knows no client_id", async () => {
    const code = await codeOf("https://www.tiktok.com/v2/auth/authorize/", withId("tiktok", "client_key"));
    const answer = await ask("https://open.tiktokapis.com/v2/oauth/token/", {
      ...withSecret("tiktok"),
      ...exchange(code),
    });
    expect(answer).toMatchObject({ status: 400, body: { error: "invalid_request" } });
  });

  it.each([
    ["pipedrive", "https://oauth.pipedrive.com/oauth/authorize", "https://oauth.pipedrive.com/oauth/token"],
    [
      "snowflake",
      "https://acme.snowflakecomputing.com/oauth/authorize",
      "https://acme.snowflakecomputing.com/oauth/token-request",
    ],
  ])("of %s wants Basic", async (slug, page, url) => {
    const { clientId, clientSecret } = directClient(slug);
    const first = await codeOf(page, { ...withId(slug), response_type: "code" });
    expect((await ask(url, { ...withSecret(slug), ...exchange(first) })).status).toBe(400);
    const second = await codeOf(page, { ...withId(slug), response_type: "code" });
    expect((await ask(url, exchange(second), basic(clientId, clientSecret))).status).toBe(200);
  });

  it("of Stripe wants the secret alone, as the user", async () => {
    const page = "https://marketplace.stripe.com/oauth/v2/authorize";
    const url = "https://api.stripe.com/v1/oauth/token";
    const { clientId, clientSecret } = directClient("stripe");
    const code = () => codeOf(page, { ...withId("stripe"), response_type: "code" }, /Acme Inc/);
    expect((await ask(url, { ...withSecret("stripe"), ...exchange(await code()) })).status).toBe(400);
    expect((await ask(url, exchange(await code()), basic(clientId, clientSecret))).status).toBe(400);
    expect((await ask(url, exchange(await code()), basic(clientSecret, ""))).status).toBe(200);
  });

  it("takes no code and no refresh token of another shop", async () => {
    const page = "https://acme.myshopify.com/admin/oauth/authorize";
    const at = (shop: string) => `https://${shop}.myshopify.com/admin/oauth/access_token`;
    const fields = { ...withSecret("shopify"), expiring: "1" };
    const code = () => codeOf(page, withId("shopify"));
    expect((await ask(at("globex"), { ...fields, ...exchange(await code()) })).status).toBe(400);
    const { body } = await ask(at("acme"), { ...fields, ...exchange(await code()) });
    expect(body).toMatchObject({ expires_in: 3600, refresh_token: expect.any(String) });
    const again = { ...withSecret("shopify"), grant_type: "refresh_token", refresh_token: body.refresh_token };
    expect((await ask(at("globex"), again)).status).toBe(400);
    expect((await ask(at("acme"), again)).status).toBe(200);
    const lasting = await ask(at("acme"), { ...withSecret("shopify"), ...exchange(await code()) });
    expect(lasting.body).not.toHaveProperty("refresh_token");
  });
});

describe("a call with a direct sign-in's token", () => {
  const shop = "myshopify.com/admin/api/2026-01/graphql.json";

  it("is good at its own shop alone, and in Shopify's header", async () => {
    const code = await codeOf("https://acme.myshopify.com/admin/oauth/authorize", withId("shopify"));
    const url = "https://acme.myshopify.com/admin/oauth/access_token";
    const { body } = await ask(url, { ...withSecret("shopify"), ...exchange(code) });
    const own = { "x-shopify-access-token": body.access_token };
    expect((await ask(`https://acme.${shop}`, {}, own)).status).toBe(200);
    expect((await ask(`https://globex.${shop}`, {}, own)).status).toBe(401);
    const bearer = { authorization: `Bearer ${body.access_token}` };
    expect((await ask(`https://acme.${shop}`, {}, bearer)).status).toBe(401);
  });

  it("of Etsy needs the application's id and secret", async () => {
    const verifier = "v".repeat(43);
    const challenge = Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))).toString(
      "base64url",
    );
    const page = "https://www.etsy.com/oauth/connect";
    const code = await codeOf(page, {
      ...withId("etsy"),
      ...{ response_type: "code", code_challenge: challenge, code_challenge_method: "S256" },
    });
    const url = "https://api.etsy.com/v3/public/oauth/token";
    const { body } = await ask(url, { ...withSecret("etsy"), ...exchange(code), code_verifier: verifier });
    const me = "https://api.etsy.com/v3/application/users/me";
    const bearer = { authorization: `Bearer ${body.access_token}` };
    const { clientId, clientSecret } = directClient("etsy");
    expect((await ask(me, {}, bearer, "GET")).status).toBe(401);
    expect((await ask(me, {}, { ...bearer, "x-api-key": clientId }, "GET")).status).toBe(401);
    expect((await ask(me, {}, { ...bearer, "x-api-key": `${clientId}:${clientSecret}` }, "GET")).status).toBe(200);
  });
});

describe("Instagram", () => {
  const graph = "https://graph.instagram.com";
  const short = async () => {
    const code = await codeOf("https://www.instagram.com/oauth/authorize", withId("instagram"));
    const url = "https://api.instagram.com/oauth/access_token";
    return (await ask(url, { ...withSecret("instagram"), ...exchange(code) })).body;
  };
  const long = (token: string, secret = directClient("instagram").clientSecret) => {
    const fields = { grant_type: "ig_exchange_token", client_secret: secret, access_token: token };
    return ask(`${graph}/access_token`, fields, {}, "GET");
  };
  const renew = (token: string) =>
    ask(`${graph}/refresh_access_token`, { grant_type: "ig_refresh_token", access_token: token }, {}, "GET");

  it("gives a token without an end or a refresh token, and the long one for it and the secret", async () => {
    const first = await short();
    expect(Object.keys(first).sort()).toEqual(["access_token", "permissions", "user_id"]);
    expect((await long(first.access_token, "wrong")).body.error).toMatchObject({ type: "OAuthException", code: 101 });
    expect((await long("made-up")).body.error).toMatchObject({ type: "OAuthException", code: 190 });
    const second = await long(first.access_token);
    expect(second.body.expires_in).toBeGreaterThan(59 * 86_400);
    expect((await long(second.body.access_token)).status).toBe(400);
  });

  it("renews the long one after its first day, and never the short one", async () => {
    const first = await short();
    expect((await renew(first.access_token)).status).toBe(400);
    const { body } = await long(first.access_token);
    expect((await renew(body.access_token)).body.error.message).toContain("24 hours");
    const aged = { token: body.access_token, seconds: 86_401 };
    await fetch(`${providers.control}/age`, { method: "POST", body: JSON.stringify(aged) });
    expect((await renew(body.access_token)).status).toBe(200);
    expect((await ask(`${graph}/refresh_access_token`, { access_token: body.access_token }, {}, "POST")).status).toBe(
      400,
    );
  });
});
