import { type CatalogueProvider, provider as findProvider } from "../catalogue";
import type { Credentials, Integration } from "../model";
import type { Standin } from "../standin";
import { at, fill } from "./interpolate";
import { base64, encodeBody } from "./request";
import { expiry, oauth2Credentials, readTokenAnswer, TokenRefused, toIso } from "./token-answer";
import { placeholderValues } from "./values";

/** Client credentials answers that give no lifetime count as good for this long. */
const DEFAULT_CLIENT_CREDENTIALS_LIFE_MS = 55 * 60_000;

type Config = Record<string, unknown>;

/** The provider of an integration; integrations are only ever made for providers that exist. */
export function providerOf(integration: Integration): CatalogueProvider {
  const entry = findProvider(integration.provider);
  if (!entry) throw new Error(`The catalogue has no provider "${integration.provider}".`);
  return entry;
}

async function post(
  nango: Standin,
  url: string,
  init: { method?: string; headers: Record<string, string>; body?: string },
): Promise<Response> {
  try {
    return await fetch(nango.upstream(url), {
      method: init.method ?? "POST",
      headers: init.headers,
      ...(init.method === "GET" || init.body === undefined ? {} : { body: init.body }),
      redirect: "manual",
      signal: AbortSignal.timeout(nango.timing.proxyTimeout),
    });
  } catch (error) {
    throw new TokenRefused(`The token endpoint could not be reached: ${error instanceof Error ? error.message : "?"}`);
  }
}

/** The token URL for a grant, with the connection's settings filled in. */
function tokenUrl(provider: CatalogueProvider, integration: Integration, config: Config, kind = "OAUTH2"): string {
  const url = typeof provider.token_url === "object" ? provider.token_url[kind] : provider.token_url;
  if (!url) throw new TokenRefused("The provider has no token URL.");
  return fill(url, placeholderValues(integration, { credentials: { type: kind }, connectionConfig: config }));
}

/** Sends the app's own id and secret where the provider wants them: in the body, or as Basic. */
function withClient(
  provider: CatalogueProvider,
  integration: Integration,
  params: Record<string, string>,
): { headers: Record<string, string>; body: string } {
  const id = integration.credentials?.client_id ?? "";
  const secret = integration.credentials?.client_secret ?? "";
  // Stripe takes the secret as the Basic user name and no client id at all.
  const secretOnly = integration.provider === "stripe-app";
  const inHeader =
    secretOnly || provider.token_request_auth_method === "basic" || provider.authorization_method === "header";
  const rename = provider.authorization_url_replacements?.client_id ?? "client_id";
  const sent = inHeader ? params : { ...params, [rename]: id, client_secret: secret };
  const headers: Record<string, string> = { accept: "application/json" };
  if (inHeader) headers.authorization = `Basic ${base64(secretOnly ? `${secret}:` : `${id}:${secret}`)}`;
  if (provider.body_format === "json") {
    return { headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(sent) };
  }
  headers["content-type"] = "application/x-www-form-urlencoded";
  return { headers, body: new URLSearchParams(sent).toString() };
}

/** Exchanges an authorisation code for tokens. */
export async function exchangeCode(
  nango: Standin,
  integration: Integration,
  config: Config,
  grant: { code: string; redirectUri: string; codeVerifier: string | null },
): Promise<Credentials> {
  const provider = providerOf(integration);
  const fixed = Object.entries(provider.token_params ?? {}).map(([key, value]) => [
    key,
    fill(String(value), placeholderValues(integration, { credentials: { type: "OAUTH2" }, connectionConfig: config })),
  ]);
  const { headers, body } = withClient(provider, integration, {
    grant_type: "authorization_code",
    ...Object.fromEntries(fixed),
    code: grant.code,
    redirect_uri: grant.redirectUri,
    ...(grant.codeVerifier ? { code_verifier: grant.codeVerifier } : {}),
  });
  const answer = await readTokenAnswer(await post(nango, tokenUrl(provider, integration, config), { headers, body }));
  return oauth2Credentials(provider, answer);
}

