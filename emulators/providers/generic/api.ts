import { accountOfKey } from "../accounts";
import type { Registry } from "../registry";
import type { Account, Grant, Refusal, StandinConnector } from "../types";
import { basicCredentials, json, type Sent } from "../wire";
import { isWellMade } from "./dialects";
import { extraAnswer } from "./extras";
import { isMetaHost, metaRefusal } from "./meta";
import { oauthHeader } from "./oauth1";
import { fits, type ProviderEntry, providerEntries } from "./providers";
import { accountAnswer } from "./shape";
import { isBad } from "./two-step";

/** Ways of signing in whose credentials are the person's own, so that the stand-in cannot have issued them. */
const KEY_MODES = new Set([
  "API_KEY",
  "BASIC",
  "AWS_SIGV4",
  "SIGNATURE",
  "TBA",
  "JWT",
  "BILL",
  "CUSTOM",
  "APP",
  "NONE",
  "",
]);

export type ApiCall = { request: Request; sent: Sent; host: string; path: string };
export type ApiVerdict = { ok: true; account: Account; grant: Grant | null } | { ok: false; reason: Refusal };

/** Connectors with their providers, as the API side of the generic provider sees them. */
export type KnownConnector = { connector: StandinConnector; entry: ProviderEntry };

export function knownConnectors(connectors: StandinConnector[]): KnownConnector[] {
  return connectors.flatMap((connector) => {
    const entry = connector.providerKey ? providerEntries().get(connector.providerKey) : ownEntry(connector);
    return entry ? [{ connector, entry: asConfigured(entry, connector.integrationConfig) }] : [];
  });
}

/** A connector that Nango's catalogue does not have: plain OAuth 2, at the addresses of its manifest. */
function ownEntry({ slug, authMode, addresses }: StandinConnector): ProviderEntry | undefined {
  return (
    addresses && {
      ...{ key: slug, authMode: authMode ?? "OAUTH2", ...addresses, requestUrl: "", headers: {}, query: {} },
      ...{ tokenResponse: null, steps: [], tokenMetadata: [], redirectMetadata: [], codeParameter: "code", source: "" },
    }
  );
}

/** The catalogue's "any private API" has neither host nor header of its own: both are the operator's. */
function asConfigured(entry: ProviderEntry, config: StandinConnector["integrationConfig"]): ProviderEntry {
  if (!config?.baseUrl) return entry;
  const { baseUrl, keyPlacement, keyName, valueTemplate } = config;
  const headers = keyPlacement === "header" && keyName && valueTemplate ? { [keyName]: valueTemplate } : entry.headers;
  return { ...entry, baseUrl, headers };
}

/** Connectors whose test call this is. */
export function testsMatching(known: KnownConnector[], method: string, host: string, path: string): KnownConnector[] {
  return known.filter(({ connector, entry }) => {
    const test = connector.testConnection;
    if (!test || test.method.toUpperCase() !== method) return false;
    const bases = entry.baseUrl.split(/\s*\|\|\s*/);
    return bases.some((base) => fits(join(base, test.endpoint), host, path, true) !== null);
  });
}

/**
 * Judges the credentials of a call to a provider's API. A token that was issued here must be alive and belong to that
 * provider; any other value passes only where the provider takes keys, unless it begins with "bad" or was revoked.
 */
export function judge(call: ApiCall, registry: Registry, known: KnownConnector[]): ApiVerdict {
  const candidates = candidatesFor(call, known);
  const values = credentials(call, candidates);
  if (values.length === 0) {
    const open = candidates.find(({ authMode }) => authMode === "NONE");
    return open
      ? { ok: true, account: accountOfKey(open.key, "anonymous"), grant: null }
      : { ok: false, reason: "missing" };
  }
  for (const value of values) {
    const verdict = registry.check(value);
    if (verdict.ok) {
      const { grant } = verdict;
      const ours = belongs(grant.providerKey, call.host, call.path) && isWellSent(call, registry, grant, value);
      return ours
        ? { ok: true, account: verdict.grant.account, grant: verdict.grant }
        : { ok: false, reason: "unknown" };
    }
    if (verdict.reason !== "unknown") return { ok: false, reason: verdict.reason };
  }
  const taker =
    candidates.length === 0 ? { key: call.host } : candidates.find((entry) => takesKeys(entry, call.request));
  if (!taker || values.some((value) => isBad(value) || registry.isRefusedKey(value)))
    return { ok: false, reason: "unknown" };
  const basic = basicCredentials(call.request);
  // A password may change without the account's being another.
  const named = "authMode" in taker && taker.authMode === "BASIC" && basic?.user ? [basic.user] : values;
  return { ok: true, account: accountOfKey(taker.key, ...named), grant: null };
}

/** Whether a direct sign-in's token came as its provider wants it, and to where the account is. */
function isWellSent(call: ApiCall, registry: Registry, grant: Grant, accessToken: string): boolean {
  const client = registry.clients.find(grant.clientId);
  const entry = grant.providerKey === null ? undefined : providerEntries().get(grant.providerKey);
  return client === null || isWellMade(grant, entry, call, { accessToken, ...client });
}

/** Whether a provider takes a credential of the person's own, sent in this way. */
function takesKeys(entry: ProviderEntry, request: Request): boolean {
  if (!KEY_MODES.has(entry.authMode)) return false;
  const asBasic = entry.authMode === "BASIC" && !Object.values(entry.headers).some(isCredential);
  return !asBasic || basicCredentials(request) !== null;
}

