import "server-only";
import { canVerifyClerkWebhooks, readClerkWebhook } from "@/lib/auth/clerk-webhook";
import { recordClerkDelivery } from "@/lib/db/clerk-deliveries";
import { AppError } from "@/lib/errors";
import { answering, inTime } from "@/lib/http/answering";
import { readBody } from "@/lib/http/body";

/** Largest body that is read, in bytes: a person with all their addresses is a few kilobytes. */
const MAX_BYTES = 256 * 1024;
/** Longest wait for a database that hangs, in milliseconds. */
const PATIENCE = 6_000;

/**
 * Takes one delivery of Clerk's: verifies the raw bytes, stores whom and what it is about with its job, answers 200.
 * Anything else makes Clerk come again, for days.
 */
export function receiveClerkDelivery(request: Request): Promise<Response> {
  return answering(async () => {
    if (!canVerifyClerkWebhooks()) throw new AppError("webhooks_not_configured");
    const bytes = await readBody(request, MAX_BYTES);
    const hint = await readClerkWebhook(bytes, request.headers);
    if (hint === null) throw new AppError("invalid_signature");
    try {
      const isNew = await inTime(recordClerkDelivery(hint), PATIENCE);
      return Response.json({ received: true, outcome: isNew ? "stored" : "duplicate" });
    } catch (error) {
      throw error instanceof AppError && error.code === "database_unavailable"
        ? error
        : new AppError("database_unavailable", { cause: error });
    }
  });
}
