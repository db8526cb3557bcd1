import { recovered } from "../connections";
import type { Connection, Integration } from "../model";
import type { Standin } from "../standin";
import { sendConnected } from "../webhooks/bodies";
import { exchangeCode, providerOf } from "./exchange";
import { at } from "./interpolate";
import { keptValues } from "./token-answer";

/**
 * Connections that exist at Nango before they can be used: an app's installation that somebody must still approve, or
 * that the provider announces by a webhook. They carry `pending: true` in their settings and no token.
 */

/** Turns a connection that was just made into a pending one; its credentials come with the approval. */
export function makePending(connection: Connection): void {
  connection.heldCredentials = connection.credentials;
  connection.credentials = { type: connection.credentials.type };
  connection.connectionConfig.pending = true;
}

/** Somebody approved: the connection gets its token, and the app hears of it as of a new one. */
export function approve(nango: Standin, integration: Integration, connection: Connection): void {
  if (connection.heldCredentials) connection.credentials = connection.heldCredentials;
  delete connection.heldCredentials;
  delete connection.connectionConfig.pending;
  connection.updatedAt = new Date().toISOString();
  recovered(connection);
  nango.store.saveConnection(connection);
  sendConnected(nango, integration, connection, "creation", connection.endUser);
}

/** A provider's webhook that says an app was installed: finishes the pending connection of whoever installed it. */
export async function installed(
  nango: Standin,
  integration: Integration,
  payload: unknown,
): Promise<Connection | null> {
  const codePath = providerOf(integration).authorization_code_param_in_webhook;
  const code = typeof codePath === "string" ? at(payload, codePath) : undefined;
  const actor = at(payload, "actor.id");
  if (typeof code !== "string" || actor === undefined) return null;
  const connection = nango.store.connections.find(
    (entry) =>
      entry.integrationKey === integration.uniqueKey &&
      entry.connectionConfig.pending === true &&
      String(entry.connectionConfig.actor) === String(actor),
  );
  if (!connection) return null;
  const wanted = providerOf(integration).webhook_response_metadata;
  const config = {
    ...connection.connectionConfig,
    ...keptValues(at(payload, "data"), Array.isArray(wanted) ? wanted.map(String) : undefined),
  };
  connection.heldCredentials = await exchangeCode(nango, integration, config, {
    code,
    redirectUri: `${nango.host}/oauth/callback`,
    codeVerifier: null,
  });
  connection.connectionConfig = config;
  approve(nango, integration, connection);
  return connection;
}
