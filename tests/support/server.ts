import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { seedOrganizations, seedPeople } from "@/emulators/clerk/seed";
import { startClerk } from "@/emulators/clerk/start";
import { registerIntegrations } from "@/emulators/nango/register-integrations";
import { startNango } from "@/emulators/nango/start";
import type { Providers } from "@/emulators/providers/start";
import { startSupabase } from "@/emulators/supabase/start";
import type { Manifest } from "@/lib/catalogue/manifest";
import { manifests } from "@/lib/catalogue/manifests";
import { registerConnectors } from "@/lib/catalogue/register";
import { closeSystemDb } from "@/lib/db/system";
import { resetEnv } from "@/lib/env";
import { runDueJobs } from "@/lib/jobs/worker";
import { forgetIntegrationKeys } from "@/lib/nango/integrations";
import { eventually } from "./eventually";
import { type SignedIn, signIn } from "./people";
import { startRelay } from "./relay";
import { settings } from "./settings";

/**
 * The server with everything it talks to, for tests that call route handlers as functions: real Postgres, the Clerk and
 * Nango stand-ins, and one small provider behind every connector. Nothing of ours is replaced.
 */

export const APP_URL = "http://localhost:3999";

type Handler = (request: Request, context?: { params: Promise<Record<string, string>> }) => Promise<Response>;

export type CallOptions = {
  as?: SignedIn;
  /** A key of the API, in place of a session. */
  key?: string;
  /** How the session travels. A browser sends the cookie, and the headers of a page of ours. */
  via?: "header" | "cookie";
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  params?: Record<string, string>;
};

