import { createHmac, randomBytes } from "node:crypto";

export interface OAuth1Call {
  method: string;
  url: string;
  consumerKey: string;
  consumerSecret: string;
  token?: string;
  tokenSecret?: string;
  /** Further oauth_ parameters: oauth_callback, oauth_verifier. */
  extra?: Record<string, string>;
}

/** The Authorization header of a call signed with OAuth 1.0a, HMAC-SHA1. */
export function oauth1Header(call: OAuth1Call): string {
  const url = new URL(call.url);
  const oauth: Record<string, string> = {
    oauth_consumer_key: call.consumerKey,
    oauth_nonce: randomBytes(16).toString("hex"),
    oauth_signature_method: "HMAC-SHA1",
    oauth_timestamp: String(Math.floor(Date.now() / 1000)),
    oauth_version: "1.0",
    ...(call.token ? { oauth_token: call.token } : {}),
    ...call.extra,
  };
  const signed = [...Object.entries(oauth), ...url.searchParams]
    .map(([key, value]) => [escape3986(key), escape3986(value)] as const)
    .sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join("&");
  const base = [call.method.toUpperCase(), `${url.origin}${url.pathname}`, signed].map(escape3986).join("&");
  const key = `${escape3986(call.consumerSecret)}&${escape3986(call.tokenSecret ?? "")}`;
  oauth.oauth_signature = createHmac("sha1", key).update(base).digest("base64");
  return `OAuth ${Object.entries(oauth)
    .map(([name, value]) => `${escape3986(name)}="${escape3986(value)}"`)
    .join(", ")}`;
}

function escape3986(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
