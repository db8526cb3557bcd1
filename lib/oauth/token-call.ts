import "server-only";
import * as oauth from "oauth4webapi";
import { timeLeft } from "@/lib/deadline";
import { AppError } from "@/lib/errors";
import { reach } from "./hosts";
import { limitedText } from "./limited-text";
import { standardAnswer } from "./token-answer";

/**
 * Threat: a token endpoint that is slow, broken or lies; its errors, the OAuth client's, and those of a call that cannot
 * be made carry tokens and secrets.
 * Invariant: one call, bounded in time and size, no redirect followed; what leaves this file is tokens for whoever asked,
 * or an error of ours without a cause that holds any, nor any address. Only the provider's own word for it (invalid_grant
 * and the like) counts against credentials. Guarded by tests/integration/direct-callback.test.ts, direct-refresh.test.ts,
 * direct-refusals.test.ts and direct-long-lived.test.ts.
 */

export type Tokens = {
  access: string;
  refresh: string | null;
  /** When the access token ends, ISO 8601; null: the provider names no end. */
  expiresAt: string | null;
  scopes: string[] | null;
  /** What else the manifest wants to know of the answer, each as its pattern says. */
  extra: Record<string, string>;
};
/** `error`: the protocol's word, such as invalid_grant; or unusable_tokens, for what no call could be made with. */
export type TokenAnswer = { ok: true; tokens: Tokens } | { ok: false; error: string };

/** Milliseconds. Shorter than what others wait for the row's lock. */
const TIMEOUT = 8_000;
const MAX_BYTES = 256 * 1024;

/** The protocol's words for "this will not work". Any other is taken for trouble of the provider's. */
const finalWords = new Set([
  ...["invalid_grant", "invalid_request", "invalid_scope", "unsupported_grant_type"],
  ...["access_denied", "invalid_token"],
]);
/**
 * What is said of a refresh token besides: that it is over (Atlassian), that the person has to come back (Entra), that they
 * or their organisation are gone (Salesforce).
 */
const finalForRefresh = new Set([
  ...["unauthorized_client", "interaction_required", "login_required", "consent_required"],
  ...["inactive_user", "inactive_org"],
]);

/** The provider gave tokens, but none that can be used. */
class UnusableTokens extends Error {}

export const unreachable = (why: string) =>
  new AppError("direct_unreachable", { cause: new Error(`token endpoint: ${why}`), retryAfter: 5 });

type Call = { method: "GET" | "POST"; headers: Record<string, string>; body?: string | URLSearchParams };

/** Whatever fails is reported by its name alone: messages quote addresses. @throws AppError direct_unreachable */
async function send<T>(url: string, call: Call, read: (response: Response) => Promise<T>): Promise<T> {
  try {
    const response = await fetch(reach(url), {
      ...call,
      redirect: "manual",
      cache: "no-store",
      signal: AbortSignal.timeout(timeLeft(TIMEOUT)),
    });
    return await read(response);
  } catch (error) {
    throw unreachable(error instanceof Error ? error.name : "no answer");
  }
}

const isTrouble = (status: number): boolean => status >= 500 || status === 429 || status === 408;

/**
 * Asks for tokens.
 * @param wanted what else of the answer is kept (lib/oauth/token-answer.ts)
 * @returns the answer in the protocol's form
 * @throws AppError direct_unreachable; UnusableTokens, which `settle` knows
 */
export async function askForTokens(url: string, call: Call, wanted: Readonly<Record<string, string>>) {
  const { status, type, body } = await send(url, call, async (response) => ({
    status: response.status,
    type: response.headers.get("content-type") ?? "",
    body: await limitedText(response, MAX_BYTES),
  }));
  if (isTrouble(status)) throw unreachable(`status ${status}`);
  const answer = standardAnswer(status, type, body, wanted);
  if (!answer) throw unreachable(`status ${status}, and an answer that makes no sense`);
  if (answer === "unusable") throw new UnusableTokens();
  return answer;
}

/** Makes a call of which only the status counts. @throws AppError direct_unreachable */
export async function askForStatus(url: string, call: Call): Promise<number> {
  const status = await send(url, call, async (response) => {
    await response.body?.cancel();
    return response.status;
  });
  if (isTrouble(status)) throw unreachable(`status ${status}`);
  return status;
}

function tokensOf(answer: oauth.TokenEndpointResponse): Tokens {
  const end = answer.expires_in === undefined ? Number.NaN : Date.now() + answer.expires_in * 1000;
  const scopes = answer.scope?.split(/[\s,]+/).filter((scope) => scope !== "" && !/[\p{Cc}\p{Cs}]/u.test(scope)) ?? [];
  return {
    access: answer.access_token,
    refresh: answer.refresh_token ?? null,
    // Some name an end that no calendar holds: such a one is none.
    expiresAt: end < Date.UTC(9999, 0) ? new Date(end).toISOString() : null,
    scopes: scopes.length > 0 ? [...new Set(scopes)].slice(0, 200) : null,
    extra: (answer.extra as Record<string, string> | undefined) ?? {},
  };
}

/**
 * What an answer comes to.
 * @param grant refresh: a refresh token was sent, so that more words speak against what was sent
 * @throws AppError direct_unreachable, connector_not_configured (the operator's application is refused)
 */
export async function settle(asked: Promise<oauth.TokenEndpointResponse>, grant?: "refresh"): Promise<TokenAnswer> {
  try {
    return { ok: true, tokens: tokensOf(await asked) };
  } catch (error) {
    // The client wraps none of ours; its own carry the answer, and so are not passed on.
    if (error instanceof AppError) throw error;
    if (error instanceof UnusableTokens) return { ok: false, error: "unusable_tokens" };
    if (!(error instanceof oauth.ResponseBodyError)) throw unreachable("an answer that is not the protocol's");
    if (grant === "refresh" && finalForRefresh.has(error.error)) return { ok: false, error: error.error };
    if (error.error === "invalid_client" || error.error === "unauthorized_client") {
      throw new AppError("connector_not_configured", { cause: new Error(`the provider said ${error.error}`) });
    }
    if (!finalWords.has(error.error)) throw unreachable("a refusal that says nothing about the credentials");
    return { ok: false, error: error.error };
  }
}