/** A provider that knows every credential except those that begin with "bad", and answers as one account. */
async function startProvider() {
  const account = { id: "acc-1", name: "Acme workspace" };
  let status = 200;
  let fixed: unknown;
  const calls: string[] = [];
  const answer = (path: string) => {
    if (path.includes("auth.revoke")) return { ok: true, revoked: true };
    const { id, name } = account;
    // The names that the connectors of these tests read an account by.
    return {
      ok: true,
      id,
      name,
      sid: id,
      friendly_name: name,
      team_id: id,
      team: name,
      user_id: id,
      user: name,
      login: name,
    };
  };
  const server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url}`);
    const authorization = request.headers.authorization ?? String(request.headers["x-api-key"] ?? "");
    const refused = /\bbad/.test(authorization);
    response.writeHead(refused ? 401 : status, { "content-type": "application/json" });
    response.end(JSON.stringify(fixed ?? answer(request.url ?? "")));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    account,
    calls,
    /** From now on. @param body instead of the account */
    answerWith: (next: number, body?: unknown) => {
      status = next;
      fixed = body;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Hands Nango's deliveries to a handler, as Next would; loses them while it is told to. */
async function startDoor() {
  const state: {
    handler: Handler | null;
    /** For what Clerk sends. */
    clerk: Handler | null;
    received: { body: string; signature: string | null }[];
  } = { handler: null, clerk: null, received: [] };
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", async () => {
      const body = Buffer.concat(chunks);
      const headers = Object.fromEntries(
        Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
      );
      if (incoming.url === "/clerk") {
        const taken = await state.clerk?.(
          new Request(`${APP_URL}/api/webhooks/clerk`, { method: "POST", headers, body }),
        );
        return void outgoing.writeHead(taken?.status ?? 200).end();
      }
      state.received.push({ body: body.toString(), signature: headers["x-nango-hmac-sha256"] ?? null });
      // A lost delivery, as far as the app can tell; an error would trip the breaker and lose later ones, too.
      if (!state.handler) return void outgoing.writeHead(200).end();
      const answer = await state.handler(
        new Request(`${APP_URL}/api/webhooks/nango`, { method: "POST", headers, body }),
      );
      outgoing.writeHead(answer.status).end(await answer.text());
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    state,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export type Server = Awaited<ReturnType<typeof startServer>>;

/** Integrations that the operator of the tests has set up in Nango. */
const configured = ["github", "openai", "twilio", "slack", "sendgrid", "notion"];

/** The providers' stand-ins instead of the one small provider, and their applications. */
export type Behind = Pick<Providers, "resolve" | "oauthClient"> & { integrations: Manifest[] };

/**
 * Starts it all and points the environment at it.
 * @param overrides settings that differ
 */
export async function startServer(overrides: Record<string, string | undefined> = {}, behind?: Behind) {
  const stateDir = await mkdtemp(join(tmpdir(), "patchbay-server-"));
  const provider = await startProvider();
  const door = await startDoor();
  const clerk = await startClerk({
    people: seedPeople,
    organizations: seedOrganizations,
    appOrigin: APP_URL,
    webhookUrl: `${door.url}/clerk`,
  });
  const [supabase, nango] = await Promise.all([
    startSupabase({ stateDir, auth: { issuer: clerk.issuer, jwksUrl: clerk.jwksUrl } }),
    startNango({
      webhookUrl: `${door.url}/hook`,
      upstream: behind?.resolve ?? ((url) => `${provider.url}${new URL(url).pathname}`),
      timing: { webhookRetries: [50, 100] },
    }),
  ]);
  const wire = await startRelay(nango.host);
  const before = { ...process.env };
  Object.assign(
    process.env,
    settings({
      APP_URL,
      NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY: clerk.publishableKey,
      CLERK_SECRET_KEY: clerk.secretKey,
      CLERK_JWT_KEY: clerk.jwtKey,
      CLERK_API_URL: clerk.url,
      CLERK_WEBHOOK_SIGNING_SECRET: clerk.webhookSecret,
      SUPABASE_URL: supabase.url,
      SUPABASE_PUBLISHABLE_KEY: supabase.publishableKey,
      SUPABASE_SECRET_KEY: supabase.secretKey,
      DATABASE_URL: supabase.databaseUrl,
      NANGO_HOST: wire.url,
      NANGO_SECRET_KEY: nango.apiKey,
      NANGO_WEBHOOK_SIGNING_KEY: nango.webhookSigningKey,
      NANGO_CONNECT_URL: nango.connectUrl,
      CRON_SECRET: "cron-secret-of-the-tests",
      REDIRECT_URIS: "http://localhost:8080/connected,https://app.example.com/connected",
      ...overrides,
    }),
  );
  resetEnv();
  forgetIntegrationKeys();
  await registerIntegrations(
    nango,
    behind?.integrations ?? configured.flatMap((slug) => manifests.get(slug) ?? []),
    behind?.oauthClient ?? ((key) => ({ clientId: `client-${key}`, clientSecret: `secret-${key}` })),
  );
  await registerConnectors();
  const sql = postgres(supabase.databaseUrl, { max: 2, onnotice: () => {}, connection: { application_name: "test" } });

  async function call(handler: Handler, path: string, options: CallOptions = {}) {
    const { as, key, via = "header", body } = options;
    const token = key ?? (await as?.token());
    const method = options.method ?? (body === undefined ? "GET" : "POST");
    const headers: Record<string, string> = {
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(token && via === "header" && { authorization: `Bearer ${token}` }),
      ...(token &&
        via === "cookie" && {
          cookie: `__session=${token}; __client_uat=1`,
          origin: APP_URL,
          "sec-fetch-site": "same-origin",
        }),
      ...options.headers,
    };
    const request = new Request(`${APP_URL}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const response = await handler(request, { params: Promise.resolve(options.params ?? {}) });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parseJson(text) };
  }

  /** With a session cookie, and with exactly these headers otherwise; an empty one is left out. */
  async function callRaw(handler: Handler, path: string, options: CallOptions) {
    const token = await options.as?.token();
    const headers: Record<string, string> = { "content-type": "application/json", ...options.headers };
    for (const [name, value] of Object.entries(headers)) if (value === "") delete headers[name];
    if (token) headers.cookie = `__session=${token}; __client_uat=1`;
    const { method = "GET", body } = options;
    const request = new Request(`${APP_URL}${path}`, {
      method,
      headers,
      // Bytes, since a text would bring a content type of its own.
      ...(method !== "GET" && body !== undefined && { body: Buffer.from(JSON.stringify(body)) }),
    });
    const response = await handler(request, { params: Promise.resolve(options.params ?? {}) });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parseJson(text) };
  }

  return {
    callRaw,
    clerk,
    supabase,
    nango,
    provider,
    door: door.state,
    wire,
    sql,
    call,
    signIn: (email: string, slug: string | null) => signIn(clerk, APP_URL, email, slug),
    signInFrom: (origin: string, email: string, slug: string | null) => signIn(clerk, origin, email, slug),
    /** Until none is due, however long that takes on a busy machine. */
    runJobs: () => runDueJobs(600_000),
    /** Finishes Connect UI's part with an API key or a password, and returns Nango's connection id. */
    complete: (session: { sessionToken: string }, integrationKey: string, credentials: Record<string, string>) =>
      completeAtNango(nango.host, session.sessionToken, integrationKey, credentials),
    close: async () => {
      // A worker's connections take a moment to go; cutting them off would be an error in this process.
      await eventually(async () => {
        const left = await sql`
          select 1 from pg_stat_activity where query like '%graphile_worker%'
            and application_name not in ('test', 'patchbay') and backend_type = 'client backend'`;
        return left.length === 0;
      }, "workers have left the database").catch(() => {});
      await sql.end({ timeout: 2 });
      await closeSystemDb();
      await wire.close();
      await nango.close();
      await door.close();
      await provider.close();
      await supabase.close();
      await clerk.close();
      await rm(stateDir, { recursive: true, force: true });
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      Object.assign(process.env, before);
      resetEnv();
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into by the tests themselves
function parseJson(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function completeAtNango(
  host: string,
  token: string,
  integrationKey: string,
  credentials: Record<string, string>,
): Promise<string> {
  const kind = "apiKey" in credentials ? "api-key" : "basic";
  const response = await fetch(`${host}/api-auth/${kind}/${integrationKey}?connect_session_token=${token}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(credentials),
  });
  const answer = (await response.json()) as { connectionId?: string };
  if (!answer.connectionId) throw new Error(`Nango refused the credentials: ${JSON.stringify(answer)}`);
  return answer.connectionId;
}
