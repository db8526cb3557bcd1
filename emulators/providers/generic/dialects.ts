import type { Asked } from "../oauth";
import type { Account, Grant } from "../types";
import { basicCredentials, type Sent } from "../wire";
import type { ProviderEntry } from "./providers";
import { fits } from "./providers";

/**
 * Where providers part from the protocol, as their own documentation has it. An application of an app's own (clients.ts)
 * is held to all of it; what Nango sends is tests/contract's to judge, and so passes here.
 */
type Dialect = {
  /** What the sign-in page misses, or does not take. */
  page?: (params: Record<string, string>) => string | null;
  /** How the application must say who it is at the token endpoint. */
  auth?: "basic" | "secret_basic";
  /** Fields that a token call must have. */
  token?: (params: Record<string, string>, asked: Asked | null) => string | null;
  /** It names no end of its tokens: only a refusal tells. */
  unsaidEnd?: true;
  /** Where an account is at home, by the page that it was signed in to at: hosts, and perhaps the beginning of a path. */
  home?: (host: string, account: Account, asked: Asked) => { token?: string; api?: string };
};

const sameHost = (host: string) => ({ token: host, api: host });
const must = (params: Record<string, string>, name: string, value: string): string | null =>
  params[name] === value ? null : `${name} must be ${value}.`;

/** Grace's Zoho account is in Europe, wherever she signs in. */
const zohoPlace = (host: string, { email }: Account) =>
  email.startsWith("grace@") ? "eu" : host.replace("accounts.zoho.", "");

/** Where Salesforce has the account that was signed in to at a host. */
const salesforce = (host: string): string =>
  ({ "login.salesforce.com": "acme.my.salesforce.com", "test.salesforce.com": "acme--dev.sandbox.my.salesforce.com" })[
    host
  ] ?? host;

const DIALECTS: Record<string, Dialect> = {
  "amazon-selling-partner": { page: (params) => must(params, "application_id", applicationId(params.client_id ?? "")) },
  "tiktok-personal": {
    // Its PKCE is not the protocol's: the challenge is hexadecimal.
    page: ({ client_key, code_challenge: challenge }) =>
      !client_key ? "client_key" : challenge && !/^[0-9a-f]{64}$/.test(challenge) ? "code_challenge" : null,
    token: ({ client_key }) => (client_key ? null : "Client key is missing."),
  },
  monday: { page: ({ response_type }) => (response_type ? "Unknown parameter: response_type." : null) },
  etsy: {
    page: ({ code_challenge_method }) => (code_challenge_method === "S256" ? null : "PKCE is required."),
    token: ({ code_verifier }, asked) => (asked && !code_verifier ? "code_verifier is required" : null),
  },
  basecamp: {
    page: (params) => must(params, "type", "web_server"),
    token: (params, asked) => must(params, "type", asked ? "web_server" : "refresh"),
  },
  bigcommerce: {
    page: ({ context }) => (/^stores\/[a-z0-9]+$/.test(context ?? "") ? null : "context must name a store."),
    token: (params, asked) => (asked ? must(params, "context", asked.context) : null),
    home: (_host, _account, { context }) => ({ api: `api.bigcommerce.com/${context}` }),
  },
  pipedrive: { auth: "basic", home: () => ({ api: "acme.pipedrive.com" }) },
  snowflake: { auth: "basic", home: sameHost },
  egnyte: { home: sameHost },
  shopify: { home: sameHost },
  salesforce: { unsaidEnd: true, home: (host) => ({ token: host, api: salesforce(host) }) },
  wrike: { home: () => ({ api: "www.wrike.com" }) },
  "zoho-crm": {
    home: (host, account) => ({
      token: `accounts.zoho.${zohoPlace(host, account)}`,
      api: `www.zohoapis.${zohoPlace(host, account)}`,
    }),
  },
  intercom: {
    home: (host) => {
      const api = host.replace(/^app\./, "api.").replace(/\.com$/, ".io");
      return { token: api, api };
    },
  },
  smartsheet: {
    home: (host) => ({ token: host.replace(/^app\./, "api."), api: host.replace(/^app\./, "api.") }),
  },
  "stripe-app": { auth: "secret_basic" },
};

/** Amazon's own id of an application, which is another than the one that it has at the token endpoint. */
export const applicationId = (clientId: string): string => `amzn1.sellerapps.app.${clientId}`;

/** An app's own, as against Nango's. */
export const isDirect = (clientId: string): boolean => clientId.startsWith("standin-direct-");

const ofClient = (clientId: string, providerKey: string | null): Dialect =>
  (isDirect(clientId) && providerKey && DIALECTS[providerKey]) || {};

/** The host in a path of the generic provider's. */
export const hostIn = (path: string): string => path.split("/")[2] ?? "";

/** What is wrong with the way to a sign-in page; null: nothing. */
export function wrongPage(clientId: string, entry: ProviderEntry | undefined, sent: Sent): string | null {
  if (!entry || !isDirect(clientId)) return null;
  const [, , host = "", ...path] = sent.url.pathname.split("/");
  if (fits(entry.authorizationUrl, host, `/${path.join("/")}`, true) === null) return "There is no such page.";
  return ofClient(clientId, entry.key).page?.(sent.params) ?? null;
}

/** Whether the application says who it is in the provider's way. */
export function isAuthenticatedAsWanted(clientId: string, providerKey: string | null, request: Request): boolean {
  const { auth } = ofClient(clientId, providerKey);
  if (!auth) return true;
  const basic = basicCredentials(request);
  return basic !== null && (auth === "secret_basic") === (basic.password === "");
}

/**
 * What is wrong with a token call; null: nothing.
 * @param asked of the code that is exchanged; null: tokens are renewed
 */
export function wrongTokenCall(
  clientId: string,
  entry: ProviderEntry | undefined,
  sent: Sent,
  asked: (Asked & { account: Account }) | null,
  grant: Grant | null,
): string | null {
  if (!entry || !isDirect(clientId)) return null;
  const [, , host = "", ...path] = sent.url.pathname.split("/");
  if (fits(entry.tokenUrl, host, `/${path.join("/")}`, true) === null) return "There is no such endpoint.";
  const home = asked ? homeOf(clientId, entry.key, asked) : grant?.home;
  if (home?.token && home.token !== host) return "This belongs to another host.";
  return ofClient(clientId, entry.key).token?.(sent.params, asked) ?? null;
}

export const saysNoEnd = (clientId: string, providerKey: string | null): boolean =>
  ofClient(clientId, providerKey).unsaidEnd === true;

/** Where an account that has just been signed in to is at home. */
export function homeOf(clientId: string, providerKey: string | null, asked: Asked & { account: Account }) {
  return ofClient(clientId, providerKey).home?.(hostIn(asked.path), asked.account, asked);
}

const ours = /^\$\{(accessToken|clientId|clientSecret)\}/;

/** Whether a call with a direct sign-in's token goes to where that is at home, with the headers that the provider wants. */
export function isWellMade(
  grant: Grant,
  entry: ProviderEntry | undefined,
  call: { host: string; path: string; request: Request },
  values: { accessToken: string; clientId: string; clientSecret: string },
): boolean {
  if (!entry || !isDirect(grant.clientId)) return true;
  if (grant.home?.api && !`${call.host}${call.path}/`.startsWith(`${grant.home.api}/`)) return false;
  return Object.entries(entry.headers)
    .filter(([, template]) => ours.test(template))
    .every(([name, template]) => {
      const wanted = template.replace(/\$\{(\w+)\}/g, (_, hole: keyof typeof values) => values[hole] ?? "");
      return call.request.headers.get(name) === wanted;
    });
}
