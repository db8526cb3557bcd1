import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { approve } from "../auth/pending";
import { markBroken, sweep } from "../auth/refresh";
import { recovered } from "../connections";
import type { Connection } from "../model";
import type { Standin } from "../standin";
import { faultSchema } from "./faults";

/**
 * The control API: what tests and demos do to the stand-in behind the app's back. No keys: it listens on loopback and
 * is none of Nango's.
 *
 *   GET    /state                        everything it remembers, but for session tokens
 *   GET    /connections                  every connection in full, credentials included
 *   POST   /connections/:id/expire       the access token ends now: the next read refreshes it
 *   POST   /connections/:id/kill         the provider will refuse it from now on; Nango does not notice
 *   POST   /connections/:id/break        Nango's broken flag, and the webhook of a failed refresh
 *   POST   /connections/:id/recover      takes the flag back; no webhook
 *   POST   /connections/:id/vanish       deleted at Nango by somebody else; no webhook
 *   POST   /connections/:id/approve      finishes a pending connection; the webhook of a creation
 *   POST   /connections/:id/config       merges the body into connection_config
 *   POST   /sweep                        the nightly job: refreshes and credential tests
 *   POST   /sessions/expire              ends every session, or those with {tag: {key, value}}
 *   GET    /faults · POST /faults · DELETE /faults · DELETE /faults/:id     see faults.ts
 *   GET    /calls?after&method&path      calls that reached the API: {count, calls} · DELETE /calls
 *   GET    /webhooks?after               deliveries: {count, deliveries} · DELETE /webhooks
 *   POST   /webhooks/:number/resend      the same bytes once more
 *   POST   /webhooks/send                {body}: any body, signed (what newer servers send, or a stranger)
 *   POST   /webhooks/settle              answers when no delivery is under way
 *   GET    /settings · PATCH /settings   {webhookUrl, authWebhooks, rateLimit, connectionLimit, pendingIntegrations}:
 *                                        consent for one of the latter makes a pending connection (isPending)
 *   POST   /keys                         {name, scopes}: an API key that may do only that · DELETE /keys/:key
 *   POST   /reset                        forgets all but the keys; {integrations: true} keeps the integrations
 */
export function createControl(nango: Standin): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    // Tests and scripts send no Origin. A page that somebody has open must not reach this, nor one that calls this
    // machine by another name.
    const local = /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(new URL(c.req.url).host);
    if (c.req.header("origin") || !local) return c.json({ error: "Not for browsers." }, 403);
    await next();
  });
  stateRoutes(app, nango);
  connectionRoutes(app, nango);
  recordRoutes(app, nango);
  settingRoutes(app, nango);
  app.onError((error, c) => {
    if (error instanceof z.ZodError) return c.json({ error: z.prettifyError(error) }, 400);
    return c.json({ error: error.message }, error instanceof SyntaxError ? 400 : 500);
  });
  app.notFound((c) => c.json({ error: "The control API has no such thing." }, 404));
  return app;
}

function stateRoutes(app: Hono, nango: Standin): void {
  const { store } = nango;
  app.get("/state", (c) =>
    c.json({
      environmentUuid: store.environmentUuid,
      integrations: store.integrations,
      connections: store.connections,
      sessions: store.sessions.map(({ token: _token, ...session }) => session),
      apiKeys: store.apiKeys.map(({ name, scopes }) => ({ name, scopes })),
    }),
  );
  app.get("/connections", (c) => c.json({ connections: store.connections }));
  app.post("/sweep", async (c) => {
    await sweep(nango, () => true);
    return c.json({ ok: true });
  });
  app.post("/sessions/expire", async (c) => {
    const { tag } = z
      .object({ tag: z.object({ key: z.string(), value: z.string() }).optional() })
      .parse(await optionalJson(c.req.raw));
    const ended = store.sessions.filter((session) => !tag || session.tags[tag.key] === tag.value);
    for (const session of [...ended]) store.removeSession(session.token);
    return c.json({ expired: ended.length });
  });
  app.post("/reset", async (c) => {
    const { integrations } = z
      .object({ integrations: z.boolean().default(false) })
      .parse(await optionalJson(c.req.raw));
    store.reset({ integrations });
    nango.faults.clear();
    nango.flows.clear();
    nango.calls.clear();
    nango.webhooks.clear();
    nango.webhooks.breaker.reset();
    return c.json({ ok: true });
  });
}

