import { accountOfKey } from "../accounts";
import type { Registry } from "../registry";
import { json, type Sent } from "../wire";
import { fits, type ProviderEntry } from "./providers";
import { setPath } from "./shape";

const LIFETIME = 4 * 3600;

/** The provider whose two-step sign-in this URL belongs to. */
export function twoStepProvider(entries: Iterable<ProviderEntry>, host: string, path: string): ProviderEntry | null {
  for (const entry of entries) {
    if (entry.authMode !== "TWO_STEP") continue;
    const urls = [entry.tokenUrl, ...entry.steps];
    // A URL that is nothing but a hole would fit every call there is.
    if (urls.some((url) => (fits(url, host, path, true) ?? 0) > 0)) return entry;
  }
  return null;
}

/**
 * A sign-in with credentials for a token. Any are good but those of which one begins with "bad".
 * The answer holds the token, its expiry and whatever later steps refer to, where the provider's entry looks for them.
 */
export function signInTwoStep(entry: ProviderEntry, registry: Registry, request: Request, sent: Sent): Response {
  const credentials = credentialsOf(request, sent);
  if (credentials.some(isBad) || credentials.some((value) => registry.isRefusedKey(value))) {
    return json(
      { error: { summary: "Signin Error", detail: "Error signing in", code: "401001" }, message: "Unauthorized" },
      401,
    );
  }
  const grant = registry.addGrant({
    service: "generic",
    providerKey: entry.key,
    clientId: "two-step",
    account: accountOfKey(entry.key, ...[...credentials].sort()),
    scopes: [],
  });
  const access = registry.issueAccess(grant, "two_step_", LIFETIME);
  const paths = entry.tokenResponse ?? { token: "access_token", expiration: "", strategy: "", refresh: "" };
  if (paths.token === "") return new Response(access.token, { headers: { "content-type": "text/plain" } });
  let body: unknown;
  for (const reference of entry.source.matchAll(/\$\{step\d+\.([^}]+)\}/g))
    body = setPath(body, reference[1] as string, access.token);
  body = setPath(body, paths.token, access.token);
  if (paths.expiration)
    body = setPath(body, paths.expiration, expiry(entry, paths.strategy, access.expiresIn ?? LIFETIME));
  if (paths.refresh && paths.refresh !== paths.token)
    body = setPath(body, paths.refresh, registry.issueRefresh(grant, "two_step_refresh_").token);
  if (entry.key === "tableau") {
    body = setPath(body, "credentials.site", { id: grant.account.id, contentUrl: "acme" });
    body = setPath(body, "credentials.user", { id: grant.account.id });
  }
  const accept = request.headers.get("accept") ?? "";
  if (/xml/.test(accept) && !/json/.test(accept)) {
    return new Response(`<?xml version="1.0" encoding="UTF-8"?>${xml(body)}`, {
      headers: { "content-type": "application/xml" },
    });
  }
  return json(body);
}

/** Tableau says hours, minutes and seconds; the others a number of seconds or a date. */
function expiry(entry: ProviderEntry, strategy: string, seconds: number): string | number {
  if (strategy === "expireIn") return seconds;
  if (entry.key !== "tableau") return new Date(Date.now() + seconds * 1000).toISOString();
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  return `${two(seconds / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}`;
}

export function isBad(value: string): boolean {
  return /^bad/i.test(value);
}

/** Every value that might be a credential: body, query, and headers that carry one. */
function credentialsOf(request: Request, sent: Sent): string[] {
  const found = [...leaves(sent.body), ...sent.url.searchParams.values()];
  const text = new TextDecoder().decode(sent.raw);
  if (text.trimStart().startsWith("<"))
    found.push(...[...text.matchAll(/>([^<>]+)</g)].map((match) => (match[1] as string).trim()));
  for (const [name, value] of request.headers) {
    if (name === "authorization") {
      const [, scheme = "", rest = value] = /^(\S+)\s+(.*)$/.exec(value) ?? [];
      found.push(...(/^(basic|id)$/i.test(scheme) ? Buffer.from(rest, "base64").toString("utf8").split(":") : [rest]));
    } else if (name.startsWith("x-") || name.endsWith("key")) {
      found.push(value);
    }
  }
  return found.filter(Boolean);
}

function leaves(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(leaves);
}

function xml(value: unknown, name = "response"): string {
  if (Array.isArray(value)) return value.map((each) => xml(each, name)).join("");
  if (typeof value !== "object" || value === null) return `<${name}>${String(value ?? "")}</${name}>`;
  const inner = Object.entries(value)
    .map(([key, each]) => xml(each, key))
    .join("");
  return `<${name}>${inner}</${name}>`;
}
