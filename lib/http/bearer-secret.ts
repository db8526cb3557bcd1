import "server-only";
import { createHash, timingSafeEqual } from "node:crypto";
import { AppError } from "@/lib/errors";

/**
 * Refuses callers without the secret that a scheduler or monitor was given. Compares digests, so the time taken says
 * nothing about the secret.
 * @throws AppError unauthenticated; cron_not_configured without a secret
 */
export function checkBearerSecret(request: Request, secret: string | undefined): void {
  if (secret === undefined) throw new AppError("cron_not_configured");
  const given = request.headers.get("authorization")?.replace(/^Bearer /, "") ?? "";
  const digest = (text: string) => createHash("sha256").update(text).digest();
  if (!timingSafeEqual(digest(given), digest(secret))) throw new AppError("unauthenticated");
}