/** The answer for good credentials: the account as the connector's manifest reads it, or a plain yes. */
export function apiAnswer(call: ApiCall, account: Account, known: KnownConnector[]): Response {
  const extra = extraAnswer(call, account);
  if (extra) return json(extra);
  const tests = testsMatching(known, call.request.method, call.host, call.path);
  if (tests.length > 0) {
    let body: unknown;
    for (const { connector } of tests) {
      if (connector.testConnection) body = accountAnswer(connector.testConnection, account, body);
    }
    return json(body);
  }
  return json({
    ok: true,
    id: account.id,
    name: account.name,
    email: account.email,
    method: call.request.method,
    path: call.path,
    received: call.sent.body,
  });
}

/** A refusal as the host words it. Amazon says 403 where others say 401, and Meta 400. */
export function apiRefusal(host: string, reason: Refusal): Response {
  const said = {
    missing: "No credentials were sent.",
    unknown: "The credentials are invalid.",
    expired: "The access token expired.",
    revoked: "The access was revoked.",
  }[reason];
  if (isMetaHost(host)) return metaRefusal(190, said);
  if (host.endsWith("amazonaws.com")) {
    return new Response(
      `<?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidAccessKeyId</Code><Message>${said}</Message></Error>`,
      { status: 403, headers: { "content-type": "application/xml" } },
    );
  }
  if (host.endsWith("googleapis.com")) {
    return json(
      {
        error: {
          code: 401,
          message: `Request had invalid authentication credentials. ${said}`,
          status: "UNAUTHENTICATED",
        },
      },
      401,
    );
  }
  return json({ error: "invalid_token", error_description: said, message: said, status: 401 }, 401, {
    "www-authenticate": `Bearer error="invalid_token"`,
  });
}

/** The providers that a call may be for: those of the closest connectors first, all others only when none fits. */
function candidatesFor({ request, host, path }: ApiCall, known: KnownConnector[]): ProviderEntry[] {
  const tested = testsMatching(known, request.method, host, path).map(({ entry }) => entry);
  if (tested.length > 0) return tested;
  const ours = known.map(({ entry }) => entry);
  const near = closest(ours, host, path);
  if (near.length > 0) return near;
  // A base URL that is the customer's own host (a shop, a cloud) fits any host, so it is no reason to stop looking.
  const anywhere = ours.filter((entry) => fits(entry.baseUrl, host, path, false) === 0);
  return [...anywhere, ...closest(providerEntries().values(), host, path)];
}

function closest(entries: Iterable<ProviderEntry>, host: string, path: string): ProviderEntry[] {
  let best = 0;
  let found: ProviderEntry[] = [];
  for (const entry of entries) {
    const score = fits(entry.baseUrl, host, path, false);
    if (score === null || score < best || score === 0) continue;
    if (score > best) found = [];
    best = score;
    found.push(entry);
  }
  return found;
}

/** Every place where a provider may expect a credential: the usual ones and those that its own entry names. */
function credentials({ request, sent, host, path }: ApiCall, candidates: ProviderEntry[]): string[] {
  const found: (string | undefined)[] = [];
  const header = request.headers.get("authorization") ?? "";
  const basic = basicCredentials(request);
  if (basic) found.push(basic.user, basic.password);
  else if (/^OAuth\s+\w+=/i.test(header)) found.push(oauthHeader(request).oauth_token);
  else if (/^AWS4-/.test(header)) found.push(/Credential=([^/,\s]+)/.exec(header)?.[1]);
  else if (header) found.push(/^\S+\s+(?:token=)?"?(.+?)"?$/.exec(header)?.[1] ?? header);
  for (const entry of candidates) {
    for (const [name, template] of Object.entries(entry.headers)) {
      if (name.toLowerCase() !== "authorization" && isCredential(template))
        found.push(filled(template, request.headers.get(name)));
    }
    for (const [name, template] of Object.entries(entry.query)) {
      if (isCredential(template)) found.push(filled(template, sent.url.searchParams.get(name)));
    }
    if (isCredential(entry.baseUrl))
      found.push(filled(entry.baseUrl.replace(/^https:\/\//, ""), `${host}${path}`, false));
  }
  const query = sent.url.searchParams;
  found.push(
    query.get("access_token") ?? undefined,
    query.get("oauth_token") ?? undefined,
    query.get("token") ?? undefined,
  );
  return [...new Set(found.filter((value): value is string => Boolean(value)))];
}

const isCredential = (template: string) =>
  /\$\{(accessToken|apiKey|credentials\.|username|password|awsSigV4)/.test(template);

/** What stands at the credential's place in a header, query value or URL that was made from a template. */
function filled(template: string, value: string | null, whole = true): string | undefined {
  if (value === null) return undefined;
  const [before = "", after = ""] = template.split(/\$\{[^}]*\}/);
  if (!value.startsWith(before)) return undefined;
  const rest = value.slice(before.length);
  if (!whole) return rest.split("/")[0];
  return after && rest.includes(after) ? rest.slice(0, rest.indexOf(after)) : rest;
}

/** Whether a provider's token means anything at a host: its own API, or one under the same sign-in or domain. */
function belongs(providerKey: string | null, host: string, path: string): boolean {
  const entry = providerKey && providerEntries().get(providerKey);
  if (!entry || fits(entry.baseUrl, host, path, false) !== null) return true;
  const domain = host.split(".").slice(-2).join(".");
  if ([entry.baseUrl, entry.tokenUrl, entry.authorizationUrl].some((url) => url.includes(domain))) return true;
  return closest(providerEntries().values(), host, path).some((other) => other.tokenUrl === entry.tokenUrl);
}

function join(base: string, endpoint: string): string {
  return `${base.replace(/\/+$/, "")}/${endpoint.replace(/^\/+/, "")}`;
}
