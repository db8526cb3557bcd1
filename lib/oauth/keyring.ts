import "server-only";
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";

/**
 * Threat: whoever reads the database, a backup or a replica reads tokens; whoever writes it puts one connection's token
 * into another's row, and uses it there.
 * Invariant: AES-256-GCM with a fresh IV each time, and what it is for (the row and the field) as additional data: a
 * ciphertext opens nowhere else. Keys are in the environment alone. Guarded by lib/oauth/keyring.test.ts.
 *
 * The first key encrypts; the others still open what they sealed, until `npm run oauth:rotate` has sealed it anew.
 */

/** Of a version of this form, IV, ciphertext and tag. */
const FORM = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;

type Field = "access_token" | "refresh_token" | "verifier";
/** What a text belongs to: the id of the connection (or, for a verifier, the attempt), and which of its fields. */
export type About = { id: string; field: Field };
export type Sealed = { keyId: string; bytes: Buffer };

/** Whether anything can be encrypted at all. */
export const hasKeys = (): boolean => env().oauth.encryptionKeys.length > 0;

/** Of all keys that can open something. */
export const keyIds = (): string[] => env().oauth.encryptionKeys.map(({ id }) => id);

/** @throws AppError misconfigured without a key */
export function activeKeyId(): string {
  const [active] = env().oauth.encryptionKeys;
  if (!active) throw new AppError("misconfigured", { cause: new Error("OAUTH_ENCRYPTION_KEYS is missing") });
  return active.id;
}

function keyOf(id: string): Buffer {
  const key = env().oauth.encryptionKeys.find((each) => each.id === id);
  if (!key) {
    const problem = `OAUTH_ENCRYPTION_KEYS has no key "${id}", with which stored tokens are encrypted`;
    throw new AppError("misconfigured", { cause: new Error(problem) });
  }
  return Buffer.from(key.secret, "base64");
}

const additional = ({ id, field }: About, keyId: string) => Buffer.from(`patchbay ${FORM} ${keyId} ${id} ${field}`);

/** Encrypts with the active key. @throws AppError misconfigured */
export function seal(text: string, about: About): Sealed {
  const keyId = activeKeyId();
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", keyOf(keyId), iv).setAAD(additional(about, keyId));
  const encrypted = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return { keyId, bytes: Buffer.concat([Buffer.of(FORM), iv, encrypted, cipher.getAuthTag()]) };
}

/** @throws AppError misconfigured when the key is missing, or when the text is not what was sealed for this */
export function unseal({ keyId, bytes }: Sealed, about: About): string {
  const key = keyOf(keyId);
  try {
    if (bytes[0] !== FORM || bytes.length < 1 + IV_BYTES + TAG_BYTES) throw new Error("unknown form");
    const iv = bytes.subarray(1, 1 + IV_BYTES);
    const decipher = createDecipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_BYTES })
      .setAAD(additional(about, keyId))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(1 + IV_BYTES, -TAG_BYTES)), decipher.final()]).toString(
      "utf8",
    );
  } catch {
    const problem = `a stored ${about.field} cannot be decrypted with key "${keyId}": it is damaged, or the key is another`;
    throw new AppError("misconfigured", { cause: new Error(problem) });
  }
}
