import { randomUUID } from "node:crypto";
import { NangoFault } from "./answers";
import { revokeUpstream } from "./auth/revoke";
import type { Connection, Credentials, EndUser, Integration, Session, Tags } from "./model";
import type { EndUserInput, OrganizationInput } from "./schemas";
import type { Standin } from "./standin";
import { sendConnected, sendDeleted } from "./webhooks/bodies";

/** Turns what a caller gave as end_user and organization into the person of a session. */
export function endUserFrom(
  input: EndUserInput | undefined,
  organization: OrganizationInput | undefined,
): EndUser | null {
  if (!input) return null;
  return {
    id: input.id,
    email: input.email ?? null,
    display_name: input.display_name ?? null,
    tags: input.tags ?? null,
    organization: organization ? { id: organization.id, display_name: organization.display_name ?? null } : null,
  };
}

/** The tags that an end user and organisation stand for. Tags given beside them win. */
export function tagsFrom(
  input: EndUserInput | undefined,
  organization: OrganizationInput | undefined,
  tags: Tags | undefined,
): Tags {
  const derived: Record<string, string | undefined> = {
    end_user_id: input?.id,
    end_user_email: input?.email,
    end_user_display_name: input?.display_name,
    organization_id: organization?.id,
    organization_display_name: organization?.display_name,
  };
  const present = Object.entries(derived).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return { ...Object.fromEntries(present), ...input?.tags, ...tags };
}

/** Refuses further connections where the plan has an end. */
export function refuseWhenFull(nango: Standin): void {
  if (nango.connectionLimit !== null && nango.store.connectionCount >= nango.connectionLimit) {
    throw new NangoFault(400, "resource_capped", "The plan allows no further connections.");
  }
}

/** The connection that a reconnect session renews, or null for a session that creates one. */
export function renewedConnection(nango: Standin, session: Session): Connection | null {
  if (session.reconnects === null) return null;
  const connection = nango.store.connectionByNumber(session.reconnects);
  if (!connection) throw new NangoFault(400, "invalid_connection");
  return connection;
}

/** The integration a session wants to use. Unknown ones are 404, those outside its list 400. */
export function allowedIntegration(nango: Standin, session: Session, uniqueKey: string): Integration {
  const integration = nango.store.integration(uniqueKey);
  if (!integration) throw new NangoFault(404, "unknown_provider_config");
  if (session.allowedIntegrations && !session.allowedIntegrations.includes(uniqueKey)) {
    throw new NangoFault(400, "integration_not_allowed");
  }
  return integration;
}

/**
 * Makes a connection, or renews the one that the session was opened for, and tells the app. Sessions are not used up
 * by this. A renewal replaces the tags, the settings and the webhook address by those of its session, even by none.
 */
export function saveConnection(
  nango: Standin,
  session: Session,
  integration: Integration,
  made: {
    connectionId?: string;
    credentials: Credentials;
    connectionConfig: Record<string, unknown>;
    /** Given by kinds whose renewal replaces the metadata, too. */
    metadata?: Record<string, unknown>;
    /** Called on a new connection; true keeps it from being told to the app. */
    pending?: (connection: Connection) => boolean;
  },
): Connection {
  const renewed = renewedConnection(nango, session);
  const now = new Date().toISOString();
  if (renewed) {
    Object.assign(renewed, {
      credentials: made.credentials,
      connectionConfig: made.connectionConfig,
      metadata: made.metadata ?? renewed.metadata,
      tags: session.tags,
      endUser: session.endUser ?? renewed.endUser,
      webhookUrlOverride: session.webhookUrlOverride,
      updatedAt: now,
    });
    delete renewed.heldCredentials;
    recovered(renewed);
    nango.store.saveConnection(renewed);
    sendConnected(nango, integration, renewed, "override", session.endUser);
    return renewed;
  }
  const connection = newConnection(nango, integration, {
    connectionId: made.connectionId ?? randomUUID(),
    credentials: made.credentials,
    connectionConfig: made.connectionConfig,
    tags: session.tags,
    endUser: session.endUser,
    webhookUrlOverride: session.webhookUrlOverride,
  });
  if (!made.pending?.(connection)) sendConnected(nango, integration, connection, "creation", session.endUser);
  return connection;
}

type Made = Pick<
  Connection,
  "connectionId" | "credentials" | "connectionConfig" | "tags" | "endUser" | "webhookUrlOverride"
> & { metadata?: Record<string, unknown> };

/** Stores a new connection and says nothing to anybody. */
export function newConnection(nango: Standin, integration: Integration, made: Made): Connection {
  const connection = draftConnection(nango, integration, made);
  nango.store.addConnections([connection]);
  return connection;
}

/** A new connection that is not stored yet. */
export function draftConnection(nango: Standin, integration: Integration, made: Made): Connection {
  const now = new Date().toISOString();
  return {
    metadata: {},
    ...made,
    id: nango.store.nextId(),
    integrationKey: integration.uniqueKey,
    provider: integration.provider,
    createdAt: now,
    updatedAt: now,
    lastFetchedAt: now,
    lastRefreshFailure: null,
    refreshAttempts: 0,
    authError: null,
  };
}

/**
 * Takes back everything that marks a connection as broken.
 * @returns whether it was
 */
export function recovered(connection: Connection): boolean {
  const wasBroken = connection.authError !== null;
  connection.lastRefreshFailure = null;
  connection.refreshAttempts = 0;
  connection.refreshExhausted = false;
  connection.authError = null;
  return wasBroken;
}

/**
 * Deletes a connection as the API and the dashboard do: access is withdrawn first, at the few providers where Nango
 * does that, and only newer servers tell the app.
 * @returns false when somebody else deleted it meanwhile
 */
export async function deleteConnection(
  nango: Standin,
  integration: Integration,
  connection: Connection,
): Promise<boolean> {
  await revokeUpstream(nango, integration, connection);
  if (nango.store.connectionByNumber(connection.id) !== connection) return false;
  nango.store.removeConnection(connection);
  sendDeleted(nango, integration, connection);
  return true;
}
