import { randomBytes } from "node:crypto";
import { brand } from "@/brand";
import { consentPage, errorPage } from "../pages";
import type { Registry } from "../registry";
import type { Account } from "../types";
import { isLoopback, redirectWith, type Sent } from "../wire";
import { fits, type ProviderEntry } from "./providers";

type Request1 = { clientId: string; callback: string; secret: string; account: Account | null; verifier: string };

/**
 * OAuth 1.0a with a request token, a consent page and an access token. The consumer key, the tokens and the verifier
 * are checked; signatures are not, because the stand-in is reached under another URL than the signed one.
 */
export class OAuth1 {
  private readonly requests = new Map<string, Request1>();

  constructor(
    private readonly registry: Registry,
    private readonly accounts: (providerKey: string) => Account[],
  ) {}

  /** @returns null when the path is none of the provider's three */
  answer(entry: ProviderEntry, host: string, request: Request, sent: Sent): Response | null {
    const { pathname } = sent.url;
    const path = pathname.slice(`/_host/${host}`.length);
    const params = { ...sent.params, ...oauthHeader(request) };
    if (fits(entry.requestUrl, host, path, true) !== null) return this.begin(params);
    if (fits(entry.authorizationUrl, host, path, true) !== null) {
      return request.method === "POST" ? this.decide(entry, params) : this.page(entry, pathname, params);
    }
    if (fits(entry.tokenUrl, host, path, true) !== null) return this.finish(entry, params);
    return null;
  }

  private begin(params: Record<string, string>): Response {
    const clientId = params.oauth_consumer_key ?? "";
    if (!this.registry.clients.find(clientId)) return new Response("invalid key", { status: 401 });
    if (!isLoopback(params.oauth_callback ?? "")) return new Response("invalid oauth_callback", { status: 400 });
    const token = randomBytes(16).toString("hex");
    const secret = randomBytes(16).toString("hex");
    this.requests.set(token, {
      clientId,
      callback: params.oauth_callback as string,
      secret,
      account: null,
      verifier: "",
    });
    return form({ oauth_token: token, oauth_token_secret: secret, oauth_callback_confirmed: "true" });
  }

  private page(entry: ProviderEntry, action: string, params: Record<string, string>): Response {
    const token = params.oauth_token ?? "";
    if (!this.requests.has(token))
      return errorPage("This request cannot go on", "The request token is unknown or was used.");
    return consentPage({
      provider: entry.title,
      application: brand.name,
      scopes: (params.scope ?? "").split(",").filter(Boolean),
      action,
      choices: this.accounts(entry.key).map(({ name, email, key }) => ({
        name,
        detail: email,
        account: key,
      })),
      fields: { oauth_token: token },
    });
  }

  private decide(entry: ProviderEntry, params: Record<string, string>): Response {
    const token = params.oauth_token ?? "";
    const asked = this.requests.get(token);
    if (!asked) return errorPage("This request cannot go on", "The request token is unknown or was used.");
    if (params.deny) {
      this.requests.delete(token);
      return redirectWith(asked.callback, { error: "access_denied", denied: token });
    }
    const account = this.accounts(entry.key).find(({ key }) => key === params.account);
    if (!account) return errorPage("No such account", "Choose one of the accounts on the page.");
    asked.account = account;
    asked.verifier = randomBytes(16).toString("hex");
    return redirectWith(asked.callback, { oauth_token: token, oauth_verifier: asked.verifier });
  }

  private finish(entry: ProviderEntry, params: Record<string, string>): Response {
    const token = params.oauth_token ?? "";
    const asked = this.requests.get(token);
    this.requests.delete(token);
    if (!asked?.account || asked.clientId !== params.oauth_consumer_key || asked.verifier !== params.oauth_verifier) {
      return new Response("token rejected", { status: 401 });
    }
    const grant = this.registry.addGrant({
      service: "generic",
      providerKey: entry.key,
      clientId: asked.clientId,
      account: asked.account,
      scopes: [],
    });
    const access = this.registry.issueWithSecret(grant, "oauth1_");
    return form({ oauth_token: access.token, oauth_token_secret: access.secret ?? "" });
  }
}

/** The parameters of `Authorization: OAuth key="value", …`. */
export function oauthHeader(request: Request): Record<string, string> {
  const header = request.headers.get("authorization") ?? "";
  if (!/^OAuth\s/i.test(header)) return {};
  return Object.fromEntries(
    [...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, decodeURIComponent(value ?? "")]),
  );
}

function form(fields: Record<string, string>): Response {
  return new Response(new URLSearchParams(fields).toString(), {
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
}