/** Renews OAuth 2 tokens. */
export async function refreshOauth2(
  nango: Standin,
  integration: Integration,
  config: Config,
  credentials: Credentials,
): Promise<Credentials> {
  const provider = providerOf(integration);
  const url = provider.refresh_url
    ? fill(provider.refresh_url, placeholderValues(integration, { credentials, connectionConfig: config }))
    : tokenUrl(provider, integration, config);
  const { headers, body } = withClient(provider, integration, {
    grant_type: "refresh_token",
    ...provider.refresh_params,
    refresh_token: String(credentials.refresh_token ?? ""),
  });
  const answer = await readTokenAnswer(await post(nango, url, { headers, body }));
  return oauth2Credentials(provider, answer, credentials);
}

/** Meta's way: no refresh token, but a token that still lives can be exchanged for one that lives longer. */
const PROLONGED: Record<string, { method: "GET" | "POST"; url: string; grant: string; field: string }> = {
  facebook: {
    method: "POST",
    url: "https://graph.facebook.com/v22.0/oauth/access_token",
    grant: "fb_exchange_token",
    field: "fb_exchange_token",
  },
  instagram: {
    method: "GET",
    url: "https://graph.instagram.com/refresh_access_token",
    grant: "ig_refresh_token",
    field: "access_token",
  },
  threads: {
    method: "GET",
    url: "https://graph.threads.net/refresh_access_token",
    grant: "th_refresh_token",
    field: "access_token",
  },
};

/** Whether a provider's tokens are prolonged instead of refreshed: Nango does that only when forced. */
export function isProlonged(integration: Integration): boolean {
  return Object.hasOwn(PROLONGED, integration.provider);
}

export async function prolong(
  nango: Standin,
  integration: Integration,
  credentials: Credentials,
): Promise<Credentials> {
  const way = PROLONGED[integration.provider];
  if (!way) throw new TokenRefused("This provider's tokens cannot be prolonged.");
  const query = new URLSearchParams({ grant_type: way.grant, [way.field]: String(credentials.access_token ?? "") });
  if (way.method === "POST") {
    query.set("client_id", integration.credentials?.client_id ?? "");
    query.set("client_secret", integration.credentials?.client_secret ?? "");
  }
  const headers = { accept: "application/json" };
  const answer = await readTokenAnswer(await post(nango, `${way.url}?${query}`, { method: way.method, headers }));
  return oauth2Credentials(providerOf(integration), answer, credentials);
}

/** Gets a token for the client id and secret that a person typed in. */
export async function clientCredentials(
  nango: Standin,
  integration: Integration,
  config: Config,
  given: Record<string, unknown>,
): Promise<Credentials> {
  const provider = providerOf(integration);
  const values = placeholderValues(integration, {
    credentials: { type: "OAUTH2_CC", ...given },
    connectionConfig: config,
  });
  const id = String(given.client_id ?? "");
  const secret = String(given.client_secret ?? "");
  const basic = provider.token_request_auth_method === "basic";
  const scopes = integration.credentials?.scopes ?? provider.default_scopes?.join(provider.scope_separator ?? " ");
  const params = {
    grant_type: "client_credentials",
    ...provider.token_params,
    ...(basic ? {} : { client_id: id, client_secret: secret }),
    ...(scopes ? { scope: scopes.replaceAll(",", provider.scope_separator ?? " ") } : {}),
  };
  const { body, contentType } = encodeBody(params, values, provider.body_format);
  const answer = await readTokenAnswer(
    await post(nango, tokenUrl(provider, integration, config, "OAUTH2CC"), {
      headers: {
        accept: "application/json",
        "content-type": contentType,
        ...(basic ? { authorization: `Basic ${base64(`${id}:${secret}`)}` } : {}),
      },
      body,
    }),
  );
  const token = at(answer, provider.token_response?.token ?? "access_token") ?? answer.token;
  if (typeof token !== "string") throw new TokenRefused("The token endpoint's answer holds no token.");
  return {
    type: "OAUTH2_CC",
    client_id: id,
    client_secret: secret,
    ...given,
    token,
    expires_at: expiry(provider, answer) ?? new Date(Date.now() + DEFAULT_CLIENT_CREDENTIALS_LIFE_MS).toISOString(),
    raw: answer,
  };
}

