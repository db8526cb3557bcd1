import "server-only";
import { Nango } from "@nangohq/node";
import { env } from "@/lib/env";

/**
 * Threat: anybody can post to our webhook address; and the API key, the legacy signature header or an empty key would
 * let a forged delivery in.
 * Invariant: a body counts only with an HMAC under the webhook signing key (or, during a rotation, the previous one)
 * over exactly the bytes that arrived. Guarded by tests/integration/server-webhooks.test.ts.
 */

const HEADER = "x-nango-hmac-sha256";
/** Keeps a byte order mark and refuses broken UTF-8: otherwise different bytes would verify as the same text. */
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const verifiers = new Map<string, Nango>();

function verifierFor(webhookSigningKey: string): Nango {
  let verifier = verifiers.get(webhookSigningKey);
  if (!verifier) {
    // Only checks signatures: it makes no call, and the SDK does not start without some API key.
    verifier = new Nango({ apiKey: "signature-checks-only", webhookSigningKey });
    verifiers.set(webhookSigningKey, verifier);
  }
  return verifier;
}

/** Whether Nango is used and a signing key is set at all; without one no delivery may be accepted. */
export function canVerifyWebhooks(): boolean {
  const { enabled, webhookSigningKey } = env().nango;
  return enabled && webhookSigningKey !== undefined;
}

/**
 * Checks a delivery.
 * @param bytes the body as it arrived
 * @param signature the value of X-Nango-Hmac-Sha256
 * @returns the body as text, or null when it must not be believed
 */
export function verifyWebhook(bytes: Uint8Array, signature: string | null): string | null {
  if (signature === null || !/^[0-9a-f]{64}$/i.test(signature)) return null;
  const { enabled, webhookSigningKey, webhookSigningKeyPrevious } = env().nango;
  if (!enabled || webhookSigningKey === undefined) return null;
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return null;
  }
  const keys =
    webhookSigningKeyPrevious === undefined ? [webhookSigningKey] : [webhookSigningKey, webhookSigningKeyPrevious];
  return keys.some((key) => verifierFor(key).verifyIncomingWebhookRequest(text, { [HEADER]: signature })) ? text : null;
}
