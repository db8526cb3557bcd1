import { createHash, randomBytes } from "node:crypto";
import type { Registry } from "./registry";
import type { Account, Client, Grant, ServiceName } from "./types";
import { basicCredentials, isLoopback, json, type Sent } from "./wire";

/** What an application asked for when it sent somebody to a consent page. */
export type Asked = {
  clientId: string;
  redirectUri: string;
  state: string;
  scopes: string[];
  userScopes: string[];
  challenge: string;
  challengeMethod: string;
  /** Whether a refresh token was asked for, in the provider's own way. */
  offline: boolean;
  nonce: string;
  /** Where the person was sent, so that a provider with several sign-in pages knows which. */
  path: string;
  /** BigCommerce's store. */
  context: string;
};

type Code = Asked & { account: Account; createdAt: number };

const CODE_LIFE_MS = 10 * 60 * 1000;

/** Codes between consent and token call. In memory: a restart in those seconds asks the person again. */
export class Codes {
  private readonly codes = new Map<string, Code>();

  issue(asked: Asked, account: Account): string {
    const code = `code_standin_${randomBytes(20).toString("hex")}`;
    this.codes.set(code, { ...asked, account, createdAt: Date.now() });
    return code;
  }

  /** A code works once, even when the rest of the token call is then refused. */
  take(code: string): Code | null {
    const found = this.codes.get(code);
    this.codes.delete(code);
    return found && Date.now() - found.createdAt < CODE_LIFE_MS ? found : null;
  }
}

type OAuthRefusal = "invalid_client" | "invalid_grant" | "invalid_request" | "unsupported_grant_type";

/** Fresh tokens, before a provider words its answer. */
export type Issued = {
  grant: Grant;
  access: string;
  expiresIn: number | null;
  refresh: string | null;
  /** Slack's second token, for the person instead of the bot. */
  userAccess: string | null;
  asked: Asked | null;
};

/** How one provider issues tokens. */
export type TokenRules = {
  service: ServiceName;
  accessPrefix: string;
  refreshPrefix: string;
  /** For providers that give a second token when user scopes were asked for. */
  userPrefix?: string;
  /** Seconds; null for tokens that do not expire. */
  lifetime: (grant: Grant) => number | null;
  clientAuth: "body" | "body-or-basic";
  /** Whether this consent gives a refresh token. */
  offersRefresh: (asked: Asked) => boolean;
  /** What using a refresh token does to it: strict kills it, lenient gives a new one and keeps the old, never keeps it. */
  rotates: "strict" | "lenient" | "never";
  answer: (issued: Issued) => Response;
  refuse: (kind: OAuthRefusal, description: string) => Response;
  /** Says what is wrong with a call that is otherwise right; a code is spent by then. */
  wrong?: (client: Client, of: { code: Code } | { grant: Grant }, request: Request) => string | null;
  home?: (client: Client, code: Code) => Grant["home"];
};

/** Reads the authorize call. @returns a sentence saying what is wrong, for the provider's error page */
export function readAsked(registry: Registry, sent: Sent, offline: (params: Record<string, string>) => boolean) {
  const { params } = sent;
  const clientId = params.client_id ?? params.client_key ?? params.app_id ?? "";
  const client = registry.clients.find(clientId);
  if (!client) return { problem: `The client_id '${clientId}' is not registered.` };
  if (!isLoopback(params.redirect_uri ?? "")) {
    return { problem: "The redirect_uri is not registered for this application." };
  }
  if ((params.response_type ?? "code") !== "code") return { problem: "Only response_type=code is supported." };
  const asked: Asked = {
    clientId,
    redirectUri: params.redirect_uri ?? "",
    state: params.state ?? "",
    scopes: splitScopes(params.scope),
    userScopes: splitScopes(params.user_scope),
    challenge: params.code_challenge ?? "",
    challengeMethod: params.code_challenge_method ?? "",
    offline: offline(params),
    nonce: params.nonce ?? "",
    path: sent.url.pathname,
    context: params.context ?? "",
  };
  return { client, asked };
}

/** The token endpoint for codes and refresh tokens: client, code, redirect, PKCE, rotation with reuse detection. */
export async function exchangeToken(
  rules: TokenRules,
  registry: Registry,
  codes: Codes,
  request: Request,
  sent: Sent,
): Promise<Response> {
  const answer = exchange(rules, registry, codes, request, sent);
  const client = answer.ok ? authenticateClient(rules, registry, request, sent.params) : null;
  const lie = client && registry.tokenRules(client.providerKey)?.answer;
  return lie ? json({ ...((await answer.json()) as object), ...lie }) : answer;
}

