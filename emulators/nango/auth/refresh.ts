import { randomBytes } from "node:crypto";
import { recovered } from "../connections";
import type { Connection, Credentials, Integration } from "../model";
import type { Standin } from "../standin";
import { sendRefreshFailed } from "../webhooks/bodies";
import { assumeRole, clientCredentials, providerOf, refreshOauth2, twoStep } from "./exchange";
import { keptValues } from "./token-answer";
import { verifyCredentials } from "./verify";

export interface FreshenProblem {
  status: 400 | 424;
  /** connection_refresh_backoff, or what went wrong at the provider. */
  type: string;
  message: string;
}

/** Refreshes under way, so that calls that come together make one. */
const underWay = new WeakMap<Connection, Promise<FreshenProblem | null>>();

/**
 * Renews a connection's tokens when they are about to end, or at once when forced. Kinds that have nothing to renew
 * (keys, OAuth 1, OAuth 2 without a refresh token) pass, however dead they are.
 *
 * @returns null when the credentials can be used, otherwise why they can't
 */
export async function freshen(
  nango: Standin,
  integration: Integration,
  connection: Connection,
  { force }: { force: boolean },
): Promise<FreshenProblem | null> {
  connection.lastFetchedAt = new Date().toISOString();
  nango.store.changed();
  const failedAt = connection.lastRefreshFailure;
  if (!force && failedAt !== null && Date.now() - failedAt < nango.timing.refreshCooldown) {
    return {
      status: 424,
      type: "connection_refresh_backoff",
      message: "A recent refresh attempt failed. Backing off before retrying.",
    };
  }
  if (!wantsRefresh(nango, integration, connection, force)) return null;
  const running = underWay.get(connection);
  if (running) return running;
  const refresh = renew(nango, integration, connection).finally(() => underWay.delete(connection));
  underWay.set(connection, refresh);
  return refresh;
}

function wantsRefresh(nango: Standin, integration: Integration, { credentials }: Connection, force: boolean): boolean {
  if (!["OAUTH2", "OAUTH2_CC", "TWO_STEP", "AWS_SIGV4"].includes(credentials.type)) return false;
  if (!force) {
    if (!credentials.expires_at) return false;
    const buffer = providerOf(integration).token_expiration_buffer;
    const margin = buffer ? buffer * 1000 : nango.timing.refreshMargin;
    if (Date.parse(credentials.expires_at) - Date.now() > margin) return false;
  }
  return credentials.type !== "OAUTH2" || Boolean(credentials.refresh_token);
}

async function renew(nango: Standin, integration: Integration, connection: Connection): Promise<FreshenProblem | null> {
  try {
    const fault = nango.faults.take("refresh", { integrations: [integration.uniqueKey], tags: connection.tags });
    if (fault) throw new Error("The refresh was made to fail.");
    const credentials = await newCredentials(nango, integration, connection);
    connection.credentials = credentials;
    Object.assign(
      connection.connectionConfig,
      keptValues(credentials.raw, providerOf(integration).token_response_metadata),
    );
    connection.updatedAt = new Date().toISOString();
    recovered(connection);
    nango.store.changed();
    return null;
  } catch (error) {
    const description = `The external API returned an error when trying to refresh the access token. ${
      error instanceof Error ? error.message : ""
    }`.trim();
    markBroken(nango, integration, connection, { type: "refresh_token_external_error", description });
    return { status: 400, type: "refresh_token_external_error", message: description };
  }
}

function newCredentials(nango: Standin, integration: Integration, connection: Connection): Promise<Credentials> {
  const { credentials, connectionConfig } = connection;
  switch (credentials.type) {
    case "OAUTH2_CC":
      return clientCredentials(nango, integration, connectionConfig, credentials);
    case "TWO_STEP":
      return twoStep(nango, integration, connectionConfig, credentials);
    case "AWS_SIGV4":
      return Promise.resolve(assumeRole(integration, credentials));
    default:
      return refreshOauth2(nango, integration, connectionConfig, credentials);
  }
}

/** Sets the broken flag and tells the app, once per failed attempt. */
export function markBroken(
  nango: Standin,
  integration: Integration,
  connection: Connection,
  error: { type: string; description: string },
): void {
  connection.lastRefreshFailure = Date.now();
  connection.refreshAttempts += 1;
  connection.authError = { logId: randomBytes(10).toString("hex") };
  nango.store.changed();
  sendRefreshFailed(nango, integration, connection, error);
}

/**
 * What Nango's nightly job does: renews what is about to end, and tests keys and passwords where the catalogue has a
 * call for it. Reads over the API never test them.
 */
export async function sweep(nango: Standin, which: (connection: Connection) => boolean): Promise<void> {
  for (const connection of nango.store.connections.filter(which)) {
    const integration = nango.store.integration(connection.integrationKey);
    if (!integration) continue;
    if (!["API_KEY", "BASIC"].includes(connection.credentials.type)) {
      await freshen(nango, integration, connection, { force: false });
      continue;
    }
    const problem = await verifyCredentials(nango, integration, connection);
    if (problem) {
      markBroken(nango, integration, connection, { type: "connection_test_failed", description: problem });
    } else {
      recovered(connection);
      nango.store.changed();
    }
  }
}
