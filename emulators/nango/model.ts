/**
 * What the Nango stand-in remembers. Everything here is plain JSON, so that it can be written to disk as it is.
 * Times are ISO strings where the API shows them and epoch milliseconds where only the stand-in reads them.
 */

export type Tags = Record<string, string>;

/** The person a session was opened for, as the API shows it (`tags: null` when none were given). */
export interface EndUser {
  id: string;
  email: string | null;
  display_name: string | null;
  tags: Tags | null;
  organization: { id: string; display_name: string | null } | null;
}

export interface IntegrationCredentials {
  type: string;
  client_id?: string;
  client_secret?: string;
  scopes?: string;
  webhook_secret?: string | null;
  [key: string]: unknown;
}

export interface Integration {
  id: number;
  uniqueKey: string;
  provider: string;
  displayName: string;
  forwardWebhooks: boolean;
  credentials: IntegrationCredentials | null;
  /** Values of the provider's `integration_config` fields (AWS service, base URL of a private API, …). */
  custom: Record<string, string>;
  createdAt: string;
  updatedAt: string;
}

/** What a session presets for one integration (`integrations_config_defaults`). */
export interface IntegrationDefaults {
  user_scopes?: string;
  authorization_params?: Record<string, string>;
  connection_config?: Record<string, unknown>;
}

export interface Session {
  token: string;
  createdAt: number;
  expiresAt: number;
  endUser: EndUser | null;
  tags: Tags;
  /** null means every integration: an empty list given by the caller is stored as null, as the real server treats it. */
  allowedIntegrations: string[] | null;
  defaults: Record<string, IntegrationDefaults>;
  overrides: Record<string, { docs_connect?: string }> | null;
  webhookUrlOverride: string | null;
  /** Number of the connection that this session renews; null for a session that creates one. */
  reconnects: number | null;
}

/** Stored credentials: `type` names the auth mode, the rest depends on it. `raw` is the provider's own answer. */
export interface Credentials {
  type: string;
  expires_at?: string;
  raw?: Record<string, unknown>;
  [key: string]: unknown;
}

export interface Connection {
  id: number;
  connectionId: string;
  integrationKey: string;
  provider: string;
  credentials: Credentials;
  /** Of a pending connection: what it will have once it is approved. */
  heldCredentials?: Credentials;
  connectionConfig: Record<string, unknown>;
  metadata: Record<string, unknown>;
  tags: Tags;
  endUser: EndUser | null;
  webhookUrlOverride: string | null;
  createdAt: string;
  updatedAt: string;
  lastFetchedAt: string | null;
  /** Epoch ms of the last failed refresh or test; null after a success. */
  lastRefreshFailure: number | null;
  /** Days on which refreshes failed, since the last success. */
  refreshAttempts: number;
  /** After too many of those, nothing but a forced refresh or a reconnect is tried. */
  refreshExhausted?: boolean;
  /** The broken flag that the API shows in `errors`. */
  authError: { logId: string } | null;
}

export interface ApiKey {
  key: string;
  name: string;
  /** null grants everything. */
  scopes: string[] | null;
}

export interface State {
  version: 1;
  environmentUuid: string;
  signingKey: string;
  apiKeys: ApiKey[];
  integrations: Integration[];
  sessions: Session[];
  connections: Connection[];
  nextId: number;
}