function connectionRoutes(app: Hono, nango: Standin): void {
  /** What each deed does to a connection. */
  const deeds: Record<string, (connection: Connection, body: Record<string, unknown>) => void> = {
    expire: (connection) => {
      connection.credentials.expires_at = new Date(Date.now() - 1000).toISOString();
    },
    kill: (connection) => {
      // Refused by any provider that looks, whatever kind of credential it is.
      for (const field of ["access_token", "refresh_token", "token", "apiKey", "password", "oauth_token"]) {
        if (connection.credentials[field]) connection.credentials[field] = `bad-${randomUUID()}`;
      }
    },
    break: (connection) => {
      const integration = nango.store.integration(connection.integrationKey);
      if (!integration) return;
      markBroken(nango, integration, connection, {
        type: "refresh_token_external_error",
        description: "The external API returned an error when trying to refresh the access token.",
      });
    },
    recover: recovered,
    approve: (connection) => {
      const integration = nango.store.integration(connection.integrationKey);
      if (integration) approve(nango, integration, connection);
    },
    vanish: (connection) => nango.store.removeConnection(connection),
    config: (connection, body) => Object.assign(connection.connectionConfig, body),
  };
  for (const [name, deed] of Object.entries(deeds)) {
    app.post(`/connections/:id/${name}`, async (c) => {
      const connection = nango.store.connections.find((entry) => entry.connectionId === c.req.param("id"));
      if (!connection) return c.json({ error: "There is no such connection." }, 404);
      deed(connection, (await optionalJson(c.req.raw)) as Record<string, unknown>);
      nango.store.changed();
      return c.json({ ok: true });
    });
  }
}

function recordRoutes(app: Hono, nango: Standin): void {
  const { faults, calls, webhooks } = nango;
  app.get("/faults", (c) => c.json({ faults: faults.list() }));
  app.post("/faults", async (c) => c.json(faults.add(faultSchema.parse(await c.req.json())), 201));
  app.delete("/faults", (c) => {
    faults.clear();
    return c.json({ ok: true });
  });
  app.delete("/faults/:id", (c) => c.json({ ok: faults.remove(Number(c.req.param("id"))) }));

  app.get("/calls", (c) => {
    const { after, method, path } = c.req.query();
    const found = calls.find({
      ...(after ? { after: Number(after) } : {}),
      ...(method ? { method } : {}),
      ...(path ? { path } : {}),
    });
    return c.json({ count: calls.count, calls: found });
  });
  app.delete("/calls", (c) => {
    calls.clear();
    return c.json({ ok: true });
  });

  app.get("/webhooks", (c) =>
    c.json({ count: webhooks.count, deliveries: webhooks.deliveries(Number(c.req.query("after") ?? 0)) }),
  );
  app.delete("/webhooks", (c) => {
    webhooks.clear();
    return c.json({ ok: true });
  });
  app.post("/webhooks/settle", async (c) => {
    await webhooks.settled();
    return c.json({ ok: true });
  });
  app.post("/webhooks/send", async (c) => {
    const { body } = z.object({ body: z.unknown() }).parse(await c.req.json());
    webhooks.send({ body, integration: "", operation: "ordered", tags: {} });
    return c.json({ ok: true });
  });
  app.post("/webhooks/:number/resend", (c) => {
    const delivery = webhooks.deliveries().find((entry) => entry.number === Number(c.req.param("number")));
    if (!delivery) return c.json({ error: "There is no such delivery." }, 404);
    const { body, integration, operation } = delivery;
    webhooks.send({ body: JSON.parse(body), integration, operation, tags: {} });
    return c.json({ ok: true });
  });
}

function settingRoutes(app: Hono, nango: Standin): void {
  const shown = () => ({
    webhookUrl: nango.webhooks.url,
    authWebhooks: nango.webhooks.authWebhooks,
    rateLimit: nango.rateLimit,
    connectionLimit: nango.connectionLimit,
    pendingIntegrations: [...nango.pendingIntegrations],
  });
  app.get("/settings", (c) => c.json(shown()));
  app.patch("/settings", async (c) => {
    const settings = z
      .object({
        webhookUrl: z.url().nullable(),
        authWebhooks: z.boolean(),
        rateLimit: z.number().int().min(0).nullable(),
        connectionLimit: z.number().int().min(0).nullable(),
        pendingIntegrations: z.array(z.string()),
      })
      .partial()
      .strict()
      .parse(await c.req.json());
    if (settings.webhookUrl !== undefined) nango.webhooks.url = settings.webhookUrl;
    if (settings.authWebhooks !== undefined) nango.webhooks.authWebhooks = settings.authWebhooks;
    if (settings.rateLimit !== undefined) nango.rateLimit = settings.rateLimit;
    if (settings.connectionLimit !== undefined) nango.connectionLimit = settings.connectionLimit;
    if (settings.pendingIntegrations) nango.pendingIntegrations = new Set(settings.pendingIntegrations);
    return c.json(shown());
  });
  app.post("/keys", async (c) => {
    const { name, scopes } = z
      .object({ name: z.string().default("scoped"), scopes: z.array(z.string()) })
      .parse(await c.req.json());
    const key = randomUUID();
    nango.store.addApiKey({ key, name, scopes });
    return c.json({ key }, 201);
  });
  app.delete("/keys/:key", (c) => c.json({ ok: nango.store.removeApiKey(c.req.param("key")) }));
}

async function optionalJson(request: Request): Promise<unknown> {
  const text = await request.text();
  return text === "" ? {} : JSON.parse(text);
}
