import { provider as findProvider, type Tree } from "../catalogue";
import type { Connection, Integration } from "../model";
import { awsHeaders, awsMacroHeader } from "./aws-signature";
import { fill, fillTree } from "./interpolate";
import { oauth1Header } from "./oauth1-signature";
import { accessToken, placeholderValues } from "./values";

export interface ProviderCall {
  method: string;
  /** Path and query relative to the provider's base URL, or an absolute URL. May hold `${…}`. */
  endpoint: string;
  headers?: Record<string, string>;
  body?: Uint8Array | string | undefined;
  baseUrlOverride?: string | undefined;
}

export interface BuiltCall {
  /** The provider's real address, not yet mapped to where it is served here. */
  url: string;
  method: string;
  headers: Record<string, string>;
  body: Uint8Array | string | undefined;
}

/** Why a call can't be made at all. */
export class CallNotPossible extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Builds a call to a provider with a connection's credentials: base URL, headers and query from the catalogue, then
 * the caller's headers over them. The endpoint is filled too, credentials included, even through percent-encoding:
 * the real proxy does that, and apps must guard against it themselves.
 */
export function buildCall(
  integration: Integration,
  held: Pick<Connection, "credentials" | "connectionConfig">,
  call: ProviderCall,
): BuiltCall {
  const provider = findProvider(integration.provider);
  if (!provider) throw new CallNotPossible("unknown_provider_template", "The provider is not in the catalogue.");
  const values = placeholderValues(integration, held);
  const base = call.baseUrlOverride || integration.custom.baseUrl || provider.proxy?.base_url;
  const endpoint = fill(withPlainPlaceholders(call.endpoint), values);
  const url = absoluteUrl(base ? fill(base, values) : undefined, endpoint);
  for (const [key, value] of Object.entries(provider.proxy?.query ?? {})) {
    if (!url.searchParams.has(key)) url.searchParams.set(key, fill(value, values));
  }
  const headers: Record<string, string> = authorization(integration, held, call.method, url);
  for (const [key, value] of Object.entries(provider.proxy?.headers ?? {})) {
    const macro = awsMacroHeader(value, call.method, url, call.body, values);
    const filled = macro ?? fill(value, values);
    if (!filled.includes("${")) headers[key.toLowerCase()] = filled;
  }
  placeGenericKey(integration, values, headers, url);
  for (const [key, value] of Object.entries(call.headers ?? {})) headers[key.toLowerCase()] = fill(value, values);
  if (held.credentials.type === "AWS_SIGV4") {
    Object.assign(headers, awsHeaders(integration, held, call.method, url, call.body));
  }
  return { url: url.toString(), method: call.method, headers, body: call.body };
}

function withPlainPlaceholders(endpoint: string): string {
  return endpoint.replace(/(%24|\$)(%7B|\{)([\w.%-]+?)(%7D|\})/gi, (_whole, _dollar, _open, name) => `\${${name}}`);
}

function absoluteUrl(base: string | undefined, endpoint: string): URL {
  if (/^https?:\/\//i.test(endpoint)) return new URL(endpoint);
  if (!base) throw new CallNotPossible("missing_base_api_url", "The provider has no base URL: pass Base-Url-Override.");
  try {
    return new URL(`${base.replace(/\/+$/, "")}/${endpoint.replace(/^\/+/, "")}`);
  } catch {
    throw new CallNotPossible("invalid_base_url", "The base URL can't be built from this connection's settings.");
  }
}

function authorization(
  integration: Integration,
  { credentials }: Pick<Connection, "credentials">,
  method: string,
  url: URL,
): Record<string, string> {
  const token = accessToken(credentials);
  switch (credentials.type) {
    case "BASIC":
      return { authorization: `Basic ${base64(`${credentials.username ?? ""}:${credentials.password ?? ""}`)}` };
    case "OAUTH1":
      return {
        authorization: oauth1Header({
          method,
          url: url.toString(),
          consumerKey: integration.credentials?.client_id ?? "",
          consumerSecret: integration.credentials?.client_secret ?? "",
          token: String(credentials.oauth_token ?? ""),
          tokenSecret: String(credentials.oauth_token_secret ?? ""),
        }),
      };
    case "OAUTH2":
    case "OAUTH2_CC":
    case "TWO_STEP":
    case "JWT":
    case "APP":
      return token ? { authorization: `Bearer ${token}` } : {};
    default:
      return {};
  }
}

/** `private-api-generic` says in its own settings where the key goes. */
function placeGenericKey(
  integration: Integration,
  values: Record<string, unknown>,
  headers: Record<string, string>,
  url: URL,
): void {
  const { keyPlacement, keyName, valueTemplate } = integration.custom;
  if (!keyName) return;
  const value = valueTemplate ? fill(valueTemplate, values) : String(values.apiKey ?? "");
  if (keyPlacement === "query") url.searchParams.set(keyName, value);
  else headers[keyName.toLowerCase()] = value;
}

/** A body of the catalogue, filled and encoded as the provider wants it. */
export function encodeBody(
  tree: { [key: string]: Tree } | undefined,
  values: Record<string, unknown>,
  format: string | undefined,
): { body: string; contentType: string } {
  const filled = (fillTree(tree ?? {}, values) ?? {}) as Record<string, unknown>;
  if (format === "json") return { body: JSON.stringify(filled), contentType: "application/json" };
  const form = new URLSearchParams(Object.entries(filled).map(([key, value]) => [key, String(value)]));
  return { body: form.toString(), contentType: "application/x-www-form-urlencoded" };
}

export function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
