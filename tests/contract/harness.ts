import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Nango } from "@nangohq/node";
import { type NangoOptions, startNango } from "@/emulators/nango/start";
import { startProvider } from "./provider-server";

/** A webhook as it arrived at the app. */
export interface Hook {
  at: number;
  raw: string;
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

/** What the tests look for in the API's answers. Which of it is there depends on the call. */
interface ApiBody {
  data: { token: string; expires_at: string; connect_link: string; webhook_signing_key: string };
  error: { code: string; message: string; errors: { path: string[] }[] };
  connectionId: string;
  isPending: boolean;
  connection_id: string;
  connection_config: Record<string, unknown>;
  connections: { connection_id: string; errors: unknown[]; tags: Record<string, string> }[];
  credentials: Record<string, unknown>;
  errors: unknown[];
  tags: Record<string, string>;
  metadata: Record<string, unknown>;
  login: string;
}

/** A connection as the control API's dump says it. */
interface Dumped {
  connection_id: string;
  broken: boolean;
  kind: string;
  scope: string | null;
  expires_at: string | null;
  credential_hash: string;
  refreshable: boolean;
}

/** What the tests look for in the control API's answers. */
interface ControlBody {
  key: string;
  count: number;
  environmentUuid: string;
  calls: { method: string; path: string; status: number; auth: string }[];
  deliveries: { number: number; outcome: string; body: string; attempts: unknown[] }[];
  connections: ({ connectionId: string; tags: Record<string, string> } & Dumped)[];
  integrations: unknown[];
  faults: { struck: number; spared: number }[];
  outcomes: Record<string, number>;
  connectionIds: string[];
  problem: { status: number; type: string } | null;
}

/** An app that receives webhooks and answers them as it is told. */
async function startReceiver() {
  const hooks: Hook[] = [];
  let answers: number[] = [];
  const server = createServer((request, response) => {
    let raw = "";
    request.on("data", (chunk) => {
      raw += chunk;
    });
    request.on("end", () => {
      let body: Record<string, unknown> = {};
      try {
        body = JSON.parse(raw);
      } catch {
        // Left empty: the raw text is there.
      }
      hooks.push({ at: Date.now(), raw, headers: { ...request.headers } as Record<string, string>, body });
      const status = answers.length > 1 ? (answers.shift() as number) : (answers[0] ?? 200);
      // 0 stands for a connection that breaks off.
      if (status === 0) request.destroy();
      // -1 stands for an app that never answers.
      else if (status > 0)
        response.writeHead(status, status >= 300 && status < 400 ? { location: "/elsewhere" } : {}).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    hooks,
    /** Statuses for the next deliveries; the last one stays. */
    answerWith(...statuses: number[]) {
      answers = statuses;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The stand-in with a provider behind it and an app before it, all on loopback, with waits cut short. */
export async function startStack(options: NangoOptions = {}) {
  const provider = await startProvider();
  const receiver = await startReceiver();
  const nango = await startNango({
    webhookUrl: receiver.url,
    upstream: provider.resolve,
    ...options,
    timing: { webhookRetries: [60, 120], proxyRetry: 20, ...options.timing },
  });
  const sdk = new Nango({ apiKey: nango.apiKey, webhookSigningKey: nango.webhookSigningKey, host: nango.host });

  /** Calls the API as an app does; gives status and body. */
  async function call(method: string, path: string, body?: unknown, key = nango.apiKey, headers = {}) {
    const response = await fetch(nango.host + path, {
      method,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    let json: unknown = null;
    try {
      json = text ? JSON.parse(text) : null;
    } catch {
      json = text;
    }
    return { status: response.status, headers: response.headers, text, body: json as ApiBody };
  }

  /** Calls the control API; gives the body. */
  async function control(method: string, path: string, body?: unknown) {
    const response = await fetch(nango.control + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as ControlBody;
  }

  async function integration(provider: string, uniqueKey = provider, more: Record<string, unknown> = {}) {
    const answer = await call("POST", "/integrations", { provider, unique_key: uniqueKey, ...more });
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  }
  /** An integration for OAuth, with an app's id and secret. */
  function oauthIntegration(provider: string, uniqueKey = provider, scopes = "read,write") {
    return integration(provider, uniqueKey, {
      credentials: { type: "OAUTH2", client_id: "app-id", client_secret: "app-secret", scopes },
    });
  }
  async function session(body: Record<string, unknown>): Promise<string> {
    return (await call("POST", "/connect/sessions", body)).body.data.token;
  }
  async function reconnectSession(body: Record<string, unknown>): Promise<string> {
    return (await call("POST", "/connect/sessions/reconnect", body)).body.data.token;
  }
  /** Connects with typed-in details, as the Connect UI does. */
  function connect(path: string, token: string, body: unknown, params: Record<string, string> = {}) {
    const query = new URLSearchParams({ connect_session_token: token });
    for (const [name, value] of Object.entries(params)) query.set(`params[${name}]`, value);
    return call("POST", `${path}?${query}`, body);
  }

  /** Opens the consent page as the popup does. Gives the page's address and its two ways back. */
  async function openConsent(key: string, token: string, params: Record<string, string> = {}, flow = "flow") {
    const query = new URLSearchParams({ connect_session_token: token, ws_client_id: flow });
    for (const [name, value] of Object.entries(params)) query.set(`params[${name}]`, value);
    const response = await fetch(`${nango.host}/oauth/connect/${key}?${query}`, { redirect: "manual" });
    const location = response.headers.get("location");
    if (!location) return { url: null, html: await response.text(), allow: "", deny: "" };
    const html = await (await fetch(location)).text();
    const [allow = "", deny = ""] = [...html.matchAll(/href="([^"]+)"/g)].map((match) => match[1] as string);
    return { url: new URL(location), html, allow, deny };
  }
  /** Connects through the consent page and gives the new connection's id. */
  async function consent(key: string, token: string, params: Record<string, string> = {}): Promise<string> {
    const { allow } = await openConsent(key, token, params);
    await fetch(allow);
    const outcome = await outcomeOf("flow");
    if (!outcome.success) throw new Error(JSON.stringify(outcome));
    return outcome.connectionId;
  }
  async function outcomeOf(flow: string) {
    return (await (await fetch(`${nango.connectUrl}/flows/${flow}`)).json()) as {
      success: boolean;
      connectionId: string;
      isPending?: boolean;
      errorType?: string;
      errorMessage?: string;
    };
  }

  /** Waits until `count` webhooks have arrived since the last call of `forget`, and a moment more for surplus ones. */
  async function webhooks(count: number, surplusMs = 40): Promise<Hook[]> {
    for (let i = 0; i < 200 && receiver.hooks.length < count; i++) await pause(10);
    await pause(surplusMs);
    return receiver.hooks;
  }

  return {
    nango,
    sdk,
    provider,
    receiver,
    call,
    control,
    integration,
    oauthIntegration,
    session,
    reconnectSession,
    connect,
    openConsent,
    consent,
    outcomeOf,
    webhooks,
    /** Forgets webhooks, provider calls and faults between tests. */
    async forget() {
      await control("POST", "/webhooks/settle");
      await control("DELETE", "/faults");
      await control("DELETE", "/webhooks");
      receiver.hooks.length = 0;
      receiver.answerWith(200);
      provider.requests.length = 0;
      provider.setLifetime(3600);
    },
    async close() {
      await nango.close();
      await receiver.close();
      await provider.close();
    },
  };
}

export type Stack = Awaited<ReturnType<typeof startStack>>;

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
