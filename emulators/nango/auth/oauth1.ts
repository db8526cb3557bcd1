import type { Credentials, Integration } from "../model";
import type { Standin } from "../standin";
import { authorizationUrl, CannotAuthorize } from "./authorize";
import { providerOf } from "./exchange";
import { oauth1Header } from "./oauth1-signature";
import { readTokenAnswer, TokenRefused } from "./token-answer";

async function signedCall(
  nango: Standin,
  url: string,
  method: string,
  signing: Omit<Parameters<typeof oauth1Header>[0], "url" | "method">,
): Promise<Record<string, unknown>> {
  const response = await fetch(nango.upstream(url), {
    method,
    // Signed for the real address, as the provider behind the map knows itself by that.
    headers: { authorization: oauth1Header({ ...signing, url, method }), accept: "*/*" },
    signal: AbortSignal.timeout(nango.timing.proxyTimeout),
  }).catch((error: unknown) => {
    throw new TokenRefused(`The provider could not be reached: ${error instanceof Error ? error.message : "?"}`);
  });
  return readTokenAnswer(response);
}

function consumer(integration: Integration): { consumerKey: string; consumerSecret: string } {
  const { client_id: consumerKey, client_secret: consumerSecret } = integration.credentials ?? {};
  if (!consumerKey) throw new CannotAuthorize("provider_config_err", "The integration has no consumer key.");
  return { consumerKey, consumerSecret: consumerSecret ?? "" };
}

/** Asks for a request token and gives the consent page's address for it. */
export async function oauth1AuthorizeUrl(
  nango: Standin,
  integration: Integration,
  callback: string,
): Promise<{ url: string; requestTokenSecret: string }> {
  const provider = providerOf(integration);
  if (!provider.request_url) throw new CannotAuthorize("provider_config_err", "The provider has no request URL.");
  const answer = await signedCall(nango, provider.request_url, provider.request_http_method ?? "POST", {
    ...consumer(integration),
    extra: { oauth_callback: callback },
  });
  if (typeof answer.oauth_token !== "string") throw new TokenRefused("The provider gave no request token.");
  const url = authorizationUrl(integration, {}, provider.authorization_url);
  url.searchParams.set("oauth_token", answer.oauth_token);
  for (const [key, value] of Object.entries(provider.authorization_params ?? {}))
    url.searchParams.set(key, String(value));
  const scopes = integration.credentials?.scopes;
  if (scopes) url.searchParams.set("scope", scopes.split(",").join(provider.scope_separator ?? " "));
  return { url: url.toString(), requestTokenSecret: String(answer.oauth_token_secret ?? "") };
}

/** Exchanges a request token that was consented to for the token that stays. */
export async function oauth1Credentials(
  nango: Standin,
  integration: Integration,
  grant: { token: string; verifier: string; requestTokenSecret: string },
): Promise<Credentials> {
  const provider = providerOf(integration);
  const url = typeof provider.token_url === "string" ? provider.token_url : provider.token_url?.OAUTH1;
  if (!url) throw new TokenRefused("The provider has no token URL.");
  const answer = await signedCall(nango, url, provider.token_http_method ?? "POST", {
    ...consumer(integration),
    token: grant.token,
    tokenSecret: grant.requestTokenSecret,
    extra: { oauth_verifier: grant.verifier },
  });
  if (typeof answer.oauth_token !== "string") throw new TokenRefused("The provider gave no access token.");
  return {
    type: "OAUTH1",
    oauth_token: answer.oauth_token,
    oauth_token_secret: String(answer.oauth_token_secret ?? ""),
    raw: answer,
  };
}
