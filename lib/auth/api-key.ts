import "server-only";
import { createHash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

/**
 * Threat: a key is guessed, read from the database, or found in a place where nobody looks for it.
 * Invariant: 32 random bytes; the database holds their SHA-256 alone, and a key is found by that digest, so that neither a
 * copy of the table nor the time of an answer says anything of a key. The prefix and the checksum let scanners find keys
 * that went astray. Guarded by lib/auth/api-key.test.ts and tests/integration/api-keys.test.ts.
 */

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** 32 bytes take 43 digits, the checksum of 32 bits takes 6. */
const [BODY, CHECK] = [43, 6];
const form = new RegExp(`^pby_([0-9A-Za-z]{${BODY}})([0-9A-Za-z]{${CHECK}})$`);
/** What is shown of a key to tell it from others: the first six of 43 digits. */
const SHOWN = "pby_".length + 6;

function base62(value: bigint, length: number): string {
  let text = "";
  for (let rest = value; rest > 0n; rest /= 62n) text = digits[Number(rest % 62n)] + text;
  return text.padStart(length, "0");
}

const checksum = (body: string) => base62(BigInt(crc32(body)), CHECK);

/** A new key; nobody else knows it, and nothing keeps it. */
export function newKey(): { text: string; prefix: string; hash: Uint8Array } {
  const body = base62(BigInt(`0x${randomBytes(32).toString("hex")}`), BODY);
  const text = `pby_${body}${checksum(body)}`;
  return { text, prefix: text.slice(0, SHOWN), hash: keyHash(text) };
}

export const keyHash = (text: string): Uint8Array => createHash("sha256").update(text).digest();

/**
 * The key of an Authorization header.
 * @returns null for any other kind of credential. wellFormed: false for what cannot be a key, such as one with a typing error
 */
export function readKey(authorization: string | null): { text: string; wellFormed: boolean } | null {
  const text = /^bearer +(pby_.*)$/i.exec(authorization ?? "")?.[1]?.trim();
  if (text === undefined) return null;
  const [, body, check] = form.exec(text) ?? [];
  return { text, wellFormed: body !== undefined && checksum(body) === check };
}