/** Signs in with what a person typed in and keeps the session token, in one step or in several. */
export async function twoStep(
  nango: Standin,
  integration: Integration,
  config: Config,
  given: Record<string, unknown>,
): Promise<Credentials> {
  const provider = providerOf(integration);
  const values: Record<string, unknown> = placeholderValues(integration, {
    credentials: { type: "TWO_STEP", ...given },
    connectionConfig: config,
  });
  const steps = [
    { ...provider, token_url: tokenUrl(provider, integration, config) },
    ...(provider.additional_steps ?? []),
  ];
  let answer: Record<string, unknown> = {};
  for (const [index, step] of steps.entries()) {
    const { body, contentType } = encodeBody(
      step.token_params,
      values,
      step.body_format ?? provider.body_format ?? "json",
    );
    const headers: Record<string, string> = { "content-type": contentType };
    for (const [key, value] of Object.entries(step.token_headers ?? {}))
      headers[key.toLowerCase()] = fill(value, values);
    const method = step.token_request_method === "GET" ? "GET" : "POST";
    answer = await readTokenAnswer(await post(nango, fill(step.token_url, values), { method, headers, body }));
    values[`step${index + 1}`] = answer;
  }
  const shape = provider.token_response ?? { token: "access_token" };
  const token = at(answer, shape.token);
  if (typeof token !== "string" && typeof token !== "number") {
    throw new TokenRefused("The sign-in answer holds no token.");
  }
  const { type: _type, raw: _raw, token: _old, expires_at: _oldExpiry, ...typed } = given;
  const refreshToken = shape.refresh_token ? at(answer, shape.refresh_token) : undefined;
  const ends = sessionEnd(provider, shape, answer);
  return {
    type: "TWO_STEP",
    ...typed,
    token: String(token),
    ...(refreshToken ? { refresh_token: refreshToken } : {}),
    ...(ends ? { expires_at: ends } : {}),
    raw: answer,
  };
}

function sessionEnd(
  provider: CatalogueProvider,
  shape: NonNullable<CatalogueProvider["token_response"]>,
  answer: Record<string, unknown>,
): string | undefined {
  const given = shape.token_expiration ? at(answer, shape.token_expiration) : undefined;
  if (given === undefined) {
    return provider.token_expires_in_ms ? new Date(Date.now() + provider.token_expires_in_ms).toISOString() : undefined;
  }
  // Tableau counts down in hours, minutes and seconds.
  const countdown = /^(\d+):(\d\d):(\d\d)$/.exec(String(given));
  if (countdown) {
    const [hours = 0, minutes = 0, seconds = 0] = countdown.slice(1).map(Number);
    return new Date(Date.now() + ((hours * 60 + minutes) * 60 + seconds) * 1000).toISOString();
  }
  if (shape.token_expiration_strategy === "expireIn") return new Date(Date.now() + Number(given) * 1000).toISOString();
  return toIso(given);
}

/**
 * Assumes a role at AWS as far as a stand-in can: keys that look right and end after an hour. Nothing is called,
 * since signing for STS needs an AWS account of the operator's.
 */
export function assumeRole(integration: Integration, given: Record<string, unknown>): Credentials {
  const arn = String(given.role_arn ?? "");
  if (!/^arn:aws[\w-]*:iam::\d{12}:role\/.+$/.test(arn)) throw new TokenRefused("The role ARN is not valid.");
  return {
    type: "AWS_SIGV4",
    role_arn: arn,
    region: String(given.region || integration.custom.defaultRegion || "us-east-1"),
    service: integration.custom.service ?? "s3",
    access_key_id: "ASIASTANDIN00000000",
    secret_access_key: "standin-secret-access-key",
    session_token: "standin-session-token",
    expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    raw: {},
  };
}
