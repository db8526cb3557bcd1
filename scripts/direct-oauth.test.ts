// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how placeholders look at Nango

import { describe, expect, it } from "vitest";
import { type DirectOAuth, directSchema } from "@/lib/catalogue/manifest-direct";
import { directOAuth, finishDirect } from "./direct-oauth";
import { type ProviderEntry, providerCatalogue } from "./provider-catalogue";

const plain: ProviderEntry = {
  auth_mode: "OAUTH2",
  authorization_url: "https://example.test/authorize",
  proxy: { base_url: "https://api.example.test/" },
};
type Own = Parameters<typeof finishDirect>[1];
const finish = (entry: ProviderEntry, tokenUrl: string | null, own: Own) =>
  finishDirect(
    { direct: directOAuth("example", entry, tokenUrl), authorizationUrl: entry.authorization_url ?? null, tokenUrl },
    own,
  );
const derive = (
  changes: Partial<ProviderEntry>,
  tokenUrl: string | null = "https://example.test/token",
  own: Own = {},
) => finish({ ...plain, ...changes }, tokenUrl, own);

const shopUrl = "https://${connectionConfig.shop}.example.test";
const shop = { title: "Shop", description: "Its name.", pattern: "^[a-z]+$" };
const ofShop: Partial<ProviderEntry> = { proxy: { base_url: shopUrl }, connection_config: { shop } };

describe("a sign-in without Nango", () => {
  it("takes of a provider what our own client needs", () => {
    expect(derive({})).toEqual({
      ...{ api_base_url: "https://api.example.test", api_headers: {}, scope_separator: " ", pkce: true },
      ...{ client_auth: "body", token_encoding: "form" },
      ...{ authorization_params: {}, token_params: {}, refresh_params: {} },
      revocation_endpoint: null,
    });
    expect(
      derive({
        ...{ scope_separator: ",", disable_pkce: true, authorization_method: "header", body_format: "json" },
        authorization_params: { access_type: "offline", response_type: "code", expiring: 1, session: false },
        proxy: { base_url: "https://api.example.test", headers: { "X-Token": "${accessToken}" } },
      }),
    ).toMatchObject({
      ...{ scope_separator: ",", pkce: false, client_auth: "basic", token_encoding: "json" },
      authorization_params: { access_type: "offline", expiring: "1", session: "false" },
      api_headers: { "x-token": "${accessToken}" },
    });
  });

  it("takes the provider's own names for what everybody else calls alike", () => {
    expect(
      derive({
        authorization_url_replacements: { client_id: "client_key", response_type: "" },
        authorization_code_param_in_callback: "spapi_oauth_code",
        authorization_params: { application_id: "${connectionConfig.applicationId}" },
        proxy: { base_url: "https://a.test", headers: { "x-api-key": "${clientId}:${clientSecret}" } },
      }),
    ).toMatchObject({
      ...{ client_id_name: "client_key", response_type: null, code_name: "spapi_oauth_code" },
      authorization_params: { application_id: "${applicationId}" },
      api_headers: { "x-api-key": "${clientId}:${clientSecret}" },
    });
  });

  it.each<[string, Partial<ProviderEntry>, (string | null)?]>([
    ["no sign-in page", { authorization_url: undefined }],
    ["no token address", {}, null],
    ["no API address", { proxy: {} }],
    ["a sign-in page of each account's own", { authorization_url: shopUrl, connection_config: { shop } }],
    ["a token address of each account's own", { connection_config: { shop } }, shopUrl],
    ["an API address of each account's own", ofShop],
    ["an API address that only Nango fills in", { proxy: { base_url: "https://${connectionConfig.host}" } }],
    ["a parameter that is no text", { token_params: { request: { a: 1 } } }],
    ["a renewal elsewhere", { refresh_url: "https://a.test/refresh" }],
    ["other names that nobody knows", { authorization_url_replacements: { scope: "scopes" } }],
    ["another kind of sign-in", { auth_mode: "OAUTH1" }],
  ])(
    "waits for somebody to write by hand what is missing, with %s",
    (_, changes, tokenUrl = "https://example.test/t") => {
      expect(derive(changes, tokenUrl)).toBeNull();
    },
  );

  it("asks what the catalogue would ask, once it is said to which hosts that may lead", () => {
    expect(derive(ofShop, undefined, { hosts: ["example.test"] })).toMatchObject({
      api_base_url: shopUrl,
      connection_config: { shop: { ...shop, optional: false, options: null } },
      hosts: ["example.test"],
    });
    // Without a pattern nobody knows what a good answer is.
    const { pattern: _, ...vague } = shop;
    expect(
      derive({ ...ofShop, connection_config: { shop: vague } }, undefined, { hosts: ["example.test"] }),
    ).toBeNull();
  });

  it("does not ask what comes with the answer, what nothing is made of, or what Nango finds out by itself", () => {
    const own = { hosts: ["example.test"], from_answer: { shop: "^[a-z]+$" } };
    expect(derive(ofShop, undefined, own)).not.toHaveProperty("connection_config");
    expect(derive({ connection_config: { shop } })).not.toHaveProperty("connection_config");
    const automated = { shop: { ...shop, automated: true } };
    expect(derive({ ...ofShop, connection_config: automated }, undefined, { hosts: ["example.test"] })).toBeNull();
  });

  it("need not be told what an address can do without", () => {
    const question = { shop: { ...shop, optional: true } };
    const ask = (base_url: string) =>
      derive({ proxy: { base_url }, connection_config: question }, undefined, {
        hosts: ["example.test"],
      }) as DirectOAuth;
    expect(ask(`${shopUrl} || https://example.test`).connection_config.shop?.optional).toBe(true);
    expect(ask(shopUrl).connection_config.shop?.optional).toBe(false);
  });

  it("leaves out the alternatives that hold what is not known, and what Nango calls itself by", () => {
    expect(
      derive({
        proxy: {
          base_url: "https://${connectionConfig.host}.test || https://api.example.test",
          headers: { "x-version": "${connectionConfig.v} || 2025", "user-agent": "App (support@nango.dev)" },
        },
        authorization_params: { account: "${connectionConfig.account}" },
      }),
    ).toMatchObject({
      ...{ api_base_url: "https://api.example.test", api_headers: { "x-version": "2025" }, authorization_params: {} },
    });
  });

  it("keeps what is written by hand", () => {
    const long_lived = {
      ...{ exchange_url: "https://a.test/x", exchange_grant: "x_grant", refresh_url: "https://a.test/r" },
      ...{ refresh_grant: "r_grant", token_name: "access_token" },
    };
    const own = { long_lived, revocation_endpoint: "https://a.test/revoke", client_auth: "secret_basic" };
    expect(derive({ refresh_url: "https://a.test/r" }, undefined, own)).toMatchObject(own);
  });

  it("makes nothing, of any provider of the catalogue, that leads to wherever a person or a provider says", () => {
    const all = [...providerCatalogue().values()].flatMap((facts) => finishDirect(facts, {}) ?? []);
    expect(all.length).toBeGreaterThan(100);
    for (const each of all) {
      const parsed = directSchema.parse(each);
      expect(parsed.api_base_url).toMatch(/^https:\/\/[^${}|]+$/);
      expect(parsed.hosts).toEqual([]);
      expect(JSON.stringify([parsed.authorization_params, parsed.token_params])).not.toMatch(
        /clientSecret|accessToken/,
      );
    }
  });
});
