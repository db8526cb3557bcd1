import { createHash, createHmac } from "node:crypto";

/** Deliveries that are not Nango's, each with what is wrong about it. */
export type Forgery = { what: string; body: Uint8Array; headers: Record<string, string> };

export const hmac = (key: string, body: Uint8Array | string) => createHmac("sha256", key).update(body).digest("hex");
const legacy = (key: string, body: string) => createHash("sha256").update(`${key}${body}`).digest("hex");

const HEADER = "x-nango-hmac-sha256";

/**
 * The ways to get a signature wrong that people think of.
 * @param keys.signing the key that would be right
 */
export function forgeries(text: string, keys: { signing: string; api: string }): Forgery[] {
  const body = Buffer.from(text);
  const right = hmac(keys.signing, body);
  const forged = (what: string, headers: Record<string, string>, bytes: Uint8Array = body): Forgery => ({
    what,
    body: bytes,
    headers,
  });
  const signature = (what: string, value: string) => forged(what, { [HEADER]: value });
  const changed = (what: string, bytes: Uint8Array | string) => forged(what, { [HEADER]: right }, Buffer.from(bytes));
  const flipped = Buffer.from(body);
  flipped[10] = (flipped[10] ?? 0) ^ 1;
  return [
    forged("no signature at all", {}),
    signature("an empty signature", ""),
    signature("a blank signature", "   "),
    signature("one digit short", right.slice(1)),
    signature("one digit long", `${right}0`),
    signature("half of it", right.slice(0, 32)),
    signature("twice", right + right),
    signature("two values", `${right}, ${right}`),
    signature("not hexadecimal", "z".repeat(64)),
    signature("hexadecimal until the last digit", `${right.slice(0, 63)}g`),
    signature("all zeros", "0".repeat(64)),
    signature("all f", "f".repeat(64)),
    signature("reversed", [...right].reverse().join("")),
    signature("base64 of the digest", createHmac("sha256", keys.signing).update(body).digest("base64")),
    signature("prefixed as GitHub does", `sha256=${right}`),
    signature("as a Stripe header", `t=1,v1=${right}`),
    signature("in quotes", `"${right}"`),
    signature("with 0x in front", `0x${right}`),
    signature("SHA-1", createHmac("sha1", keys.signing).update(body).digest("hex")),
    signature("SHA-512", createHmac("sha512", keys.signing).update(body).digest("hex")),
    signature("a plain hash of the body", createHash("sha256").update(body).digest("hex")),
    signature("the legacy construction", legacy(keys.signing, text)),
    signature("another key", hmac("another-key", body)),
    signature("the empty key", hmac("", body)),
    signature("the API key", hmac(keys.api, body)),
    signature("the legacy construction with the API key", legacy(keys.api, text)),
    signature("the key with a line break", hmac(`${keys.signing}\n`, body)),
    signature("the key in upper case", hmac(keys.signing.toUpperCase(), body)),
    signature("of an empty body", hmac(keys.signing, "")),
    signature("of another body", hmac(keys.signing, "{}")),
    forged("the right value under the legacy header only", { "x-nango-signature": right }),
    forged("the legacy signature under the legacy header", { "x-nango-signature": legacy(keys.signing, text) }),
    forged("the right value under another name", { "x-hub-signature-256": right }),
    forged("the right value as a bearer token", { authorization: `Bearer ${right}` }),
    forged("both headers, the new one wrong", {
      [HEADER]: hmac(keys.api, body),
      "x-nango-signature": legacy(keys.signing, text),
    }),
    changed("one bit changed", flipped),
    changed("one byte fewer", body.subarray(0, -1)),
    changed("a space at the end", `${text} `),
    changed("a line break at the end", `${text}\n`),
    changed("a byte order mark in front", `\ufeff${text}`),
    changed("written out with indents", JSON.stringify(JSON.parse(text), null, 2)),
    changed("keys in another order", JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).reverse()))),
    changed("another connection", text.replace(/"connectionId":"[^"]*"/, '"connectionId":"somebody-elses"')),
    changed("an empty body", ""),
    changed("the same text in UTF-16", Buffer.from(text, "utf16le")),
    changed("the body twice", text + text),
    forged(
      "a right signature of text that the broken UTF-8 decodes to",
      { [HEADER]: hmac(keys.signing, "\ufffd") },
      Buffer.from([0xff]),
    ),
    forged(
      "a right signature of the text without the byte order mark",
      { [HEADER]: hmac(keys.signing, "{}") },
      Buffer.from("\ufeff{}"),
    ),
  ];
}

/** A signed delivery with something changed at random: never valid. */
export function mutate(body: Uint8Array, signature: string, random: () => number): Forgery {
  const bytes = Buffer.from(body);
  const at = (length: number) => Math.floor(random() * length);
  const digits = [...signature];
  switch (at(5)) {
    case 0: {
      const index = at(bytes.length);
      bytes[index] = (bytes[index] ?? 0) ^ (1 << at(8));
      return { what: `bit of byte ${index}`, body: bytes, headers: { [HEADER]: signature } };
    }
    case 1: {
      const index = at(bytes.length);
      return {
        what: `without byte ${index}`,
        body: Buffer.concat([bytes.subarray(0, index), bytes.subarray(index + 1)]),
        headers: { [HEADER]: signature },
      };
    }
    case 2: {
      const index = at(bytes.length + 1);
      return {
        what: `a byte more at ${index}`,
        body: Buffer.concat([bytes.subarray(0, index), Buffer.from([at(256)]), bytes.subarray(index)]),
        headers: { [HEADER]: signature },
      };
    }
    case 3: {
      const index = at(64);
      digits[index] = ((Number.parseInt(digits[index] ?? "0", 16) + 1 + at(15)) % 16).toString(16);
      return { what: `digit ${index}`, body: bytes, headers: { [HEADER]: digits.join("") } };
    }
    default:
      return { what: "cut short", body: bytes, headers: { [HEADER]: signature.slice(0, at(64)) } };
  }
}

/** Random numbers that are the same in every run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 3266489917) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 4294967296;
  };
}
