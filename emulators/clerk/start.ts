import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { backendRoutes } from "./backend";
import { bundleRoutes } from "./bundles";
import { controlRoutes, type FaultSwitch, failAsTold } from "./control";
import { applySeed, membershipsOf } from "./directory";
import type { Standin } from "./exchange";
import { ClerkError } from "./faults";
import { clientRoutes } from "./frontend-client";
import { meRoutes } from "./frontend-me";
import { organizationRoutes } from "./frontend-organizations";
import { signInRoutes } from "./frontend-sign-in";
import { ISSUER, loadKeys, PUBLISHABLE_KEY } from "./keys";
import { type OAuthOptions, oauthRoutes } from "./oauth";
import type { SeedOrganization, SeedPerson } from "./seed";
import { dropLeftovers, type News, openStore, type Store } from "./store";
import { membershipView, userView } from "./views";
import { ClerkWebhooks } from "./webhooks";

export type ClerkOptions = {
  /** Folder of the state; none keeps it in memory. */
  stateDir?: string;
  /** 0 or none takes a free one. */
  port?: number;
  people: SeedPerson[];
  organizations: SeedOrganization[];
  /** Origin of the app, the `azp` of tokens for callers that do not say theirs. */
  appOrigin: string;
  /** Where webhooks go; none are sent without it. */
  webhookUrl?: string;
  /** Shown in the sign-in window. */
  applicationName?: string;
  /** Lets it issue tokens to OAuth clients, in this issuer's name. Without it, as for the app's own stack, it does not. */
  oauth?: OAuthOptions;
};

export type RunningClerk = {
  /** Both APIs: the app's CLERK_FAPI_URL and CLERK_API_URL. */
  url: string;
  publishableKey: string;
  secretKey: string;
  webhookSecret: string;
  /** What was told to the app. */
  webhooks: ClerkWebhooks;
  /** Public key (PEM) that verifies session tokens. */
  jwtKey: string;
  issuer: string;
  /** JWKS that needs no key, for Supabase's gateway. */
  jwksUrl: string;
  people: {
    email: string;
    password: string;
    userId: string;
    organizations: { id: string; slug: string; role: "admin" | "member" }[];
  }[];
  close(): Promise<void>;
};

/** Paths that only the Backend API has; the others are told apart by their Authorization header. */
const BACKEND_ONLY = /^\/v1\/(jwks|users|sessions|sign_in_tokens|testing_tokens)(\/|$)/;

/**
 * Starts a stand-in for Clerk on 127.0.0.1: the Frontend API that clerk-js and the components speak, the Backend API
 * of `clerkClient()`, the browser bundles, and `/_control` for tests. Accounts are real in miniature: passwords are
 * hashed, sessions end, tokens live a minute; nothing leaves the machine.
 * @throws when the port is taken
 */
export async function startClerk(options: ClerkOptions): Promise<RunningClerk> {
  const store = openStore(options.stateDir);
  dropLeftovers(store);
  await applySeed(store, options);
  store.flush();
  const keys = loadKeys(store.state.keys);
  const webhooks = new ClerkWebhooks(options.webhookUrl, keys.webhookSecret);
  store.tell = (type, about) => webhooks.send(type, newsView(store, about));
  const standin: Standin = {
    store,
    keys,
    webhooks,
    appOrigin: options.appOrigin,
    applicationName: options.applicationName ?? "Patchbay",
  };
  const app = assemble(standin, options.oauth);

  const server = createAdaptorServer({ fetch: (request) => app.fetch(withRealMethod(request)) });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  let closing: Promise<void> | null = null;
  return {
    url,
    publishableKey: PUBLISHABLE_KEY,
    secretKey: keys.secretKey,
    webhookSecret: keys.webhookSecret,
    webhooks,
    jwtKey: keys.publicKeyPem,
    issuer: ISSUER,
    jwksUrl: `${url}/.well-known/jwks.json`,
    people: options.people.map((person) => ({
      email: person.email,
      password: person.password,
      userId: person.id,
      organizations: membershipsOf(store, person.id).map(({ organizationId, role }) => ({
        id: organizationId,
        slug: store.state.organizations[organizationId]?.slug ?? "",
        role: role === "org:admin" ? "admin" : "member",
      })),
    })),
    close() {
      webhooks.close();
      closing ??= new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }).then(store.flush);
      return closing;
    },
  };
}

