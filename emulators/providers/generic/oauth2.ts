import { brand } from "@/brand";
import { accountOfKey, genericAccounts } from "../accounts";
import {
  type Asked,
  authenticateClient,
  Codes,
  exchangeToken,
  type Issued,
  readAsked,
  type TokenRules,
} from "../oauth";
import { consentPage, errorPage, grantedScopes } from "../pages";
import type { Registry } from "../registry";
import type { Account, Grant } from "../types";
import { basicCredentials, bearerToken, json, redirectWith, type Sent } from "../wire";
import { homeOf, hostIn, isAuthenticatedAsWanted, isDirect, saysNoEnd, wrongPage, wrongTokenCall } from "./dialects";
import { isMeta, metaCodeAnswer, metaCodeRefusal, prolongDirect, SHORT_LIFE } from "./meta";
import { type ProviderEntry, providerEntries } from "./providers";
import { setPath } from "./shape";
import { isBad } from "./two-step";

/** Providers whose tokens live for ever or for long, and that give no refresh token; all others: an hour, and rotation. */
const LASTING: Record<string, number | null> = {
  notion: null,
  clickup: null,
  monday: null,
  todoist: null,
  shopify: null,
  intercom: null,
  linkedin: 5_184_000,
  facebook: 5_184_000,
  instagram: 5_184_000,
  threads: 5_184_000,
};

const rules: TokenRules = {
  service: "generic",
  accessPrefix: "at_",
  refreshPrefix: "rt_",
  lifetime: ({ providerKey }) => (providerKey && providerKey in LASTING ? (LASTING[providerKey] ?? null) : 3600),
  clientAuth: "body-or-basic",
  offersRefresh: ({ clientId }) => !Object.keys(LASTING).some((key) => clientId.endsWith(`-${key}`)),
  rotates: "strict",
  answer,
  refuse: (kind, description) =>
    json({ error: kind, error_description: description }, kind === "invalid_client" ? 401 : 400),
};

/** OAuth 2 for every provider without an emulator of its own: consent page, codes, refresh, client credentials, revoke. */
export class OAuth2 {
  private readonly codes = new Codes();

  constructor(private readonly registry: Registry) {}

  /** The consent page and its answer; null when the call is neither. */
  page(request: Request, sent: Sent): Response | null {
    const { params } = sent;
    if (request.method === "POST" && params.standin_request) return this.decide(sent);
    const asks = Boolean(
      params.redirect_uri &&
        (params.client_id ?? params.client_key ?? params.application_id) &&
        !params.code &&
        !params.grant_type,
    );
    if (request.method !== "GET" || !asks) return null;
    const read = readAsked(this.registry, sent, () => true);
    if (read.problem !== undefined) return errorPage("This request cannot go on", read.problem);
    const wrong = wrongPage(read.asked.clientId, this.entry(read.client.providerKey), sent);
    if (wrong) return errorPage("This request cannot go on", wrong);
    const blob = Buffer.from(JSON.stringify(read.asked)).toString("base64url");
    return consentPage({
      provider: this.title(read.client.providerKey),
      application: brand.name,
      scopes: read.asked.scopes,
      action: sent.url.pathname,
      optional: true,
      choices: this.accounts(read.client.providerKey).map(({ name, email, key }) => ({
        name,
        detail: email,
        account: key,
      })),
      fields: { standin_request: blob },
    });
  }

  /** The token endpoint; null when the call asks for no token. */
  token(request: Request, sent: Sent): Promise<Response> | Response | null {
    const { params } = sent;
    const grantType = params.grant_type ?? "";
    if (grantType === "client_credentials") return this.clientCredentials(request, sent);
    if (/^(fb_exchange_token|ig_refresh_token|th_refresh_token|ig_exchange_token|th_exchange_token)$/.test(grantType))
      return this.prolong(request, sent);
    if (!grantType && !(params.code && (params.client_id ?? params.client_key))) return null;
    return exchangeToken(this.rulesFor(request, sent), this.registry, this.codes, request, sent);
  }

