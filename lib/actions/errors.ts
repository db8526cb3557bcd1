import "server-only";
import { refusesCredentials, saysBusy } from "@/lib/connect/account";
import { AppError, type ErrorCode, type ErrorDetails } from "@/lib/errors";
import type { ProxyAnswer } from "@/lib/nango/proxy";

/**
 * What a provider's refusal means, in one of our codes, and whether trying again makes sense. A provider's own words are
 * never passed on: they may hold what somebody else put there.
 */

type Retry = "no" | "later" | "after_reconnect";

export type Refusal = {
  error: AppError;
  /** It speaks against the credentials: they are looked into. */
  doubtful: boolean;
};

type Answer = Extract<ProxyAnswer, { kind: "answer" }>;

/** Seconds to wait where the provider does not say. */
const USUAL_WAIT = 30;

const retries = {
  provider_auth: "after_reconnect",
  provider_permission: "no",
  provider_not_found: "no",
  provider_rate_limited: "later",
  provider_invalid: "no",
  provider_upstream: "later",
} as const satisfies Partial<Record<ErrorCode, Retry>>;
type ProviderCode = keyof typeof retries;

const codeOfStatus = (status: number): ProviderCode => {
  if (status === 402 || status === 403 || status === 451) return "provider_permission";
  if (status === 404 || status === 410) return "provider_not_found";
  if (status === 429) return "provider_rate_limited";
  if (status === 408 || status < 400 || status >= 500) return "provider_upstream";
  return "provider_invalid";
};

type Named = { pattern: RegExp; code: ProviderCode };
/** Error names as Slack and GraphQL services give them, with status 200. */
const names: readonly Named[] = [
  { pattern: /^(authentication_?error|unauthenticated|unauthorized)$/i, code: "provider_auth" },
  { pattern: /^(rate_?limited|throttled)$/i, code: "provider_rate_limited" },
  {
    pattern: /missing_scope|not_allowed|no_permission|restricted|access_denied|forbidden|not_in_channel/i,
    code: "provider_permission",
  },
  { pattern: /not_?found$/i, code: "provider_not_found" },
  {
    pattern: /^(internal_?(server_?)?error|fatal_error|service_unavailable|request_timeout)$/i,
    code: "provider_upstream",
  },
];
const codeOfName = (name: string): ProviderCode =>
  names.find(({ pattern }) => pattern.test(name))?.code ?? "provider_invalid";

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A refusal that comes with status 200: Slack's `ok: false`, and GraphQL's errors without data. */
function refusalInside(body: unknown): ProviderCode | null {
  if (!isRecord(body)) return null;
  if (body.ok === false && typeof body.error === "string") return codeOfName(body.error);
  if (!Array.isArray(body.errors) || body.errors.length === 0) return null;
  const gave = isRecord(body.data) && Object.values(body.data).some((value) => value !== null);
  const first: unknown = body.errors[0];
  if (gave || !isRecord(first) || typeof first.message !== "string") return null;
  const { extensions } = first;
  const name = isRecord(extensions) ? (extensions.code ?? extensions.type) : undefined;
  return codeOfName(typeof name === "string" ? name : "");
}

function codeOf(answer: Answer): ProviderCode | null {
  const { status, body } = answer;
  if (refusesCredentials(status, body)) return "provider_auth";
  if (saysBusy(answer)) return "provider_rate_limited";
  return status >= 200 && status < 300 ? refusalInside(body) : codeOfStatus(status);
}

/** What is said of a change that may have been made: nothing that sends it again by itself. */
const unknownOutcome = { retry: "no", outcome: "unknown" } as const satisfies ErrorDetails;

function refusal(code: ProviderCode, { status, retryAfter }: { status?: number; retryAfter?: number } = {}): Refusal {
  const wait = retryAfter ?? (retries[code] === "later" ? USUAL_WAIT : undefined);
  const details = { retry: retries[code], ...(status !== undefined && { provider_status: status }) };
  return {
    error: new AppError(code, { details, ...(wait !== undefined && { retryAfter: wait }) }),
    doubtful: code === "provider_auth",
  };
}

const unknownAtNango = new Set(["not_found", "unknown_connection"]);

/** What it means that the provider was not asked. */
function refusalOfNango(code: string): Refusal {
  if (code === "unsafe_call") throw new AppError("misconfigured", { cause: new Error("a call that may not be made") });
  // Where the account has several sites, none is taken for another.
  if (code === "several_places") return { error: new AppError("operation_unsupported"), doubtful: false };
  if (code === "unknown_provider_config") return { error: new AppError("connector_not_configured"), doubtful: false };
  if (unknownAtNango.has(code)) return { error: new AppError("connection_gone"), doubtful: true };
  if (code === "invalid_credentials" || code === "connection_refresh_backoff") return refusal("provider_auth");
  // Nango says this of a connection that it does not have, and of one that it cannot renew.
  return { ...refusal("provider_upstream"), doubtful: code === "server_error" };
}

/**
 * What an answer means; null when it is what was asked for. A provider that failed may have failed after it made a change,
 * so that is not to be sent again unseen.
 * @param mayBeMade it answers a change, and not what had to be known before one
 * @throws AppError misconfigured
 */
export function refusalIn(answer: ProxyAnswer, mayBeMade: boolean): Refusal | null {
  if (answer.kind === "refused") return refusalOfNango(answer.code);
  const code = codeOf(answer);
  if (code === "provider_upstream" && mayBeMade) {
    const details = { ...unknownOutcome, provider_status: answer.status };
    return { error: new AppError(code, { details }), doubtful: false };
  }
  return code && refusal(code, answer);
}

/** The provider did not answer, or with nothing that can be read. */
const unanswered = new Set<ErrorCode>(["nango_timeout", "nango_invalid_answer", "direct_unreachable"]);

/**
 * The error of a call without an answer.
 * @param mayBeMade it was a change, and it left: nobody knows whether it was made, so it is not to be sent again unseen
 */
export function withoutAnswer(error: unknown, mayBeMade: boolean): unknown {
  if (!(error instanceof AppError)) return error;
  const { code } = error;
  // Whoever passes calls on may have passed this one on before it went away.
  if (code === "nango_unreachable" && mayBeMade) return new AppError(code, { cause: error, details: unknownOutcome });
  if (!unanswered.has(code)) return error;
  const said = mayBeMade ? { details: unknownOutcome } : { details: { retry: "later" }, retryAfter: USUAL_WAIT };
  return new AppError("provider_upstream", { cause: error, ...said });
}
