import "server-only";
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

/** Answers that are kept for a repetition can be read with the Idempotency-Key that they belong to, and nothing else. */

const [SALT, NONCE, TAG] = [16, 12, 16];

const keyFrom = (idempotencyKey: string, salt: Uint8Array) =>
  Buffer.from(hkdfSync("sha256", idempotencyKey, salt, "patchbay kept answer", 32));

export function sealAnswer(text: string, idempotencyKey: string): Uint8Array {
  const salt = randomBytes(SALT);
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv("aes-256-gcm", keyFrom(idempotencyKey, salt), nonce);
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([salt, nonce, cipher.getAuthTag(), sealed]);
}

/** @throws Error when it was sealed under another key, or changed since */
export function openAnswer(kept: Uint8Array, idempotencyKey: string): string {
  const bytes = Buffer.from(kept);
  const [atNonce, atTag, atText] = [SALT, SALT + NONCE, SALT + NONCE + TAG];
  const key = keyFrom(idempotencyKey, bytes.subarray(0, atNonce));
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(atNonce, atTag));
  decipher.setAuthTag(bytes.subarray(atTag, atText));
  return Buffer.concat([decipher.update(bytes.subarray(atText)), decipher.final()]).toString("utf8");
}