function newsView(store: Store, news: News): object {
  if ("person" in news) return userView(store, news.person);
  if ("membership" in news) return membershipView(store, news.membership);
  return { object: news.deleted, id: news.id, deleted: true };
}

function assemble(standin: Standin, oauth: OAuthOptions | undefined): Hono {
  const faults: FaultSwitch = { current: null };
  const backend = new Hono().basePath("/v1").route("/", backendRoutes(standin));
  const app = new Hono();

  for (const part of [app, backend]) {
    part.onError((error, c) => {
      if (error instanceof ClerkError) return c.json(error.body(), error.status);
      console.error("Clerk stand-in:", error);
      return c.json(new ClerkError(500, "internal_clerk_error", "Oops, an unexpected error occurred").body(), 500);
    });
    part.notFound((c) => {
      const message = `The Clerk stand-in has no ${c.req.method} ${c.req.path}`;
      return c.json(new ClerkError(404, "resource_not_found", message).body(), 404);
    });
  }

  // Pages of other sites reach a loopback port by a host name of theirs; they are not served.
  app.use("*", async (c, next) => {
    const host = new URL(c.req.url).hostname;
    if (!["127.0.0.1", "localhost", "[::1]"].includes(host)) throw new ClerkError(400, "host_invalid", "Invalid host");
    await next();
  });
  app.route("/_control", controlRoutes(standin, faults));
  app.route("/", bundleRoutes());
  if (oauth) app.route("/", oauthRoutes(standin, oauth));

  app.use("*", async (c, next) => {
    const isBackend = BACKEND_ONLY.test(c.req.path) || c.req.header("authorization")?.startsWith("Bearer ");
    const failure = await failAsTold(c, faults, isBackend ? "backend" : "frontend");
    if (failure) return failure;
    if (isBackend) return backend.fetch(c.req.raw);
    refuseForeignCallers(c, standin);
    c.header("cache-control", "no-store");
    await next();
  });
  app.get("/.well-known/jwks.json", (c) => c.json(standin.keys.jwks));
  for (const routes of [clientRoutes, signInRoutes, meRoutes, organizationRoutes]) app.route("/v1", routes(standin));
  return app;
}

/**
 * Another port of this machine is the same site for cookies, so its pages could post forms here in a person's name.
 * Through the app's proxy only the app's own pages may, and only the app that holds the secret key is a proxy.
 */
function refuseForeignCallers(c: Context, { keys }: Standin): void {
  const proxyUrl = c.req.header("clerk-proxy-url");
  if (!proxyUrl) return;
  if (c.req.header("clerk-secret-key") !== keys.secretKey) {
    throw new ClerkError(403, "clerk_key_invalid", "The proxy's CLERK_SECRET_KEY is not the one of this Clerk.");
  }
  const origin = c.req.header("origin");
  if (c.req.method === "GET" || !origin || (URL.canParse(proxyUrl) && new URL(proxyUrl).origin === origin)) return;
  throw new ClerkError(403, "origin_invalid", "Invalid origin", "Only the app's own pages may do this.");
}

/** clerk-js sends PATCH, PUT and DELETE as POST with `?_method=`. */
function withRealMethod(request: Request): Request {
  const method = request.method === "POST" && new URL(request.url).searchParams.get("_method");
  if (!method || !["PATCH", "PUT", "DELETE"].includes(method)) return request;
  const init: RequestInit & { duplex: "half" } = {
    method,
    headers: request.headers,
    body: request.body,
    duplex: "half",
  };
  return new Request(request.url, init);
}
