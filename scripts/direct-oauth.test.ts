// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how placeholders look at Nango

import { describe, expect, it } from "vitest";
import { directOAuth } from "./direct-oauth";
import { type ProviderEntry, providerCatalogue } from "./provider-catalogue";

const plain: ProviderEntry = {
  auth_mode: "OAUTH2",
  authorization_url: "https://example.test/authorize",
  proxy: { base_url: "https://api.example.test/" },
};
const derive = (changes: Partial<ProviderEntry>, tokenUrl: string | null = "https://example.test/token") =>
  directOAuth("example", { ...plain, ...changes }, tokenUrl);

describe("a sign-in without Nango", () => {
  it("takes of a provider what our own client needs", () => {
    expect(derive({})).toEqual({
      ...{ api_base_url: "https://api.example.test", api_headers: {}, scope_separator: " ", pkce: true },
      ...{ client_auth: "body", token_encoding: "form" },
      ...{ authorization_params: {}, token_params: {}, refresh_params: {} },
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

  it.each<[string, Partial<ProviderEntry>, (string | null)?]>([
    ["no sign-in page", { authorization_url: undefined }],
    ["a sign-in page of each account's own", { authorization_url: "https://${connectionConfig.shop}.example.test/a" }],
    ["a token address of each account's own", {}, "https://${connectionConfig.shop}.example.test/t"],
    ["two token addresses", {}, "https://a.test || https://b.test"],
    ["no token address", {}, null],
    ["an API address of each account's own", { proxy: { base_url: "https://${connectionConfig.host}" } }],
    [
      "a header that holds the application's secret",
      { proxy: { base_url: "https://a.test", headers: { x: "${clientSecret}" } } },
    ],
    ["a parameter of each account's own", { authorization_params: { context: "${connectionConfig.store}" } }],
    ["a parameter that is no text", { token_params: { request: { a: 1 } } }],
    ["a renewal elsewhere", { refresh_url: "https://a.test/refresh" }],
    ["other names for what everybody calls alike", { authorization_url_replacements: { client_id: "client_key" } }],
    ["another kind of sign-in", { auth_mode: "OAUTH1" }],
  ])("is not there for a provider with %s", (_, changes, tokenUrl = "https://example.test/token") => {
    expect(directOAuth("example", { ...plain, ...changes }, tokenUrl)).toBeNull();
  });

  it("never sends a credential to an address that Nango would fill in, for any provider of the catalogue", () => {
    const all = [...providerCatalogue().values()].flatMap(({ direct }) => direct ?? []);
    expect(all.length).toBeGreaterThan(100);
    for (const each of all) {
      expect(JSON.stringify({ ...each, api_headers: {} })).not.toMatch(/\$\{|\|\|/);
      expect(each.api_base_url).toMatch(/^https:\/\//);
    }
  });
});
