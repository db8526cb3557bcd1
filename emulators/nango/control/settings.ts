import { randomUUID } from "node:crypto";
import type { Hono } from "hono";
import { z } from "zod";
import type { Standin } from "../standin";

const ms = z.number().int().min(0);
const settingsBody = z
  .strictObject({
    webhookUrl: z.url().nullable(),
    authWebhooks: z.boolean(),
    deletionWebhooks: z.boolean(),
    recoveryWebhooks: z.boolean(),
    rateLimit: z.number().int().min(0).nullable(),
    connectionLimit: z.number().int().min(0).nullable(),
    pendingIntegrations: z.array(z.string()),
    timing: z
      .strictObject({
        sessionTtl: ms,
        stateTtl: ms,
        refreshCooldown: ms,
        refreshMargin: ms,
        webhookRetries: z.array(ms),
        webhookTimeout: ms,
        breaker: z.strictObject({ failures: z.number().int().min(1), window: ms, open: ms }).partial(),
        proxyRetry: ms,
        proxyTimeout: ms,
      })
      .partial(),
  })
  .partial();
const keyBody = z.strictObject({
  name: z.string().default("scoped"),
  scopes: z.array(z.string()).nullable(),
  key: z.uuid().optional(),
});
const scopesBody = z.strictObject({ scopes: z.array(z.string()).nullable() });

/** How the stand-in behaves, and what its API keys may do. */
export function settingRoutes(app: Hono, nango: Standin): void {
  const { webhooks, timing, store } = nango;
  const shown = () => ({
    webhookUrl: webhooks.url,
    authWebhooks: webhooks.authWebhooks,
    deletionWebhooks: webhooks.deletionWebhooks,
    recoveryWebhooks: webhooks.recoveryWebhooks,
    rateLimit: nango.rateLimit,
    connectionLimit: nango.connectionLimit,
    pendingIntegrations: [...nango.pendingIntegrations],
    timing,
  });
  app.get("/settings", (c) => c.json(shown()));
  app.patch("/settings", async (c) => {
    const settings = settingsBody.parse(await c.req.json());
    if (settings.webhookUrl !== undefined) webhooks.url = settings.webhookUrl;
    webhooks.authWebhooks = settings.authWebhooks ?? webhooks.authWebhooks;
    webhooks.deletionWebhooks = settings.deletionWebhooks ?? webhooks.deletionWebhooks;
    webhooks.recoveryWebhooks = settings.recoveryWebhooks ?? webhooks.recoveryWebhooks;
    if (settings.rateLimit !== undefined) nango.rateLimit = settings.rateLimit;
    if (settings.connectionLimit !== undefined) nango.connectionLimit = settings.connectionLimit;
    if (settings.pendingIntegrations) nango.pendingIntegrations = new Set(settings.pendingIntegrations);
    // In place, since the parts hold on to these objects.
    const { breaker, ...times } = settings.timing ?? {};
    Object.assign(timing, times);
    Object.assign(timing.breaker, breaker);
    if (breaker) webhooks.breaker.reset();
    return c.json(shown());
  });

  app.post("/keys", async (c) => {
    const { name, scopes, key = randomUUID() } = keyBody.parse(await c.req.json());
    store.addApiKey({ key, name, scopes });
    return c.json({ key }, 201);
  });
  app.patch("/keys/:key", async (c) => {
    const { scopes } = scopesBody.parse(await c.req.json());
    const wanted = c.req.param("key") === "default" ? store.apiKey : c.req.param("key");
    if (!store.apiKeys.some(({ key }) => key === wanted)) return c.json({ error: "There is no such key." }, 404);
    store.setApiKeys(store.apiKeys.map((entry) => (entry.key === wanted ? { ...entry, scopes } : entry)));
    return c.json({ ok: true });
  });
  app.delete("/keys/:key", (c) => c.json({ ok: store.removeApiKey(c.req.param("key")) }));
}
