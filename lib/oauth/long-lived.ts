import "server-only";
import * as oauth from "oauth4webapi";
import type { DirectOAuth } from "@/lib/catalogue/manifest";
import type { Direct } from "./clients";
import { askForTokens, settle, type TokenAnswer, type Tokens } from "./token-call";

/**
 * Tokens as Meta gives them: the one of the code lives for an hour and is exchanged at once for one of sixty days, which
 * is exchanged for its successor while it lives.
 * Threat: these are GETs with tokens and our secret in the query, and addresses get into logs and errors where bodies do
 * not.
 * Invariant: such an address is made here, goes straight to the call, which names none in what it throws, and is kept
 * nowhere, not in a cache either. Guarded by tests/integration/direct-long-lived.test.ts.
 */

type LongLived = NonNullable<DirectOAuth["long_lived"]>;

const DAY = 86_400_000;
const LIFE = 60 * DAY;
/** A successor is asked for this long before the end: with the end, the chance is over, and looks come once a day. */
const AHEAD = 10 * DAY;
/** A token younger than that has no successor yet: Instagram and Threads refuse. With an hour for clocks that differ. */
const TOO_YOUNG = DAY + 3_600_000;

/** Milliseconds before a token's end at which it is renewed. */
export const renewalMargin = (way: LongLived | null, otherwise: number): number => (way === null ? otherwise : AHEAD);

/** Whether the provider would not renew a token that it gave then, ISO 8601, because it is too new. */
export const isTooYoung = (way: LongLived | null, since: string): boolean =>
  way !== null && Date.now() - Date.parse(since) < TOO_YOUNG;

async function ask(direct: Direct, url: string, parameters: Record<string, string>): Promise<TokenAnswer> {
  const { provider, client } = direct;
  const address = new URL(url);
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  const call = { method: "GET" as const, headers: { accept: "application/json" } };
  const answer = await settle(
    askForTokens(address.href, call, provider.settings.from_answer).then((response) =>
      oauth.processRefreshTokenResponse({ issuer: provider.issuer }, { client_id: client.clientId }, response),
    ),
  );
  if (!answer.ok) return answer;
  // The token is what its successor is asked for with. Facebook does not always name an end, though there is one.
  const { access: refresh, expiresAt } = answer.tokens;
  const end = expiresAt ?? new Date(Date.now() + LIFE).toISOString();
  return { ok: true, tokens: { ...answer.tokens, refresh, expiresAt: end } };
}

/** Facebook renews by the exchange itself. */
const isSameCall = ({ exchange_grant, refresh_grant }: LongLived): boolean => exchange_grant === refresh_grant;

const exchange = (direct: Direct, way: LongLived, token: string) =>
  ask(direct, way.exchange_url, {
    grant_type: way.exchange_grant,
    // The others know the application by its token.
    ...(isSameCall(way) && { client_id: direct.client.clientId }),
    client_secret: direct.client.clientSecret,
    [way.token_name]: token,
  });

/**
 * Exchanges the tokens of a code for those that live long.
 * @throws as settle
 */
export async function exchangeForLongLived(direct: Direct, way: LongLived, short: Tokens): Promise<TokenAnswer> {
  const answer = await exchange(direct, way, short.access);
  if (!answer.ok) return answer;
  const { tokens } = answer;
  // Only the first answer says what the person has allowed.
  return {
    ok: true,
    tokens: { ...tokens, scopes: tokens.scopes ?? short.scopes, extra: { ...short.extra, ...tokens.extra } },
  };
}

/**
 * Asks for a token's successor.
 * @throws as settle
 */
export function renewLongLived(direct: Direct, way: LongLived, token: string): Promise<TokenAnswer> {
  if (isSameCall(way)) return exchange(direct, way, token);
  return ask(direct, way.refresh_url, { grant_type: way.refresh_grant, [way.token_name]: token });
}
