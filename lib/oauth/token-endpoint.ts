import "server-only";
import * as oauth from "oauth4webapi";
import { timeLeft } from "@/lib/deadline";
import { AppError } from "@/lib/errors";
import type { Direct } from "./clients";
import { reach } from "./hosts";
import { limitedText } from "./limited-text";
import { standardAnswer } from "./token-answer";

/**
 * Threat: a token endpoint that is slow, broken or lies; its errors, and the OAuth client's, carry tokens.
 * Invariant: one call, bounded in time and size, no redirect followed; what leaves this file is tokens for whoever asked,
 * or an error of ours without a cause that holds any. Only the provider's own word for it (invalid_grant and the like)
 * counts against credentials. Guarded by tests/integration/direct-callback.test.ts and direct-refresh.test.ts.
 */

export type Tokens = {
  access: string;
  refresh: string | null;
  /** When the access token ends, ISO 8601; null: the provider names no end. */
  expiresAt: string | null;
  scopes: string[] | null;
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

/** The provider gave tokens, but none that can be used. */
class UnusableTokens extends Error {}

const unreachable = (why: string) =>
  new AppError("direct_unreachable", { cause: new Error(`token endpoint: ${why}`), retryAfter: 5 });

/** Fetches for the OAuth client: to where the provider is, within bounds, and in the protocol's own form. */
function fetchOf({ provider }: Direct) {
  return async (url: string, init: oauth.CustomFetchOptions<"POST", URLSearchParams>): Promise<Response> => {
    const asJson = provider.settings.token_encoding === "json";
    let status: number;
    let type: string;
    let body: string;
    try {
      const response = await fetch(reach(url), {
        method: "POST",
        headers: { ...init.headers, ...(asJson && { "content-type": "application/json" }) },
        body: asJson ? JSON.stringify(Object.fromEntries(init.body)) : init.body,
        redirect: "manual",
        cache: "no-store",
        signal: AbortSignal.timeout(timeLeft(TIMEOUT)),
      });
      status = response.status;
      type = response.headers.get("content-type") ?? "";
      body = await limitedText(response, MAX_BYTES);
    } catch (error) {
      throw unreachable(error instanceof Error ? error.name : "no answer");
    }
    if (status >= 500 || status === 429 || status === 408) throw unreachable(`status ${status}`);
    const answer = standardAnswer(status, type, body);
    if (!answer) throw unreachable(`status ${status}, and an answer that makes no sense`);
    if (answer === "unusable") throw new UnusableTokens();
    return answer;
  };
}

const serverOf = ({ provider }: Direct): oauth.AuthorizationServer => ({
  issuer: provider.issuer,
  token_endpoint: provider.tokenUrl,
});
const clientOf = ({ client }: Direct): oauth.Client => ({ client_id: client.clientId });
const authOf = ({ provider, client }: Direct): oauth.ClientAuth =>
  provider.settings.client_auth === "basic"
    ? oauth.ClientSecretBasic(client.clientSecret)
    : oauth.ClientSecretPost(client.clientSecret);

function tokensOf(answer: oauth.TokenEndpointResponse): Tokens {
  const end = answer.expires_in === undefined ? Number.NaN : Date.now() + answer.expires_in * 1000;
  const scopes = answer.scope?.split(/[\s,]+/).filter((scope) => scope !== "" && !/[\p{Cc}\p{Cs}]/u.test(scope)) ?? [];
  return {
    access: answer.access_token,
    refresh: answer.refresh_token ?? null,
    // Some name an end that no calendar holds: such a one is none.
    expiresAt: end < Date.UTC(9999, 0) ? new Date(end).toISOString() : null,
    scopes: scopes.length > 0 ? [...new Set(scopes)].slice(0, 200) : null,
  };
}

/** @throws AppError direct_unreachable, connector_not_configured (the operator's application is refused) */
async function settle(asked: Promise<oauth.TokenEndpointResponse>): Promise<TokenAnswer> {
  try {
    return { ok: true, tokens: tokensOf(await asked) };
  } catch (error) {
    // The client wraps none of ours; its own carry the answer, and so are not passed on.
    if (error instanceof AppError) throw error;
    if (error instanceof UnusableTokens) return { ok: false, error: "unusable_tokens" };
    if (!(error instanceof oauth.ResponseBodyError)) throw unreachable("an answer that is not the protocol's");
    if (error.error === "invalid_client" || error.error === "unauthorized_client") {
      throw new AppError("connector_not_configured", { cause: new Error(`the provider said ${error.error}`) });
    }
    if (!finalWords.has(error.error)) throw unreachable("a refusal that says nothing about the credentials");
    return { ok: false, error: error.error };
  }
}

/**
 * Exchanges the code of a sign-in that came back well.
 * @param answer the parameters, as `oauth.validateAuthResponse` gave them back
 */
export function exchangeCode(
  direct: Direct,
  answer: URLSearchParams,
  redirectUri: string,
  verifier: string | null,
): Promise<TokenAnswer> {
  const [server, client, auth] = [serverOf(direct), clientOf(direct), authOf(direct)];
  const options = {
    [oauth.customFetch]: fetchOf(direct),
    additionalParameters: direct.provider.settings.token_params,
  };
  return settle(
    oauth
      .authorizationCodeGrantRequest(server, client, auth, answer, redirectUri, verifier ?? oauth.nopkce, options)
      .then((response) => oauth.processAuthorizationCodeResponse(server, client, response)),
  );
}

/**
 * Asks for a new access token.
 * @throws AppError direct_unreachable, also for new tokens that are of no use: that speaks against the answer alone
 */
export async function refreshTokens(direct: Direct, refreshToken: string): Promise<TokenAnswer> {
  const [server, client, auth] = [serverOf(direct), clientOf(direct), authOf(direct)];
  const options = {
    [oauth.customFetch]: fetchOf(direct),
    additionalParameters: direct.provider.settings.refresh_params,
  };
  const answer = await settle(
    oauth
      .refreshTokenGrantRequest(server, client, auth, refreshToken, options)
      .then((response) => oauth.processRefreshTokenResponse(server, client, response)),
  );
  if (!answer.ok && answer.error === "unusable_tokens") throw unreachable("tokens that cannot be used");
  return answer;
}

/**
 * Takes a token back at the provider (RFC 7009).
 * @returns false when the provider would not
 * @throws AppError direct_unreachable
 */
export async function revokeToken(
  direct: Direct,
  endpoint: string,
  token: string,
  hint: "access_token" | "refresh_token",
): Promise<boolean> {
  const { provider } = direct;
  const server = { ...serverOf(direct), revocation_endpoint: endpoint };
  let status = 0;
  try {
    await oauth.revocationRequest(server, clientOf(direct), authOf(direct), token, {
      additionalParameters: { token_type_hint: hint },
      [oauth.customFetch]: async (url, init) => {
        const asJson = provider.settings.token_encoding === "json";
        const response = await fetch(reach(url), {
          method: "POST",
          headers: { ...init.headers, ...(asJson && { "content-type": "application/json" }) },
          body: asJson ? JSON.stringify(Object.fromEntries(init.body)) : init.body,
          redirect: "manual",
          signal: AbortSignal.timeout(timeLeft(TIMEOUT)),
        });
        status = response.status;
        await response.body?.cancel();
        return response;
      },
    });
  } catch (error) {
    throw unreachable(error instanceof Error ? error.name : "no answer");
  }
  if (status >= 500 || status === 429 || status === 408) throw unreachable(`revocation: status ${status}`);
  return status >= 200 && status < 300;
}
