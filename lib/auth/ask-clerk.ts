import "server-only";
import { clerkBackend } from "@/lib/auth/clerk";
import { timeLeft } from "@/lib/deadline";
import { AppError } from "@/lib/errors";

/** Longest wait for an answer, in milliseconds. */
const PATIENCE = 2_500;

const notFound = new Set<unknown>(["resource_not_found", "organization_not_found_or_unauthorized"]);

/** Any gateway on the way, and any wrong address, answers 404 as well: only Clerk's own code says that it has no such thing. */
function saysNotFound(error: unknown): boolean {
  const { status, errors } = error as { status?: unknown; errors?: { code?: unknown }[] };
  return status === 404 && notFound.has(errors?.[0]?.code);
}

/**
 * Asks Clerk's Backend API, within what is left of the request's time.
 * @returns the answer; null when Clerk says that there is no such thing
 * @throws AppError auth_unavailable when Clerk does not answer, or answers anything else
 */
export async function askClerk<T>(question: (clerk: ReturnType<typeof clerkBackend>) => Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("Clerk did not answer in time")), timeLeft(PATIENCE));
  });
  try {
    return await Promise.race([question(clerkBackend()), late]);
  } catch (error) {
    if (saysNotFound(error)) return null;
    throw new AppError("auth_unavailable", { cause: error, retryAfter: 5 });
  } finally {
    clearTimeout(timer);
  }
}
