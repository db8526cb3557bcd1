import { provider } from "../catalogue";
import type { Connection, EndUser, Integration, Tags } from "../model";
import type { Standin } from "../standin";

/** The environment's name; apps must not read anything into it. */
const ENVIRONMENT = "dev";

function webhookEndUser(endUser: EndUser): Record<string, unknown> {
  return {
    endUserId: endUser.id,
    endUserEmail: endUser.email,
    organizationId: endUser.organization?.id,
    tags: endUser.tags ?? {},
  };
}

function authBody(integration: Integration, connectionId: string, operation: string): Record<string, unknown> {
  return {
    from: "nango",
    type: "auth",
    connectionId,
    providerConfigKey: integration.uniqueKey,
    authMode: provider(integration.provider)?.auth_mode ?? "unknown",
    provider: integration.provider,
    environment: ENVIRONMENT,
    operation,
  };
}

/**
 * Tells the app that a connection was made or renewed.
 * @param endUser the person of this very session: a reconnect that passed none is told without one
 */
export function sendConnected(
  nango: Standin,
  integration: Integration,
  connection: Connection,
  operation: "creation" | "override",
  endUser: EndUser | null,
): void {
  // The switch for auth webhooks covers creations only.
  if (operation === "creation" && !nango.webhooks.authWebhooks) return;
  nango.webhooks.send({
    body: {
      ...authBody(integration, connection.connectionId, operation),
      success: true,
      tags: connection.tags,
      endUser: endUser ? webhookEndUser(endUser) : undefined,
    },
    integration: integration.uniqueKey,
    operation,
    tags: connection.tags,
    urlOverride: connection.webhookUrlOverride,
  });
}

/**
 * Tells the app that somebody tried and failed. It always says creation, even for a reconnect, and then names a
 * connection that exists and still works.
 */
export function sendConnectFailed(
  nango: Standin,
  integration: Integration,
  attempt: { connectionId: string; tags: Tags; urlOverride: string | null },
  error: { type: string; description: string },
): void {
  if (!nango.webhooks.authWebhooks) return;
  nango.webhooks.send({
    body: { ...authBody(integration, attempt.connectionId, "creation"), success: false, error },
    integration: integration.uniqueKey,
    operation: "creation",
    tags: attempt.tags,
    urlOverride: attempt.urlOverride,
  });
}

/**
 * Tells the app that a refresh or a credential test failed, once per attempt; or that a reconnect was refused by the
 * customer's own check, which is an override that failed.
 */
export function sendBroken(
  nango: Standin,
  integration: Integration,
  connection: Connection,
  operation: "refresh" | "override",
  error: { type: string; description: string },
): void {
  if (operation === "refresh" && !nango.webhooks.authWebhooks) return;
  send(nango, integration, connection, operation, { success: false, error });
}

/** Tells the app that a broken connection works again, as newer servers do. */
export function sendRecovered(nango: Standin, integration: Integration, connection: Connection): void {
  if (nango.webhooks.recoveryWebhooks) send(nango, integration, connection, "refresh", { success: true });
}

/** Tells the app that a connection was deleted, as newer servers do when asked to. */
export function sendDeleted(nango: Standin, integration: Integration, connection: Connection): void {
  if (nango.webhooks.deletionWebhooks) send(nango, integration, connection, "deletion", { success: true });
}

/** These never name the person, only the tags. */
function send(
  nango: Standin,
  integration: Integration,
  connection: Connection,
  operation: string,
  more: Record<string, unknown>,
): void {
  nango.webhooks.send({
    body: { ...authBody(integration, connection.connectionId, operation), tags: connection.tags, ...more },
    integration: integration.uniqueKey,
    operation,
    tags: connection.tags,
    urlOverride: connection.webhookUrlOverride,
  });
}
