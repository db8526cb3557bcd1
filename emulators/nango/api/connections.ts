import { randomUUID } from "node:crypto";
import { jsonBody, NangoFault, nestedQuery, parse } from "../answers";
import { providerOf } from "../auth/exchange";
import { freshen } from "../auth/refresh";
import { verifyCredentials } from "../auth/verify";
import { deleteConnection, endUserFrom, newConnection, recovered, refuseWhenFull, tagsFrom } from "../connections";
import { apiKeyGuard, hasScope } from "../guard";
import type { Connection, Credentials, Integration } from "../model";
import {
  connectionPatchSchema,
  connectionQuerySchema,
  connectionsQuerySchema,
  importSchema,
  metadataSchema,
  providerConfigKeyQuerySchema,
} from "../schemas";
import type { App, Standin } from "../standin";
import { connectionView, fullConnectionView, shownCredentials } from "../views";
import { sendConnected } from "../webhooks/bodies";

/** Connections. Both spellings of the path are served, as the real server does for older SDKs. */
export function connectionRoutes(app: App, nango: Standin): void {
  for (const base of ["/connections", "/connection"]) {
    metadataRoutes(app, nango, base);
    listRoute(app, nango, base);
    oneRoutes(app, nango, base);
  }
}

function listRoute(app: App, nango: Standin, base: string): void {
  app.get(base, apiKeyGuard(nango, "connections:list", "connections:list_credentials"), (c) => {
    const query = parse(connectionsQuerySchema, nestedQuery(c.req.url), "invalid_query_params");
    const integrations = query.integrationId?.split(",").map((key) => key.trim());
    const tags = Object.entries(query.tags ?? {});
    const search = query.search ? likePattern(query.search) : null;
    const { connectionId } = query;
    const candidates = connectionId ? nango.store.connectionsNamed(connectionId) : nango.store.connections;
    const found = candidates.filter(
      (connection) =>
        (!integrations || integrations.includes(connection.integrationKey)) &&
        // Only the person of the session counts here, never a tag of that name.
        (!query.endUserId || connection.endUser?.id === query.endUserId) &&
        (!query.endUserOrganizationId || connection.endUser?.organization?.id === query.endUserOrganizationId) &&
        tags.every(([key, value]) => connection.tags[key] === value) &&
        (!search || isFound(connection, search)),
    );
    const limit = query.limit ?? 10_000;
    const first = (query.page ?? 0) * limit;
    // Newest first, in pages.
    const page = found.reverse().slice(first, first + limit);
    return c.json({ connections: page.map(connectionView) });
  });
}

function oneRoutes(app: App, nango: Standin, base: string): void {
  app.get(
    `${base}/:connectionId`,
    apiKeyGuard(nango, "connections:read", "connections:read_credentials"),
    async (c) => {
      const query = parse(connectionQuerySchema, nestedQuery(c.req.url), "invalid_query_params");
      const mayRead = hasScope(c.get("apiKey"), "connections:read_credentials");
      if (!mayRead && (query.force_refresh || query.refresh_token || query.refresh_github_app_jwt_token)) {
        throw new NangoFault(403, "forbidden", "This needs the scope environment:connections:read_credentials.");
      }
      const { integration, connection } = find(nango, query.provider_config_key, c.req.param("connectionId") as string);
      // Without the scope nothing is refreshed or tested, so a broken connection reads as well as a good one.
      if (!mayRead) return c.json(fullConnectionView(connection, {}));
      const problem = await freshen(nango, integration, connection, { force: query.force_refresh });
      if (problem) {
        throw new NangoFault(problem.status, "invalid_credentials", problem.message, {
          payload: { connection: fullConnectionView(connection, {}) },
        });
      }
      return c.json(fullConnectionView(connection, shownCredentials(connection.credentials, query.refresh_token)));
    },
  );

  app.post(base, apiKeyGuard(nango, "connections:create"), async (c) => {
    const input = parse(importSchema, await jsonBody(c), "invalid_body");
    const integration = nango.store.integration(input.provider_config_key);
    if (!integration) throw new NangoFault(404, "not_found", "The integration does not exist.");
    refuseWhenFull(nango);
    const credentials = input.credentials as Credentials;
    await refuseUnfit(nango, integration, credentials, input.connection_config ?? {});
    const connectionId = input.connection_id ?? randomUUID();
    const made = {
      connectionId,
      credentials: credentials.type.startsWith("OAUTH") ? { ...credentials, raw: input.credentials } : credentials,
      connectionConfig: input.connection_config ?? {},
      metadata: input.metadata ?? {},
      tags: tagsFrom(input.end_user, undefined, input.tags),
      endUser: endUserFrom(input.end_user, undefined),
      webhookUrlOverride: input.webhook_url_override ?? null,
    };
    // One of that id is replaced, and stays the same connection.
    const existing = nango.store.connection(integration.uniqueKey, connectionId);
    const connection = existing
      ? Object.assign(existing, made, { endUser: made.endUser ?? existing.endUser })
      : newConnection(nango, integration, made);
    if (existing) {
      recovered(existing);
      touched(nango, existing);
    }
    // The person of an import is never named.
    sendConnected(nango, integration, connection, existing ? "override" : "creation", null);
    return c.json(fullConnectionView(connection, shownCredentials(connection.credentials, true)), 201);
  });

  app.patch(`${base}/:connectionId`, apiKeyGuard(nango, "connections:update"), async (c) => {
    const query = parse(providerConfigKeyQuerySchema, nestedQuery(c.req.url), "invalid_query_params");
    const input = parse(connectionPatchSchema, await jsonBody(c), "invalid_body");
    const { connection } = find(nango, query.provider_config_key, c.req.param("connectionId") as string);
    // The whole set is replaced, never merged, and a person given without tags replaces it, too.
    if (input.tags || input.end_user) connection.tags = tagsFrom(input.end_user, undefined, input.tags);
    if (input.end_user) connection.endUser = endUserFrom(input.end_user, undefined);
    if (input.webhook_url_override !== undefined) connection.webhookUrlOverride = input.webhook_url_override || null;
    touched(nango, connection);
    return c.json({ success: true });
  });

  app.delete(`${base}/:connectionId`, apiKeyGuard(nango, "connections:delete"), async (c) => {
    const query = parse(providerConfigKeyQuerySchema, nestedQuery(c.req.url), "invalid_query_params");
    const integration = nango.store.integration(query.provider_config_key);
    const connection = nango.store.connection(query.provider_config_key, c.req.param("connectionId") as string);
    if (!integration || !connection) throw new NangoFault(400, "unknown_connection");
    return c.json({ success: await deleteConnection(nango, integration, connection) });
  });
}