function exchange(rules: TokenRules, registry: Registry, codes: Codes, request: Request, sent: Sent): Response {
  const { params } = sent;
  const client = authenticateClient(rules, registry, request, params);
  if (!client) return rules.refuse("invalid_client", "The client id or secret is incorrect.");
  const grantType = params.grant_type ?? (params.code ? "authorization_code" : "");
  if (grantType === "authorization_code") return exchangeCode(rules, registry, codes, client, request, params);
  if (grantType === "refresh_token") return exchangeRefresh(rules, registry, client, request, params);
  return rules.refuse("unsupported_grant_type", `The grant type '${grantType}' is not supported.`);
}

/** The client that sent this request, if its secret is right. */
export function authenticateClient(
  rules: Pick<TokenRules, "clientAuth">,
  registry: Registry,
  request: Request,
  params: Record<string, string>,
): Client | null {
  const basic = rules.clientAuth === "body" ? null : basicCredentials(request);
  // Stripe Apps send their secret as the user name and nothing else.
  if (basic && basic.password === "") return registry.clients.bySecret(basic.user);
  const clientId = params.client_id ?? params.client_key ?? params.app_id ?? basic?.user ?? "";
  const secret = params.client_secret ?? basic?.password ?? "";
  const client = clientId ? registry.clients.find(clientId) : registry.clients.bySecret(secret);
  return client && client.clientSecret === secret ? client : null;
}

function exchangeCode(
  rules: TokenRules,
  registry: Registry,
  codes: Codes,
  client: Client,
  request: Request,
  params: Record<string, string>,
): Response {
  const code = codes.take(params.code ?? "");
  if (!code || code.clientId !== client.clientId)
    return rules.refuse("invalid_grant", "The code is incorrect or expired.");
  if (params.redirect_uri && params.redirect_uri !== code.redirectUri) {
    return rules.refuse("invalid_grant", "The redirect_uri does not match the one that the code was issued for.");
  }
  if (!verifierMatches(code, params.code_verifier)) return rules.refuse("invalid_grant", "PKCE verification failed.");
  const wrong = rules.wrong?.(client, { code }, request);
  if (wrong) return rules.refuse("invalid_request", wrong);
  const grant = registry.addGrant({
    service: rules.service,
    providerKey: client.providerKey,
    clientId: client.clientId,
    account: code.account,
    scopes: code.scopes,
    home: rules.home?.(client, code),
  });
  const access = registry.issueAccess(grant, rules.accessPrefix, rules.lifetime(grant));
  const offersRefresh = registry.tokenRules(client.providerKey)?.refresh ?? rules.offersRefresh(code);
  const refresh = offersRefresh ? registry.issueRefresh(grant, rules.refreshPrefix).token : null;
  const user =
    rules.userPrefix && code.userScopes.length > 0 ? registry.issueAccess(grant, rules.userPrefix, null).token : null;
  return rules.answer({
    grant,
    access: access.token,
    expiresIn: access.expiresIn,
    refresh,
    userAccess: user,
    asked: code,
  });
}

function exchangeRefresh(
  rules: TokenRules,
  registry: Registry,
  client: Client,
  request: Request,
  params: Record<string, string>,
): Response {
  const found = registry.refreshToken(params.refresh_token ?? "");
  if (!found || found.grant.clientId !== client.clientId || found.grant.revoked || found.token.revoked) {
    return rules.refuse("invalid_grant", "The refresh token is invalid, expired or revoked.");
  }
  if (found.token.used) {
    // A rotated token that comes back was copied by somebody: the whole consent goes (RFC 9700, 4.14.2).
    registry.revokeGrant(found.grant);
    return rules.refuse("invalid_grant", "The refresh token was used already; the authorization was revoked.");
  }
  const wrong = rules.wrong?.(client, { grant: found.grant }, request);
  if (wrong) return rules.refuse("invalid_request", wrong);
  if (rules.rotates === "strict") registry.spendRefresh(found.token);
  const access = registry.issueAccess(found.grant, rules.accessPrefix, rules.lifetime(found.grant));
  const refresh = rules.rotates !== "never" ? registry.issueRefresh(found.grant, rules.refreshPrefix).token : null;
  return rules.answer({
    grant: found.grant,
    access: access.token,
    expiresIn: access.expiresIn,
    refresh,
    userAccess: null,
    asked: null,
  });
}

function verifierMatches(code: Asked, verifier: string | undefined): boolean {
  if (!code.challenge) return true;
  if (!verifier) return false;
  if (code.challengeMethod.toUpperCase() !== "S256") return verifier === code.challenge;
  return createHash("sha256").update(verifier).digest("base64url") === code.challenge;
}

/** Scopes come apart by spaces at most providers and by commas at the others. */
function splitScopes(text: string | undefined): string[] {
  return (text ?? "").split(/[\s,]+/).filter(Boolean);
}
