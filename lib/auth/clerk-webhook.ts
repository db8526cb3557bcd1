import "server-only";
import { verifyWebhook } from "@clerk/backend/webhooks";
import { z } from "zod";
import { env } from "@/lib/env";

/**
 * Threat: anybody can post to our webhook address, and send again what they once overheard.
 * Invariant: a body counts only with a signature under the signing secret over its id, its time and exactly the bytes that
 * arrived, and only within five minutes of that time (Clerk's library holds both ends of it).
 * Guarded by tests/integration/clerk-webhooks.test.ts.
 */

/** Who and what a delivery is about. Only a hint: none of it is believed before Clerk was asked. */
export type ClerkHint = { svixId: string; type: string; userId: string | null; organizationId: string | null };

/** Without dots: the signed text joins id, time and body by them, and no part may reach into the next. */
const messageId = /^[A-Za-z0-9_-]{1,255}$/;
const seconds = /^\d{1,12}$/;

/** Keeps a byte order mark and refuses broken UTF-8: otherwise different bytes would verify as the same text. */
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Becomes part of an address at Clerk. */
const id = z.string().regex(/^[A-Za-z0-9_-]{1,255}$/);
const eventBody = z.object({
  type: z.string().regex(/^[A-Za-z.]{1,64}$/),
  data: z.object({
    id: id.optional(),
    organization: z.object({ id }).optional(),
    public_user_data: z.object({ user_id: id }).optional(),
  }),
});

/** Whether a signing secret is set at all; without one no delivery may be accepted. */
export function canVerifyClerkWebhooks(): boolean {
  return env().clerk.webhookSigningSecret !== undefined;
}

/**
 * Checks a delivery.
 * @param bytes the body as it arrived
 * @returns what it is about, or null when it must not be believed
 */
export async function readClerkWebhook(bytes: Uint8Array, headers: Headers): Promise<ClerkHint | null> {
  const signingSecret = env().clerk.webhookSigningSecret;
  const [svixId, time, signature] = ["svix-id", "svix-timestamp", "svix-signature"].map((name) => headers.get(name));
  if (signingSecret === undefined || !svixId || !time || !signature) return null;
  if (!messageId.test(svixId) || !seconds.test(time)) return null;
  try {
    // Reading a request's text would drop a byte order mark, which the signature covers.
    if (decoder.decode(bytes).startsWith("\ufeff")) return null;
    const request = new Request("http://webhook.invalid", {
      method: "POST",
      headers: { "svix-id": svixId, "svix-timestamp": time, "svix-signature": signature },
      body: Buffer.from(bytes),
    });
    return hintOf(svixId, await verifyWebhook(request, { signingSecret }));
  } catch {
    return null;
  }
}

/** Events of other kinds than ours may have any shape: they are noted by their type alone. */
function hintOf(svixId: string, event: unknown): ClerkHint {
  const parsed = eventBody.safeParse(event);
  if (!parsed.success) return { svixId, type: "unknown", userId: null, organizationId: null };
  const { type, data } = parsed.data;
  const about = type.split(".")[0];
  return {
    svixId,
    type,
    userId: (about === "user" ? data.id : data.public_user_data?.user_id) ?? null,
    organizationId: (about === "organization" ? data.id : data.organization?.id) ?? null,
  };
}