function metadataRoutes(app: App, nango: Standin, base: string): void {
  for (const method of ["POST", "PATCH"] as const) {
    app.on(method, `${base}/metadata`, apiKeyGuard(nango, "connections:update"), async (c) => {
      const input = parse(metadataSchema, await jsonBody(c), "invalid_body");
      const ids = [input.connection_id].flat();
      const connections = ids.map((id) => nango.store.connection(input.provider_config_key, id));
      if (connections.some((connection) => !connection)) {
        throw new NangoFault(404, "unknown_connection", "A connection of the list does not exist.");
      }
      for (const connection of connections as Connection[]) {
        connection.metadata = method === "POST" ? input.metadata : { ...connection.metadata, ...input.metadata };
        touched(nango, connection);
      }
      return c.json(input, method === "POST" ? 201 : 200);
    });
  }
}

/** Kinds that can be imported; the others must be connected by a person. */
const IMPORTED = ["OAUTH2", "OAUTH2_CC", "OAUTH1", "API_KEY", "BASIC", "NONE"];

async function refuseUnfit(
  nango: Standin,
  integration: Integration,
  credentials: Credentials,
  connectionConfig: Record<string, unknown>,
): Promise<void> {
  const mode = providerOf(integration).auth_mode;
  if (mode !== credentials.type) {
    throw new NangoFault(400, "invalid_body", `Provider ${mode} does not support ${credentials.type} auth`);
  }
  if (!IMPORTED.includes(mode)) throw new NangoFault(400, "invalid_body", `Unsupported auth type ${mode}`);
  if (mode !== "API_KEY" && mode !== "BASIC") return;
  const problem = await verifyCredentials(nango, integration, { credentials, connectionConfig });
  if (problem) throw new NangoFault(400, "connection_test_failed", problem);
}

function find(nango: Standin, key: string, connectionId: string): { integration: Integration; connection: Connection } {
  const integration = nango.store.integration(key);
  if (!integration) throw new NangoFault(400, "unknown_provider_config", "The integration does not exist.");
  const connection = nango.store.connection(key, connectionId);
  if (!connection) throw new NangoFault(404, "not_found", "There is no such connection.");
  return { integration, connection };
}

/** What SQL's `ILIKE '%search%'` matches: `%` and `_` in the words stand for anything, since nobody escapes them. */
function likePattern(search: string): RegExp {
  const literal = search.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(literal.replaceAll("%", ".*").replaceAll("_", "."), "is");
}

/** Neither tags nor the person's own id are searched. */
function isFound({ connectionId, endUser }: Connection, search: RegExp): boolean {
  return [connectionId, endUser?.email, endUser?.display_name].some((text) => text && search.test(text));
}

function touched(nango: Standin, connection: Connection): void {
  connection.updatedAt = new Date().toISOString();
  nango.store.saveConnection(connection);
}
