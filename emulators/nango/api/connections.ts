import { randomUUID } from "node:crypto";
import { jsonBody, NangoFault, nestedQuery, parse } from "../answers";
import { freshen } from "../auth/refresh";
import { revokeUpstream } from "../auth/revoke";
import { endUserFrom, newConnection } from "../connections";
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
    const search = query.search?.toLowerCase();
    const found = nango.store.connections.filter(
      (connection) =>
        (!query.connectionId || connection.connectionId === query.connectionId) &&
        (!integrations || integrations.includes(connection.integrationKey)) &&
        // Only the person of the session counts here, never a tag of that name.
        (!query.endUserId || connection.endUser?.id === query.endUserId) &&
        (!query.endUserOrganizationId || connection.endUser?.organization?.id === query.endUserOrganizationId) &&
        tags.every(([key, value]) => connection.tags[key] === value) &&
        (!search || searchable(connection).includes(search)),
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
    if (!integration) throw new NangoFault(400, "unknown_provider_config", "The integration does not exist.");
    const connectionId = input.connection_id ?? randomUUID();
    const existing = nango.store.connection(integration.uniqueKey, connectionId);
    if (existing) nango.store.removeConnection(existing);
    const connection = newConnection(nango, integration, {
      connectionId,
      credentials: input.credentials as Credentials,
      connectionConfig: input.connection_config ?? {},
      metadata: input.metadata ?? {},
      tags: input.tags ?? {},
      endUser: endUserFrom(input.end_user, undefined),
      webhookUrlOverride: input.webhook_url_override ?? null,
    });
    sendConnected(nango, integration, connection, existing ? "override" : "creation", connection.endUser);
    return c.json(fullConnectionView(connection, shownCredentials(connection.credentials, true)), 201);
  });

  app.patch(`${base}/:connectionId`, apiKeyGuard(nango, "connections:update"), async (c) => {
    const query = parse(providerConfigKeyQuerySchema, nestedQuery(c.req.url), "invalid_query_params");
    const input = parse(connectionPatchSchema, await jsonBody(c), "invalid_body");
    const { connection } = find(nango, query.provider_config_key, c.req.param("connectionId") as string);
    // The whole set is replaced, never merged.
    if (input.tags) connection.tags = input.tags;
    if (input.end_user) connection.endUser = endUserFrom(input.end_user, undefined);
    if (input.webhook_url_override !== undefined) connection.webhookUrlOverride = input.webhook_url_override;
    touched(nango, connection);
    return c.json({ success: true });
  });

  app.delete(`${base}/:connectionId`, apiKeyGuard(nango, "connections:delete"), async (c) => {
    const query = parse(providerConfigKeyQuerySchema, nestedQuery(c.req.url), "invalid_query_params");
    const integration = nango.store.integration(query.provider_config_key);
    if (!integration) throw new NangoFault(400, "unknown_provider_config", "The integration does not exist.");
    const connection = nango.store.connection(integration.uniqueKey, c.req.param("connectionId") as string);
    if (!connection) throw new NangoFault(400, "unknown_connection");
    // No webhook tells of a deletion.
    nango.store.removeConnection(connection);
    await revokeUpstream(nango, integration, connection);
    return c.json({ success: true });
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

function find(nango: Standin, key: string, connectionId: string): { integration: Integration; connection: Connection } {
  const integration = nango.store.integration(key);
  if (!integration) throw new NangoFault(400, "unknown_provider_config", "The integration does not exist.");
  const connection = nango.store.connection(key, connectionId);
  if (!connection) throw new NangoFault(404, "not_found", "There is no such connection.");
  return { integration, connection };
}

function searchable(connection: Connection): string {
  const { connectionId, endUser } = connection;
  return [connectionId, endUser?.id, endUser?.email, endUser?.display_name].join("\n").toLowerCase();
}

function touched(nango: Standin, connection: Connection): void {
  connection.updatedAt = new Date().toISOString();
  nango.store.changed();
}
