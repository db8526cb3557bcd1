import type { DirectOAuth } from "@/lib/catalogue/manifest";
import type { ProviderEntry } from "./provider-catalogue";

/** What follows from the provider. What it has for revocation Nango's catalogue does not say. */
export type DerivedDirect = Omit<DirectOAuth, "revocation_endpoint">;

/** Providers whose token call or token life is like nobody else's; Nango has code of its own for each. */
const peculiar = new Set([
  "stripe-app", // authenticates by its secret alone
  "facebook", // tokens of an hour, prolonged by a call that is no refresh
]);

/** The protocol's own fields, which the OAuth client sets. */
const ownFields = new Set([
  "response_type",
  "grant_type",
  "client_id",
  "client_secret",
  "redirect_uri",
  "scope",
  "state",
]);

type Parameters = ProviderEntry["authorization_params"];
const extra = (given: Parameters): Record<string, string> =>
  Object.fromEntries(
    Object.entries(given ?? {}).flatMap(([name, value]) =>
      // What is no plain value only Nango knows how to send: it counts as a template.
      ownFields.has(name) ? [] : [[name, typeof value === "object" ? "||" : String(value)]],
    ),
  );

/** True for a text in which only Nango could fill something in. */
const isTemplate = (text: string | null | undefined): boolean => !text || /\$\{|\|\|/.test(text);

/**
 * How a provider can be signed in to without Nango; null where that needs a setting of each account's, or a way of its own.
 * @param tokenUrl the provider's, for a plain OAuth2 sign-in
 */
export function directOAuth(key: string, entry: ProviderEntry, tokenUrl: string | null): DerivedDirect | null {
  const { proxy, authorization_url: authorizationUrl } = entry;
  const parameters = [entry.authorization_params, entry.token_params, entry.refresh_params].map(extra);
  const [authorization_params = {}, token_params = {}, refresh_params = {}] = parameters;
  const headers = Object.entries(proxy?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
  const unfit =
    entry.auth_mode !== "OAUTH2" ||
    peculiar.has(key) ||
    [authorizationUrl, tokenUrl, proxy?.base_url].some(isTemplate) ||
    parameters.some((each) => Object.values(each).some(isTemplate)) ||
    headers.some(([, value]) => isTemplate(value.replace(/\$\{accessToken\}/g, "token"))) ||
    // Renewed elsewhere than at the token endpoint, or with other names for what everybody else calls alike.
    entry.refresh_url !== undefined ||
    entry.authorization_url_replacements !== undefined ||
    entry.authorization_code_param_in_callback !== undefined;
  if (unfit) return null;
  const basic = entry.authorization_method === "header" || entry.token_request_auth_method === "basic";
  return {
    api_base_url: (proxy?.base_url ?? "").replace(/\/+$/, ""),
    api_headers: Object.fromEntries(headers),
    scope_separator: entry.scope_separator ?? " ",
    pkce: entry.disable_pkce !== true,
    client_auth: basic ? "basic" : "body",
    token_encoding: entry.body_format === "json" ? "json" : "form",
    authorization_params,
    token_params,
    refresh_params,
  };
}
