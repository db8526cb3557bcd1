import "server-only";
import * as oauth from "oauth4webapi";
import type { Direct } from "./clients";
import { exchangeForLongLived, renewLongLived } from "./long-lived";
import { askForStatus, askForTokens, settle, type TokenAnswer, unreachable } from "./token-call";

/**
 * What our OAuth client asks a provider's token endpoint, in the words that the provider has for it. How it asks, and what
 * may come of it, is in lib/oauth/token-call.ts.
 */

type Init = oauth.CustomFetchOptions<"POST", URLSearchParams>;

/** A call as the provider wants it: with its own name for our id, and in JSON where it reads that. */
function callOf({ provider }: Direct, init: Init) {
  const { client_id_name: idName, token_encoding } = provider.settings;
  const body = new URLSearchParams(
    [...init.body].map(([name, value]) => [name === "client_id" ? idName : name, value]),
  );
  if (token_encoding !== "json") return { method: "POST" as const, headers: init.headers, body };
  const headers = { ...init.headers, "content-type": "application/json" };
  return { method: "POST" as const, headers, body: JSON.stringify(Object.fromEntries(body)) };
}

const optionsOf = (direct: Direct, additionalParameters: Record<string, string>) => ({
  additionalParameters,
  [oauth.customFetch]: (url: string, init: Init) =>
    askForTokens(url, callOf(direct, init), direct.provider.settings.from_answer),
});

const serverOf = ({ provider }: Direct): oauth.AuthorizationServer => ({
  issuer: provider.issuer,
  token_endpoint: provider.tokenUrl,
});
const clientOf = ({ client }: Direct): oauth.Client => ({ client_id: client.clientId });

/** The secret is the user, and there is no password. */
const secretBasic =
  (secret: string): oauth.ClientAuth =>
  (_server, _client, _body, headers) =>
    headers.set("authorization", `Basic ${Buffer.from(`${secret}:`).toString("base64")}`);

function authOf({ provider, client }: Direct): oauth.ClientAuth {
  const ways = { body: oauth.ClientSecretPost, basic: oauth.ClientSecretBasic, secret_basic: secretBasic };
  return ways[provider.settings.client_auth](client.clientSecret);
}

/**
 * Exchanges the code of a sign-in that came back well, and a token that lives for an hour for the one that lives long.
 * @param answer the parameters, as `oauth.validateAuthResponse` gave them back
 */
export async function exchangeCode(
  direct: Direct,
  answer: URLSearchParams,
  redirectUri: string,
  verifier: string | null,
): Promise<TokenAnswer> {
  const [server, client, auth] = [serverOf(direct), clientOf(direct), authOf(direct)];
  const { token_params, long_lived } = direct.provider.settings;
  const options = optionsOf(direct, token_params);
  const exchanged = await settle(
    oauth
      .authorizationCodeGrantRequest(server, client, auth, answer, redirectUri, verifier ?? oauth.nopkce, options)
      .then((response) => oauth.processAuthorizationCodeResponse(server, client, response)),
  );
  return exchanged.ok && long_lived ? exchangeForLongLived(direct, long_lived, exchanged.tokens) : exchanged;
}

/**
 * Asks for a new access token.
 * @throws AppError direct_unreachable, also for new tokens that are of no use: that speaks against the answer alone
 */
export async function refreshTokens(direct: Direct, refreshToken: string): Promise<TokenAnswer> {
  const [server, client, auth] = [serverOf(direct), clientOf(direct), authOf(direct)];
  const { refresh_params, long_lived } = direct.provider.settings;
  const answer = long_lived
    ? await renewLongLived(direct, long_lived, refreshToken)
    : await settle(
        oauth
          .refreshTokenGrantRequest(server, client, auth, refreshToken, optionsOf(direct, refresh_params))
          .then((response) => oauth.processRefreshTokenResponse(server, client, response)),
        "refresh",
      );
  if (!answer.ok && answer.error === "unusable_tokens") throw unreachable("tokens that cannot be used");
  // Of a token that is its own refresh token only "this token is over" is said; anything else is about how we asked.
  if (!answer.ok && long_lived && answer.error !== "invalid_grant") throw unreachable("a refusal of the call alone");
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
  const server = { ...serverOf(direct), revocation_endpoint: endpoint };
  let status = 0;
  const options = {
    additionalParameters: { token_type_hint: hint },
    [oauth.customFetch]: async (url: string, init: Init) => {
      status = await askForStatus(url, callOf(direct, init));
      return new Response();
    },
  };
  await oauth.revocationRequest(server, clientOf(direct), authOf(direct), token, options);
  return status >= 200 && status < 300;
}
