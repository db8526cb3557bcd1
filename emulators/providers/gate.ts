import { createEmulator, type ServiceName as EmulateService, type SeedConfig } from "emulate";
import type { Calls } from "./calls";
import type { Faults } from "./faults";
import { type Asked, Codes, exchangeToken, readAsked, type TokenRules } from "./oauth";
import { consentPage, errorPage } from "./pages";
import { borrowConsentPage } from "./borrowed-page";
import type { Registry } from "./registry";
import type { Account, Grant, Refusal } from "./types";
import { basicCredentials, bearerToken, type Listening, listen, readSent, redirectWith, type Sent } from "./wire";

/**
 * The gate before a service of `emulate`.
 * Threat: `emulate` takes unknown, revoked and expired tokens for its first user, so a test against it alone would
 * pass with broken token handling. Invariant: nothing reaches it unless the registry knows the token, and then as the
 * account that gave the consent. Guarded by tests/integration/providers-gate.test.ts.
 */

export type GateName = "google" | "github" | "slack" | "microsoft" | "linear" | "stripe" | "twilio";

/** A call that a gate is answering. */
export type GateCall = {
  request: Request;
  sent: Sent;
  method: string;
  path: string;
  registry: Registry;
  /** Whose token it came with; null on routes that need none. */
  grant: Grant | null;
  /** Asks `emulate` as the call's account. */
  upstream(path: string, init?: { method?: string; json?: unknown; form?: Record<string, string> }): Promise<Response>;
};

export type GateSignIn = {
  /** Where the person is sent. */
  authorize: RegExp;
  /** Where `emulate` shows its page and where that page's forms go; null for a service without one. */
  borrowed: { page: string; form: string; field: string } | null;
  offline(params: Record<string, string>): boolean;
  /** Refuses scopes that the service does not know. */
  wrongScope?(asked: Asked): string | null;
  /** Parameters of the redirect when the person says no. */
  denied: Record<string, string>;
  token: RegExp;
  rules: TokenRules;
};

export type GateService = {
  name: GateName;
  title: string;
  host: string;
  accounts: Account[];
  seed: SeedConfig;
  signIn: GateSignIn | null;
  /** How `emulate` knows the account behind a token. null passes the caller's own header on (Twilio). */
  internalToken: ((grant: Grant, token: string) => string) | null;
  refuse(reason: Refusal): Response;
  /** Routes that need no token of a person: revocation, discovery. */
  openRoute?(call: GateCall): Promise<Response | null>;
  /** Routes that `emulate` lacks, asked once the token was found good. */
  route?(call: GateCall): Promise<Response | null>;
  /** Changes a call before `emulate` sees it. */
  rewrite?(call: GateCall): Promise<{ method: string; path: string; body: BodyInit | null; type: string | null } | null>;
  /** Pairs of what `emulate` calls something this time and what it must be called at every start. */
  learn?(ask: (path: string, token: string) => Promise<unknown>): Promise<[string, string][]>;
};

export type GateDeps = {
  registry: Registry;
  calls: Calls;
  faults: Faults;
  /** Answers a path that neither the gate nor `emulate` has, for a good token: a connector's test call, perhaps. */
  otherwise(host: string, call: GateCall, grant: Grant): Promise<Response | null>;
};

