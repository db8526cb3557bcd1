import { createHash } from "node:crypto";
import type { Integration, IntegrationDefaults } from "../model";
import { providerOf } from "./exchange";
import { fill } from "./interpolate";
import { placeholderValues } from "./values";

/** A connection can't be started, with the error type that the browser SDK knows it by. */
export class CannotAuthorize extends Error {
  constructor(
    readonly errorType: string,
    message: string,
  ) {
    super(message);
  }
}

/** Fills one of the provider's URLs, or refuses when a setting it needs was not given. */
export function authorizationUrl(
  integration: Integration,
  connectionConfig: Record<string, unknown>,
  url?: string,
): URL {
  if (!url) throw new CannotAuthorize("provider_config_err", "The provider has no authorization URL.");
  const credentials = { type: providerOf(integration).auth_mode };
  const filled = fill(url, placeholderValues(integration, { credentials, connectionConfig }));
  if (filled.includes("${") || !URL.canParse(filled)) {
    throw new CannotAuthorize("url_param_err", `A setting is missing that this needs: ${url}`);
  }
  return new URL(filled);
}

/** Where the browser goes to ask for consent with OAuth 2. */
export function oauth2AuthorizeUrl(
  integration: Integration,
  connectionConfig: Record<string, unknown>,
  request: {
    state: string;
    redirectUri: string;
    codeVerifier: string | null;
    defaults: IntegrationDefaults | undefined;
    userScopes: string | undefined;
  },
): string {
  const provider = providerOf(integration);
  const grant = provider.token_params?.grant_type;
  if (grant !== undefined && grant !== "authorization_code") {
    throw new CannotAuthorize("grant_type_err", `The grant type "${String(grant)}" is not supported here.`);
  }
  const clientId = integration.credentials?.client_id;
  if (!clientId) throw new CannotAuthorize("provider_config_err", "The integration has no client id.");
  const url = authorizationUrl(integration, connectionConfig, provider.authorization_url);
  const values = placeholderValues(integration, { credentials: { type: "OAUTH2" }, connectionConfig });
  const override = request.defaults?.connection_config?.oauth_scopes_override;
  const scopes = (typeof override === "string" ? override : undefined) ?? integration.credentials?.scopes ?? "";
  const params: Record<string, string> = {
    response_type: "code",
    client_id: clientId,
    redirect_uri: request.redirectUri,
    scope: scopes.split(",").join(provider.scope_separator ?? " "),
    state: request.state,
  };
  for (const [key, value] of Object.entries(provider.authorization_params ?? {})) {
    const filled = fill(String(value), values);
    params[key] = filled.includes("${") ? "" : filled;
  }
  if (request.codeVerifier) {
    params.code_challenge = createHash("sha256").update(request.codeVerifier).digest("base64url");
    params.code_challenge_method = "S256";
  }
  if (request.userScopes) params.user_scope = request.userScopes;
  // What the session prescribes wins over the catalogue.
  Object.assign(params, request.defaults?.authorization_params);
  for (const [key, value] of Object.entries(params)) {
    if (value === "" && (provider.authorization_url_skip_empty || key !== "scope")) continue;
    url.searchParams.set(provider.authorization_url_replacements?.[key] ?? key, value);
  }
  if (!provider.authorization_url_fragment) return url.toString();
  const query = url.search;
  url.search = "";
  return `${url}#${provider.authorization_url_fragment}${query}`;
}
