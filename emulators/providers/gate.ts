import { createEmulator, type ServiceName as EmulateService } from "emulate";
import type { GateCall, GateDeps, GateService } from "./gate-service";
import { gateSignInPage } from "./gate-sign-in";
import { nextInternalToken } from "./internal-tokens";
import { Codes, exchangeToken } from "./oauth";
import { basicCredentials, bearerToken, isRecord, type Listening, listen, readSent } from "./wire";

/**
 * The gate before a service of `emulate`.
 * Threat: `emulate` takes unknown, revoked and expired tokens for its first user, so a test against it alone would
 * pass with broken token handling. Invariant: nothing reaches it unless the registry knows the token, and then as the
 * account that gave the consent. Guarded by tests/integration/providers-gate.test.ts.
 */

/** Starts `emulate`'s service and the gate before it. @param port of the gate; 0 takes a free one */
export async function startGate(service: GateService, deps: GateDeps, port = 0): Promise<Listening> {
  const emulator = await createEmulator({ service: service.name as EmulateService, port: 0, seed: service.seed });
  const internal = emulator.url.replace("localhost", "127.0.0.1");
  const codes = new Codes();
  let replacements: [string, string][] = [];
  let listening: Listening;
  try {
    const learned = await service.learn?.(async (path, token, method = "GET") => {
      const response = await fetch(internal + path, {
        method,
        headers: { authorization: `Bearer ${nextInternalToken(token)}` },
      });
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
    const page = await gateSignInPage(service, call, { codes, internal, ours });
    if (page) return page;
    const response =
      (await deps.faults.meet({ service: service.name, host: service.host, path: pathname, request })) ??
      (await api(call));
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

  async function api(call: GateCall): Promise<Response> {
    const { signIn } = service;
    if (signIn?.token.test(call.path) && (call.method === "POST" || call.sent.params.grant_type)) {
      const response = await exchangeToken(signIn.rules, deps.registry, codes, call.request, call.sent);
      const wantsJson = /json/.test(call.request.headers.get("accept") ?? "");
      return signIn.formUnlessJson && !wantsJson ? asForm(await response.json()) : response;
    }
    const open = await service.openRoute?.(call);
    if (open) return open;
    const token =
      bearerToken(call.request) ?? basicCredentials(call.request)?.user ?? call.sent.params.access_token ?? null;
    let headers: Record<string, string> = {};
    if (service.internalToken) {
      const verdict = deps.registry.check(token);
      if (!verdict.ok) return service.refuse(verdict.reason);
      if (verdict.grant.service !== service.name) return service.refuse("unknown");
      call.grant = verdict.grant;
      headers = {
        authorization: `Bearer ${nextInternalToken(service.internalToken(verdict.grant, verdict.token.token))}`,
      };
    } else {
      const own = call.request.headers.get("authorization");
      const user = own && Buffer.from(own.replace(/^Basic\s+/i, ""), "base64").toString("utf8");
      if (!own || !user || deps.registry.isRefusedKey(user.slice(user.indexOf(":") + 1)))
        return service.refuse("unknown");
      headers = { authorization: own };
    }
    const own = await service.route?.(call);
    if (own) return own;
    const response = await forward(call, headers);
    for (const [name, value] of Object.entries((call.grant && service.headers?.(call.grant)) ?? {})) {
      response.headers.set(name, value);
    }
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

  async function ask(
    call: GateCall,
    path: string,
    init: { method?: string; json?: unknown; form?: Record<string, string> } = {},
  ) {
    const token = call.grant && service.internalToken?.(call.grant, bearerToken(call.request) ?? "");
    const body =
      init.json !== undefined
        ? JSON.stringify(init.json)
        : init.form
          ? new URLSearchParams(init.form).toString()
          : null;
    const type = init.json !== undefined ? "application/json" : "application/x-www-form-urlencoded";
    return outward(
      await fetch(internal + back(path), {
        method: init.method ?? "GET",
        headers: {
          ...(token ? { authorization: `Bearer ${nextInternalToken(token)}` } : {}),
          ...(body ? { "content-type": type } : {}),
        },
        body,
      }),
    );
  }

  /** What leaves the gate names the gate's own origin, and the same ids at every start. */
  async function outward(response: Response): Promise<Response> {
    const headers = new Headers();
    for (const [name, value] of response.headers) {
      if (
        !["content-length", "content-encoding", "transfer-encoding", "connection", "keep-alive", "date"].includes(name)
      ) {
        headers.append(name, forth(value));
      }
    }
    const type = response.headers.get("content-type") ?? "";
    const body = /json|text|xml|urlencoded/.test(type) ? forth(await response.text()) : await response.arrayBuffer();
    const empty = response.status === 204 || response.status === 304;
    return new Response(empty ? null : body, { status: response.status, headers });
  }

  function ours(theirs: string | undefined): string | undefined {
    return replacements.find(([each]) => each === theirs)?.[1];
  }
  function forth(text: string): string {
    return replacements.reduce((whole, [theirs, ours]) => whole.replaceAll(theirs, ours), text);
  }
  function back(text: string): string {
    return replacements.reduce((whole, [theirs, ours]) => whole.replaceAll(ours, theirs), text);
  }
}

function asForm(body: unknown): Response {
  const fields = Object.entries(isRecord(body) ? body : {}).map(([name, value]) => [name, String(value)]);
  return new Response(new URLSearchParams(fields).toString(), {
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
  });
}

/** Tells `emulate`'s "no such route" from a service's own "no such thing". */
async function isMissingRoute(response: Response): Promise<boolean> {
  const text = await response.clone().text();
  return text.includes("https://emulate.dev/");
}
