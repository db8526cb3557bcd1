import "server-only";
import type { Tenant } from "@/lib/auth/tenant";
import { changeMayHaveLeft, timeLeft } from "@/lib/deadline";
import { env } from "@/lib/env";
import { AppError, type ErrorCode, type ErrorDetails } from "@/lib/errors";
import { limitedText } from "@/lib/oauth/limited-text";

/**
 * The one door to Panora.
 *
 * Threat: one key is one account at Panora, so whoever may ask sees all contacts and employees behind it, whichever
 * organisation they are in; and an answer could lead the key to another host.
 * Invariant: only owners that the operator has named in PANORA_OWNERS get there, in the environment and not in a request;
 * the address is the operator's, no redirect is followed, and what comes back is bounded in time and size.
 * Guarded by tests/integration/unified-panora.test.ts.
 */

const TIMEOUT = 4_000;
const MAX_BYTES = 5 * 1024 * 1024;

export type PanoraCall = { method: string; endpoint: string; body?: unknown };

type Retry = { retry: "no" | "later" };
const refusals: Record<number, { code: ErrorCode } & Retry> = {
  400: { code: "provider_invalid", retry: "no" },
  404: { code: "provider_not_found", retry: "no" },
  409: { code: "provider_invalid", retry: "no" },
  422: { code: "provider_invalid", retry: "no" },
  429: { code: "provider_rate_limited", retry: "later" },
};

/** Panora's own words stay here: they may hold what somebody else put there. */
function refused(status: number, retryAfter: number, method: string): AppError {
  const cause = new Error(`Panora answered ${status}`);
  // A failure may have come after the change.
  if (method !== "GET" && (status < 400 || status === 408 || status >= 500)) {
    const details = { retry: "no", outcome: "unknown", provider_status: status };
    return new AppError("provider_upstream", { cause, details });
  }
  // A key that Panora does not take is the operator's to mend, and no answer to the caller's question.
  const { code, retry } = refusals[status] ?? { code: "provider_upstream" as const, retry: "later" as const };
  return new AppError(code, {
    cause,
    details: { retry, provider_status: status },
    ...(retry === "later" && { retryAfter: retryAfter > 0 ? Math.min(retryAfter, 3_600) : 30 }),
  });
}

/** No answer, or none that can be read. Of a change nobody knows whether it was made. */
function unanswered(cause: Error, method: string): AppError {
  const details: ErrorDetails = method === "GET" ? { retry: "later" } : { retry: "no", outcome: "unknown" };
  return new AppError("provider_upstream", { cause, details, ...(method === "GET" && { retryAfter: 30 }) });
}

/**
 * Asks Panora on behalf of an owner who may.
 * @param call.endpoint path and query, encoded
 * @throws AppError panora_not_configured, provider_*
 */
export async function askPanora(tenant: Tenant, call: PanoraCall): Promise<unknown> {
  const { api, owners } = env().panora;
  if (!api || !(owners.includes(tenant.ownerId) || owners.includes("*"))) throw new AppError("panora_not_configured");
  const { method, endpoint, body } = call;
  let response: Response;
  let text: string;
  if (method !== "GET") changeMayHaveLeft();
  try {
    response = await fetch(`${api.url}${endpoint}`, {
      method,
      headers: {
        accept: "application/json",
        authorization: `Bearer ${api.apiKey}`,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      redirect: "manual",
      cache: "no-store",
      signal: AbortSignal.timeout(timeLeft(TIMEOUT)),
    });
    text = await limitedText(response, MAX_BYTES);
  } catch (error) {
    throw unanswered(new Error(`Panora: ${error instanceof Error ? error.name : "no answer"}`), method);
  }
  if (response.status < 200 || response.status >= 300)
    throw refused(response.status, Number(response.headers.get("retry-after")), method);
  try {
    return JSON.parse(text);
  } catch {
    throw unanswered(new Error("Panora: an answer that is no JSON"), method);
  }
}