/** Starts `emulate`'s service and the gate before it. @param port of the gate; 0 takes a free one */
export async function startGate(service: GateService, deps: GateDeps, port = 0): Promise<Listening> {
  const emulator = await createEmulator({ service: service.name as EmulateService, port: 0, seed: service.seed });
  const internal = emulator.url.replace("localhost", "127.0.0.1");
  const codes = new Codes();
  let replacements: [string, string][] = [];
  let listening: Listening;
  try {
    const learned = await service.learn?.(async (path, token) => {
      const response = await fetch(internal + path, { headers: { authorization: `Bearer ${token}` } });
      return response.json();
    });
    listening = await listen(answer, port);
    replacements = [[emulator.url, listening.origin], [internal, listening.origin], ...(learned ?? [])];
  } catch (error) {
    await emulator.close();
    throw error;
  }
  return {
    origin: listening.origin,
    close: async () => {
      await listening.close();
      await emulator.close();
    },
  };

  async function answer(request: Request): Promise<Response> {
    const sent = await readSent(request);
    const { pathname } = sent.url;
    if (pathname.startsWith("/_emulate/")) return fetch(internal + pathname);
    const call: GateCall = {
      request,
      sent,
      method: request.method,
      path: pathname,
      registry: deps.registry,
      grant: null,
      upstream: (path, init) => ask(call, path, init),
    };
    const page = await signInPage(call);
    if (page) return page;
    const response = (await deps.faults.meet({ service: service.name, host: service.host, path: pathname })) ?? (await api(call));
    deps.calls.add({
      service: service.name,
      host: service.host,
      method: call.method,
      path: pathname,
      status: response.status,
      account: call.grant?.account.key ?? null,
      grant: call.grant?.id ?? null,
    });
    return response;
  }

  /** The consent page and its answer; null for every other path. */
  async function signInPage({ sent, method, path }: GateCall): Promise<Response | null> {
    const { signIn } = service;
    if (!signIn) return null;
    const form = signIn.borrowed?.form ?? "/_consent";
    if (method === "GET" && signIn.authorize.test(path)) {
      const read = readAsked(deps.registry, sent, signIn.offline);
      if (read.problem !== undefined) return errorPage("This request cannot go on", read.problem);
      const wrong = signIn.wrongScope?.(read.asked);
      if (wrong) return errorPage("Invalid scope", wrong);
      const blob = Buffer.from(JSON.stringify(read.asked)).toString("base64url");
      if (signIn.borrowed) return borrowConsentPage({ service, internal, page: signIn.borrowed.page, form, asked: read.asked, blob });
      return consentPage({
        provider: service.title,
        application: "Patchbay",
        scopes: read.asked.scopes,
        action: form,
        choices: service.accounts.map(({ name, email, key }) => ({ name, detail: email, fields: { account: key, state: blob } })),
        deny: { deny: "1", state: blob },
      });
    }
    if (method !== "POST" || path !== form) return null;
    const asked = readBlob(sent.params.state);
    // The blob came back through the browser, so it is checked again.
    const read = asked && readAsked(deps.registry, { ...sent, params: { client_id: asked.clientId, redirect_uri: asked.redirectUri } }, () => false);
    if (!asked || !read || read.problem !== undefined) return errorPage("This request cannot go on", "It was changed on the way.");
    if (sent.params.deny) return redirectWith(asked.redirectUri, { ...signIn.denied, state: asked.state });
    const chosen = sent.params[signIn.borrowed?.field ?? "account"];
    const account = service.accounts.find(({ key, id }) => key === chosen || learnedId(chosen) === id);
    if (!account) return errorPage("No such account", "Choose one of the accounts on the page.");
    return redirectWith(asked.redirectUri, { code: codes.issue(asked, account), state: asked.state });
  }

  async function api(call: GateCall): Promise<Response> {
    const { signIn } = service;
    if (signIn?.token.test(call.path) && (call.method === "POST" || call.sent.params.grant_type)) {
      return exchangeToken(signIn.rules, deps.registry, codes, call.request, call.sent);
    }
    const open = await service.openRoute?.(call);
    if (open) return open;
    const token = bearerToken(call.request) ?? basicCredentials(call.request)?.user ?? call.sent.params.access_token ?? null;
    let headers: Record<string, string> = {};
    if (service.internalToken) {
      const verdict = deps.registry.check(token);
      if (!verdict.ok) return service.refuse(verdict.reason);
      if (verdict.grant.service !== service.name) return service.refuse("unknown");
      call.grant = verdict.grant;
      headers = { authorization: `Bearer ${service.internalToken(verdict.grant, verdict.token.token)}` };
    } else {
      const own = call.request.headers.get("authorization");
      const user = own && Buffer.from(own.replace(/^Basic\s+/i, ""), "base64").toString("utf8");
      if (!own || !user || deps.registry.isRefusedKey(user.slice(user.indexOf(":") + 1))) return service.refuse("unknown");
      headers = { authorization: own };
    }
    const own = await service.route?.(call);
    if (own) return own;
    const response = await forward(call, headers);
    if (response.status !== 404 || !call.grant || !(await isMissingRoute(response))) return response;
    return (await deps.otherwise(service.host, call, call.grant)) ?? response;
  }

  async function forward(call: GateCall, headers: Record<string, string>): Promise<Response> {
    const changed = await service.rewrite?.(call);
    const method = changed?.method ?? call.method;
    const path = back(changed?.path ?? call.path + call.sent.url.search);
    const type = changed ? changed.type : call.request.headers.get("content-type");
    const bodyless = method === "GET" || method === "HEAD";
    const body = bodyless ? null : (changed?.body ?? back(new TextDecoder("latin1").decode(call.sent.raw)));
    const accept = call.request.headers.get("accept");
    const response = await fetch(internal + path, {
      method,
      headers: { ...headers, ...(type ? { "content-type": type } : {}), ...(accept ? { accept } : {}) },
      body: typeof body === "string" && !changed ? Buffer.from(body, "latin1") : body,
      redirect: "manual",
    });
    return outward(response);
  }

  async function ask(call: GateCall, path: string, init: { method?: string; json?: unknown; form?: Record<string, string> } = {}) {
    const token = call.grant && service.internalToken?.(call.grant, bearerToken(call.request) ?? "");
    const body = init.json !== undefined ? JSON.stringify(init.json) : init.form ? new URLSearchParams(init.form).toString() : null;
    const type = init.json !== undefined ? "application/json" : "application/x-www-form-urlencoded";
    return outward(
      await fetch(internal + back(path), {
        method: init.method ?? "GET",
        headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...(body ? { "content-type": type } : {}) },
        body,
      }),
    );
  }

  /** What leaves the gate names the gate's own origin, and the same ids at every start. */
  async function outward(response: Response): Promise<Response> {
    const headers = new Headers();
    for (const [name, value] of response.headers) {
      if (!["content-length", "content-encoding", "transfer-encoding", "connection", "keep-alive", "date"].includes(name)) {
        headers.append(name, forth(value));
      }
    }
    const type = response.headers.get("content-type") ?? "";
    const body = /json|text|xml|urlencoded/.test(type) ? forth(await response.text()) : await response.arrayBuffer();
    const empty = response.status === 204 || response.status === 304;
    return new Response(empty ? null : body, { status: response.status, headers });
  }

  function forth(text: string): string {
    return replacements.reduce((whole, [theirs, ours]) => whole.replaceAll(theirs, ours), text);
  }
  function back(text: string): string {
    return replacements.reduce((whole, [theirs, ours]) => whole.replaceAll(ours, theirs), text);
  }
  function learnedId(theirs: string | undefined): string | undefined {
    return replacements.find(([each]) => each === theirs)?.[1];
  }
}

function readBlob(text: string | undefined): Asked | null {
  try {
    return JSON.parse(Buffer.from(text ?? "", "base64url").toString("utf8")) as Asked;
  } catch {
    return null;
  }
}

/** Tells `emulate`'s "no such route" from a service's own "no such thing". */
async function isMissingRoute(response: Response): Promise<boolean> {
  const text = await response.clone().text();
  return text.includes("https://emulate.dev/");
}
