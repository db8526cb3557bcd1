import { randomUUID } from "node:crypto";
import type { Hono } from "hono";
import { z } from "zod";
import { providerOf } from "../auth/exchange";
import { draftConnection } from "../connections";
import type { Connection, Credentials, Integration, Tags } from "../model";
import type { Standin } from "../standin";
import { sendConnected } from "../webhooks/bodies";

const bulkBody = z.strictObject({
  count: z.number().int().min(1).max(200_000),
  integrationKey: z.union([z.string(), z.array(z.string()).min(1)]),
  tags: z.record(z.string(), z.string()).default({}),
  connectionId: z.string().optional(),
  credentials: z.looseObject({ type: z.string() }).optional(),
  startAt: z.number().int().min(0).default(0),
  webhooks: z.boolean().default(false),
});

/** Many connections at once, for tests of load. */
export function bulkRoutes(app: Hono, nango: Standin): void {
  app.post("/connections/bulk", async (c) => {
    const order = bulkBody.parse(await c.req.json());
    const integrations = [order.integrationKey].flat().map((key) => ({ key, found: nango.store.integration(key) }));
    const missing = integrations.find(({ found }) => !found);
    if (missing) return c.json({ error: `There is no integration "${missing.key}".` }, 404);
    const made: Connection[] = [];
    const taken = new Set<string>();
    for (let at = 0; at < order.count; at++) {
      const n = order.startAt + at;
      const integration = integrations[at % integrations.length]?.found as Integration;
      const connectionId = order.connectionId ? numbered(order.connectionId, n) : randomUUID();
      const place = `${integration.uniqueKey}\n${connectionId}`;
      if (taken.has(place) || nango.store.connection(integration.uniqueKey, connectionId)) {
        return c.json({ error: `The connection id "${connectionId}" is taken.` }, 409);
      }
      taken.add(place);
      made.push(
        draftConnection(nango, integration, {
          connectionId,
          credentials: order.credentials ? numberedValues(order.credentials, n) : goodCredentials(integration, n),
          connectionConfig: {},
          tags: numberedValues(order.tags, n),
          endUser: null,
          webhookUrlOverride: null,
        }),
      );
    }
    nango.store.addConnections(made);
    if (order.webhooks) {
      for (const connection of made) {
        const integration = nango.store.integration(connection.integrationKey) as Integration;
        sendConnected(nango, integration, connection, "creation", null);
      }
    }
    return c.json({ count: made.length, connectionIds: made.map(({ connectionId }) => connectionId) }, 201);
  });

  app.post("/connections/vanish", async (c) => {
    const { connectionIds } = z.strictObject({ connectionIds: z.array(z.string()) }).parse(await c.req.json());
    const gone = connectionIds.flatMap((id) => nango.store.connectionsNamed(id));
    for (const connection of gone) nango.store.removeConnection(connection);
    return c.json({ vanished: gone.length });
  });
}

/** Puts the running number into a text: {n}, its remainder {n%7}, its quotient {n/7}. */
function numbered(text: string, n: number): string {
  return text.replace(/\{n(?:([%/])([1-9]\d*))?\}/g, (_, sign: string | undefined, by: string) => {
    if (!sign) return String(n);
    return String(sign === "%" ? n % Number(by) : Math.floor(n / Number(by)));
  });
}

function numberedValues<T extends Tags | Credentials>(values: T, n: number): T {
  const entries = Object.entries(values).map(([key, value]) => [
    key,
    typeof value === "string" ? numbered(value, n) : value,
  ]);
  return Object.fromEntries(entries) as T;
}

/** Credentials of an integration's kind, which no provider but a lenient one knows. */
function goodCredentials(integration: Integration, n: number): Credentials {
  const type = providerOf(integration).auth_mode;
  const secret = `standin-${n}-${randomUUID()}`;
  const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
  switch (type) {
    case "API_KEY":
      return { type, apiKey: secret };
    case "BASIC":
      return { type, username: `user-${n}`, password: secret };
    case "OAUTH1":
      return { type, oauth_token: secret, oauth_token_secret: secret };
    case "OAUTH2":
      return { type, access_token: secret, refresh_token: `${secret}-refresh`, expires_at: inAnHour, raw: {} };
    default:
      return { type, token: secret, expires_at: inAnHour, raw: {} };
  }
}