  /** The rules of the provider that the calling application is of, where it has its own. */
  private rulesFor(request: Request, sent: Sent): TokenRules {
    const client = authenticateClient(rules, this.registry, request, sent.params);
    const { clientId = "", providerKey = null } = client ?? {};
    if (!client || !isDirect(clientId)) return rules;
    const entry = this.entry(providerKey);
    const own: TokenRules = {
      ...rules,
      offersRefresh: ofDirect(rules.offersRefresh, providerKey, sent.params),
      lifetime: (grant) => directLifetime(grant.providerKey, sent.params) ?? rules.lifetime(grant),
      wrong: (_, of) =>
        isAuthenticatedAsWanted(clientId, providerKey, request)
          ? wrongTokenCall(clientId, entry, sent, "code" in of ? of.code : null, "grant" in of ? of.grant : null)
          : "The client must authenticate in another way.",
      home: (_, code) => homeOf(clientId, providerKey, code),
      answer: (issued) => answer(saysNoEnd(clientId, providerKey) ? { ...issued, expiresIn: null } : issued),
    };
    if (providerKey === null || !isMeta(providerKey)) return own;
    return {
      ...own,
      lifetime: () => SHORT_LIFE,
      offersRefresh: () => false,
      answer: ({ access, grant, expiresIn }) => metaCodeAnswer(providerKey, access, grant, expiresIn),
      refuse: (kind, description) => metaCodeRefusal(providerKey, kind, description),
    };
  }

  /** Whether the caller authenticates as a client that was made for a code flow. */
  isClient(request: Request, sent: Sent): boolean {
    return authenticateClient(rules, this.registry, request, sent.params) !== null;
  }

  /** Ends the consent that a token belongs to, wherever the call names the token. */
  revoke(request: Request, sent: Sent, path: string): Response {
    const named = sent.params.token ?? sent.params.access_token ?? bearerToken(request);
    const grant = this.registry.grantOf(named ?? decodeURIComponent(path.split("/").at(-1) ?? ""));
    if (grant) this.registry.revokeGrant(grant);
    // RFC 7009: an unknown token counts as revoked.
    return request.method === "DELETE" ? new Response(null, { status: 204 }) : json({});
  }

  private decide(sent: Sent): Response {
    const asked = readBlob(sent.params.standin_request as string);
    const read =
      asked &&
      readAsked(
        this.registry,
        { ...sent, params: { client_id: asked.clientId, redirect_uri: asked.redirectUri } },
        () => true,
      );
    if (!asked || !read || read.problem !== undefined)
      return errorPage("This request cannot go on", "It was changed on the way.");
    const scopes = grantedScopes(asked.scopes, sent.params);
    if (sent.params.deny || (asked.scopes.length > 0 && scopes.length === 0)) {
      return redirectWith(asked.redirectUri, {
        error: "access_denied",
        error_description: "The user denied the request.",
        state: asked.state,
      });
    }
    const account = this.accounts(read.client.providerKey).find(({ key }) => key === sent.params.account);
    if (!account) return errorPage("No such account", "Choose one of the accounts on the page.");
    const entry = this.entry(read.client.providerKey);
    const extra = Object.fromEntries(
      (entry?.redirectMetadata ?? []).map((path) => [path, metadata(path, account, entry)]),
    );
    const home = entry && homeOf(asked.clientId, entry.key, { ...asked, account });
    if (home?.token && "accounts-server" in extra) extra["accounts-server"] = `https://${home.token}`;
    return redirectWith(asked.redirectUri, {
      ...extra,
      [entry?.codeParameter ?? "code"]: this.codes.issue({ ...asked, scopes }, account),
      state: asked.state,
    });
  }

