import { getProviders } from "@nangohq/providers";
import { isRecord } from "../wire";

/** What the stand-in reads of an entry of Nango's provider catalogue. */
export type ProviderEntry = {
  key: string;
  title: string;
  authMode: string;
  authorizationUrl: string;
  tokenUrl: string;
  requestUrl: string;
  baseUrl: string;
  /** Header and query templates that carry the credential to the provider's API. */
  headers: Record<string, string>;
  query: Record<string, string>;
  tokenResponse: { token: string; expiration: string; strategy: string; refresh: string } | null;
  /** Further calls of a two-step sign-in, as they are written. */
  steps: string[];
  /** Paths that Nango copies from the token answer, and parameters that it copies from the redirect. */
  tokenMetadata: string[];
  redirectMetadata: string[];
  codeParameter: string;
  /** The entry's own text, to see which step answers it refers to. */
  source: string;
};

let entries: Map<string, ProviderEntry> | undefined;

/** All providers by key. Parsed on first use: most starts of the stack never need it. */
export function providerEntries(): Map<string, ProviderEntry> {
  entries ??= new Map(Object.entries(getProviders() ?? {}).map(([key, entry]) => [key, readEntry(key, entry)]));
  return entries;
}

function readEntry(key: string, entry: unknown): ProviderEntry {
  const of = isRecord(entry) ? entry : {};
  const proxy = isRecord(of.proxy) ? of.proxy : {};
  const answer = isRecord(of.token_response) ? of.token_response : null;
  const steps = Array.isArray(of.additional_steps) ? of.additional_steps.filter(isRecord) : [];
  return {
    key,
    title: text(of.display_name) || key,
    authMode: text(of.auth_mode),
    authorizationUrl: text(of.authorization_url),
    tokenUrl:
      text(of.token_url) ||
      (isRecord(of.token_url) ? text(of.token_url.OAUTH2) || text(Object.values(of.token_url)[0]) : ""),
    requestUrl: text(of.request_url),
    baseUrl: text(proxy.base_url) || (isRecord(proxy.base_url) ? text(Object.values(proxy.base_url)[0]) : ""),
    headers: texts(proxy.headers),
    query: texts(proxy.query),
    tokenResponse: answer && {
      token: text(answer.token),
      expiration: text(answer.token_expiration),
      strategy: text(answer.token_expiration_strategy),
      refresh: text(answer.refresh_token),
    },
    steps: steps.map((step) => text(step.token_url)),
    tokenMetadata: list(of.token_response_metadata),
    redirectMetadata: list(of.redirect_uri_metadata),
    codeParameter: text(of.authorization_code_param_in_callback) || "code",
    source: JSON.stringify(of),
  };
}

const patterns = new Map<string, { pattern: RegExp; literal: number }[]>();

/**
 * Whether a host and path may be what a URL template with `${…}` and `||` stands for.
 * @param whole the path must end there too; otherwise it may go on
 * @returns how many characters of the template were literal, so that the closest template wins; null if none fits
 */
export function fits(template: string, host: string, path: string, whole: boolean): number | null {
  const key = `${whole}${template}`;
  let alternatives = patterns.get(key);
  if (!alternatives) {
    alternatives = template ? template.split(/\s*\|\|\s*/).map((each) => compile(each, whole)) : [];
    patterns.set(key, alternatives);
  }
  const target = `${host}${path}`.replace(/\/+$/, "");
  const scores = alternatives.filter(({ pattern }) => pattern.test(target)).map(({ literal }) => literal);
  return scores.length > 0 ? Math.max(...scores) : null;
}

function compile(template: string, whole: boolean): { pattern: RegExp; literal: number } {
  const plain = template
    .replace(/^https?:\/\//, "")
    .replace(/\?.*$/, "")
    .replace(/\/+$/, "");
  const holes = /\$\{[^}]*\}|\{[^}]*\}/g;
  const parts = plain.split(holes).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  // A hole that is the whole host may bring a path along, as Azure DevOps' organisation URL does.
  const bringsPath = parts[0] === "" && /^(\/|$)/.test(parts[1] ?? "");
  const source = parts.reduce(
    (whole, part, at) => `${whole}${at === 1 && bringsPath ? "[^/]+(?:/[^/]+)??" : "[^/]+"}${part}`,
  );
  return { pattern: new RegExp(`^${source}${whole ? "$" : "(?=/|$)"}`, "i"), literal: plain.replace(holes, "").length };
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const list = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
const texts = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(isRecord(value) ? value : {}).filter(
      (each): each is [string, string] => typeof each[1] === "string",
    ),
  );
