import { randomBytes } from "node:crypto";
import { recovered } from "../connections";
import type { Connection, Credentials, Integration } from "../model";
import type { Standin } from "../standin";
import { sendBroken, sendRecovered } from "../webhooks/bodies";
import { assumeRole, clientCredentials, isProlonged, prolong, providerOf, refreshOauth2, twoStep } from "./exchange";
import { keptValues } from "./token-answer";
import { verifyCredentials } from "./verify";

export interface FreshenProblem {
  status: 400 | 424;
  /** connection_refresh_backoff, connection_refresh_exhausted, or what went wrong at the provider. */
  type: string;
  message: string;
}

/** Days with failed refreshes after which a connection is exhausted. */
export const EXHAUSTED_AFTER_DAYS = 4;
const DAY_MS = 24 * 3_600_000;

/** What the app is told of a refresh that failed. The provider's own words stay in Nango's log. */
const REFRESH_FAILED = {
  type: "refresh_token_external_error",
  description: "The external API returned an error when trying to refresh the access token. Please try again later.",
};

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
  // Not saved by itself: reads are many, and nothing depends on it that a restart may not lose.
  connection.lastFetchedAt = new Date().toISOString();
  if (!force && connection.refreshExhausted) {
    return {
      status: 424,
      type: "connection_refresh_exhausted",
      message: "The refresh limit has been reached for this connection.",
    };
  }
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
  if (isProlonged(integration)) return force;
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
    mended(nango, integration, connection);
    return null;
  } catch {
    markBroken(nango, integration, connection, "refresh");
    return { status: 400, type: REFRESH_FAILED.type, message: REFRESH_FAILED.description };
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
      if (isProlonged(integration)) return prolong(nango, integration, credentials);
      return refreshOauth2(nango, integration, connectionConfig, credentials);
  }
}

/** Sets the broken flag, begins the cool-down and tells the app, once per failed attempt. */
export function markBroken(
  nango: Standin,
  integration: Integration,
  connection: Connection,
  operation: "refresh" | "override",
  error: { type: string; description: string } = REFRESH_FAILED,
): void {
  const now = Date.now();
  const failedAt = connection.lastRefreshFailure;
  // Counted once a day, so that a burst of failures exhausts nothing.
  const anotherDay = failedAt !== null && Math.floor(failedAt / DAY_MS) < Math.floor(now / DAY_MS);
  connection.refreshAttempts = (connection.refreshAttempts || 1) + (anotherDay ? 1 : 0);
  if (operation === "override") connection.refreshAttempts = EXHAUSTED_AFTER_DAYS;
  connection.refreshExhausted = connection.refreshAttempts >= EXHAUSTED_AFTER_DAYS;
  connection.lastRefreshFailure = now;
  connection.updatedAt = new Date(now).toISOString();
  connection.authError = { logId: randomBytes(10).toString("hex") };
  nango.store.saveConnection(connection);
  sendBroken(nango, integration, connection, operation, error);
}

/** Takes the broken flag back; only newer servers tell the app. */
export function mended(nango: Standin, integration: Integration, connection: Connection): void {
  const wasBroken = recovered(connection);
  nango.store.saveConnection(connection);
  if (wasBroken) sendRecovered(nango, integration, connection);
}

/**
 * What Nango's nightly job does: renews what is about to end, and tests keys and passwords where the catalogue has a
 * call for it. Reads over the API never test them.
 * @param staleDays only connections that were not read for so long; Nango's job takes those of one day
 */
export async function sweep(nango: Standin, staleDays: number): Promise<void> {
  const before = Date.now() - staleDays * DAY_MS;
  const isDue = ({ lastFetchedAt, refreshExhausted }: Connection) =>
    !refreshExhausted && (lastFetchedAt === null || Date.parse(lastFetchedAt) <= before);
  for (const connection of nango.store.connections.filter(isDue)) {
    const integration = nango.store.integration(connection.integrationKey);
    if (!integration) continue;
    if (!["API_KEY", "BASIC"].includes(connection.credentials.type)) {
      await freshen(nango, integration, connection, { force: false });
      continue;
    }
    connection.lastFetchedAt = new Date().toISOString();
    const problem = await verifyCredentials(nango, integration, connection);
    if (problem) {
      markBroken(nango, integration, connection, "refresh", { type: "connection_test_failed", description: problem });
    } else {
      mended(nango, integration, connection);
    }
  }
}