  /** Credentials that the person typed: any client but one that begins with "bad". */
  private clientCredentials(request: Request, { params }: Sent): Response {
    const basic = basicCredentials(request);
    const id = params.client_id ?? basic?.user ?? "";
    const secret = params.client_secret ?? basic?.password ?? "";
    if (!id || !secret || isBad(id) || isBad(secret) || this.registry.isRefusedKey(secret)) {
      return rules.refuse("invalid_client", "The client id or secret is incorrect.");
    }
    const grant = this.registry.addGrant({
      service: "generic",
      providerKey: this.registry.clients.find(id)?.providerKey ?? null,
      clientId: id,
      account: accountOfKey("client-credentials", id),
      scopes: (params.scope ?? "").split(/\s+/).filter(Boolean),
    });
    const access = this.registry.issueAccess(grant, rules.accessPrefix, 3600);
    return answer({
      grant,
      access: access.token,
      expiresIn: access.expiresIn,
      refresh: null,
      userAccess: null,
      asked: null,
    });
  }

  /** Meta's way: a living token is exchanged for one that lives longer. */
  private prolong(request: Request, sent: Sent): Response {
    const { params, url } = sent;
    const verdict = this.registry.check(params.access_token ?? params.fb_exchange_token ?? "");
    if (!verdict.ok || isDirect(verdict.grant.clientId)) {
      const path = `/${url.pathname.split("/").slice(3).join("/")}`;
      return prolongDirect(request, sent, hostIn(url.pathname), path, this.registry);
    }
    const access = this.registry.issueAccess(verdict.grant, rules.accessPrefix, 5_184_000);
    return answer({
      grant: verdict.grant,
      access: access.token,
      expiresIn: access.expiresIn,
      refresh: null,
      userAccess: null,
      asked: null,
    });
  }

  private entry(providerKey: string | null): ProviderEntry | undefined {
    return providerKey ? providerEntries().get(providerKey) : undefined;
  }
  private title(providerKey: string | null): string {
    return this.entry(providerKey)?.title ?? providerKey ?? "the provider";
  }
  private accounts(providerKey: string | null): Account[] {
    return genericAccounts(providerKey ?? "unknown");
  }
}

function answer({ grant, access, expiresIn, refresh }: Issued): Response {
  const entry = grant.providerKey ? providerEntries().get(grant.providerKey) : undefined;
  let body: unknown = {
    access_token: access,
    token_type: "Bearer",
    ...(expiresIn === null ? {} : { expires_in: expiresIn }),
    ...(refresh ? { refresh_token: refresh } : {}),
    ...(grant.scopes.length > 0 ? { scope: grant.scopes.join(" ") } : {}),
  };
  for (const path of entry?.tokenMetadata ?? [])
    body = setPath(body, path, homeValue(path, grant) ?? metadata(path, grant.account, entry));
  return json(body);
}

/** Seconds that a token lives where that hangs on what was asked for; undefined: as always. */
function directLifetime(providerKey: string | null, params: Record<string, string>): number | undefined {
  // Shopify's are for ever, unless the application asks for those that are renewed.
  return providerKey === "shopify" && (params.expiring === "1" || params.grant_type === "refresh_token")
    ? 3600
    : undefined;
}

/** As always, but for Shopify, whose tokens are only renewed where that was asked for. */
function ofDirect(
  otherwise: TokenRules["offersRefresh"],
  providerKey: string | null,
  { expiring }: Record<string, string>,
): TokenRules["offersRefresh"] {
  return providerKey === "shopify" ? () => expiring === "1" : otherwise;
}

/** Where an account is at home, as the answer to a direct sign-in says it. */
function homeValue(path: string, { home }: Grant): string | undefined {
  if (!home?.api) return undefined;
  if (path === "host") return home.api;
  return path === "instance_url" || path === "api_domain" ? `https://${home.api}` : undefined;
}

/** Values that Nango copies from a sign-in into URLs and connection settings. */
function metadata(path: string, account: Account, entry: ProviderEntry | undefined): string {
  const key = entry?.key ?? "";
  const known: Record<string, string> = {
    instance_url: "https://acme.my.salesforce.com",
    api_domain: key.startsWith("zoho") ? "https://www.zohoapis.com" : "https://acme.pipedrive.com",
    "accounts-server": "https://accounts.zoho.com",
    host: "www.wrike.com",
    owner: `https://api.calendly.com/users/${account.id}`,
  };
  return known[path] ?? account.id;
}

function readBlob(text: string): Asked | null {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString("utf8")) as Asked;
  } catch {
    return null;
  }
}
