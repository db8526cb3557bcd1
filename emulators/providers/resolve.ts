import type { GateName } from "./gate-service";

type Urls = Record<GateName | "generic", string>;
type Rule = { host: string; path?: RegExp; to: GateName; as?: (path: string) => string };

/** Microsoft's sign-in has the tenant first; `emulate` has none. */
const withoutTenant = (path: string) => path.replace(/^\/[^/]+/, "");

/** Real hosts, and the paths of theirs that a gate answers. What is not here is the generic provider's. */
const RULES: Rule[] = [
  { host: "accounts.google.com", to: "google" },
  {
    host: "oauth2.googleapis.com",
    to: "google",
    as: (path) => (path === "/token" || path === "/revoke" ? `/oauth2${path}` : path),
  },
  { host: "openidconnect.googleapis.com", path: /^\/v1\/userinfo$/, to: "google", as: () => "/oauth2/v3/userinfo" },
  { host: "gmail.googleapis.com", to: "google" },
  {
    host: "www.googleapis.com",
    path: /^\/(oauth2|gmail|calendar|drive|upload\/(drive|gmail)|discovery)\//,
    to: "google",
  },
  { host: "github.com", to: "github" },
  { host: "api.github.com", to: "github" },
  { host: "slack.com", to: "slack" },
  { host: "login.microsoftonline.com", to: "microsoft", as: withoutTenant },
  { host: "graph.microsoft.com", to: "microsoft" },
  { host: "linear.app", to: "linear" },
  { host: "api.linear.app", to: "linear" },
  { host: "connect.stripe.com", to: "stripe" },
  { host: "marketplace.stripe.com", to: "stripe" },
  { host: "dashboard.stripe.com", path: /^\/(b\/)?oauth\//, to: "stripe", as: (path) => path.replace(/^\/b/, "") },
  { host: "api.stripe.com", to: "stripe" },
  { host: "api.twilio.com", to: "twilio" },
];

/**
 * The loopback URL that answers for a real one; the query stays.
 * @param realUrl absolute, with nothing left to interpolate. Loopback URLs come back as they are.
 * @throws TypeError when it is no URL
 */
export function resolveUrl(realUrl: string, urls: Urls): string {
  const url = new URL(realUrl);
  if (["127.0.0.1", "localhost", "[::1]"].includes(url.hostname)) return realUrl;
  const rule = RULES.find(({ host, path }) => host === url.hostname && (!path || path.test(url.pathname)));
  if (rule) return `${urls[rule.to]}${rule.as?.(url.pathname) ?? url.pathname}${url.search}`;
  return `${urls.generic}/_host/${url.host}${url.pathname}${url.search}`;
}
