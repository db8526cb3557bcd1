import { createHash, createHmac } from "node:crypto";

/** JSON with the keys of every object sorted, so that equal contents are equal bytes. `undefined` entries vanish. */
export function stableJson(value: unknown): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, entry]) => [key, sorted(entry)]));
}

/** Both signatures of a body. Neither covers a time or an id: a captured body verifies for ever, as at Nango. */
export function signatureHeaders(signingKey: string, body: string): Record<string, string> {
  return {
    // The older one, open to length extension, still sent.
    "x-nango-signature": createHash("sha256").update(signingKey).update(body).digest("hex"),
    "x-nango-hmac-sha256": createHmac("sha256", signingKey).update(body).digest("hex"),
  };
}
