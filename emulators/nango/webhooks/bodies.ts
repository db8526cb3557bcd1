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

/** Tells the app that a refresh or a credential test failed: once per attempt. */
export function sendRefreshFailed(
  nango: Standin,
  integration: Integration,
  connection: Connection,
  error: { type: string; description: string },
): void {
  if (!nango.webhooks.authWebhooks) return;
  nango.webhooks.send({
    body: {
      ...authBody(integration, connection.connectionId, "refresh"),
      success: false,
      tags: connection.tags,
      error,
    },
    integration: integration.uniqueKey,
    operation: "refresh",
    tags: connection.tags,
    urlOverride: connection.webhookUrlOverride,
  });
}
