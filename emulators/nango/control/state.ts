import { createHash } from "node:crypto";
import type { Hono } from "hono";
import { z } from "zod";
import { sweep } from "../auth/refresh";
import type { Connection } from "../model";
import type { Standin } from "../standin";
import { optionalJson } from "./optional-json";

/** What the stand-in remembers as a whole. */
export function stateRoutes(app: Hono, nango: Standin): void {
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
  app.get("/dump", (c) =>
    c.json({
      connections: store.connections.map(dumped),
      sessions: store.sessions.length,
      integrations: store.integrations.map(({ uniqueKey }) => uniqueKey),
    }),
  );
  app.post("/sweep", async (c) => {
    const { staleDays } = z
      .strictObject({ staleDays: z.number().min(0).default(0) })
      .parse(await optionalJson(c.req.raw));
    await sweep(nango, staleDays);
    return c.json({ ok: true });
  });
  app.post("/sessions/expire", async (c) => {
    const { tag } = z
      .strictObject({ tag: z.strictObject({ key: z.string(), value: z.string() }).optional() })
      .parse(await optionalJson(c.req.raw));
    const ended = store.sessions.filter((session) => !tag || session.tags[tag.key] === tag.value);
    for (const session of ended) store.removeSession(session.token);
    return c.json({ expired: ended.length });
  });
  app.post("/reset", async (c) => {
    const { integrations } = z
      .strictObject({ integrations: z.boolean().default(false) })
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

/** A connection in words of its own: a mistake in the API's views must not hide in the comparison with them. */
function dumped(connection: Connection): Record<string, unknown> {
  const { credentials, authError, lastRefreshFailure } = connection;
  const credential = Object.entries(credentials).filter(([name]) => name !== "raw" && name !== "expires_at");
  return {
    id: connection.id,
    connection_id: connection.connectionId,
    integration: connection.integrationKey,
    provider: connection.provider,
    tags: connection.tags,
    end_user_id: connection.endUser?.id ?? null,
    metadata: connection.metadata,
    connection_config: connection.connectionConfig,
    broken: authError !== null,
    errors: authError ? [{ type: "auth", log_id: authError.logId }] : [],
    kind: credentials.type,
    expires_at: credentials.expires_at ?? null,
    refreshable:
      Boolean(credentials.refresh_token) || !["OAUTH2", "API_KEY", "BASIC", "OAUTH1"].includes(credentials.type),
    scope: typeof credentials.raw?.scope === "string" ? credentials.raw.scope : null,
    credential_hash: createHash("sha256").update(JSON.stringify(credential)).digest("hex"),
    pending: connection.connectionConfig.pending === true,
    refresh_failed_at: lastRefreshFailure === null ? null : new Date(lastRefreshFailure).toISOString(),
    refresh_attempts: connection.refreshAttempts,
    refresh_exhausted: connection.refreshExhausted === true,
    created_at: connection.createdAt,
    updated_at: connection.updatedAt,
  };
}
