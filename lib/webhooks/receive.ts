import "server-only";
import { AppError } from "@/lib/errors";
import { answering, inTime } from "@/lib/http/answering";
import { readBody } from "@/lib/http/body";
import { canVerifyWebhooks, verifyWebhook } from "@/lib/nango/webhook";
import { storeDelivery } from "@/lib/webhooks/intake";

/**
 * Longest wait for a database that hangs, in milliseconds: Nango gives up by itself after 20 s and learns less. What is
 * stored after all is a duplicate when it comes again.
 */
const PATIENCE = 6_000;

/**
 * Takes one delivery of Nango's: verifies the raw bytes, stores them, answers 200. Nango never repeats after a 4xx, so
 * only a body that is not Nango's gets one; 503 asks it to come back.
 */
export function receiveDelivery(request: Request): Promise<Response> {
  return answering(async () => {
    if (!canVerifyWebhooks()) throw new AppError("webhooks_not_configured");
    const bytes = await readBody(request);
    const text = verifyWebhook(bytes, request.headers.get("x-nango-hmac-sha256"));
    if (text === null) throw new AppError("invalid_signature");
    try {
      const { outcome } = await inTime(storeDelivery(bytes, text), PATIENCE);
      return Response.json({ received: true, outcome });
    } catch (error) {
      // Whatever kept it from being stored, trying again is right: a 4xx or 500 would lose it or say nothing.
      throw error instanceof AppError && error.code === "database_unavailable"
        ? error
        : new AppError("database_unavailable", { cause: error });
    }
  });
}
