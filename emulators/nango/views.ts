import { logoUrl } from "./catalogue";
import type { Connection, Credentials, Integration, Session } from "./model";
import type { Standin } from "./standin";

/** What the API shows of each thing. */

export function integrationView(nango: Standin, integration: Integration): Record<string, unknown> {
  return {
    unique_key: integration.uniqueKey,
    display_name: integration.displayName,
    provider: integration.provider,
    logo: logoUrl(nango.host, integration.provider),
    created_at: integration.createdAt,
    updated_at: integration.updatedAt,
    forward_webhooks: integration.forwardWebhooks,
  };
}

export function integrationCredentialsView(integration: Integration): Record<string, unknown> | null {
  const { credentials } = integration;
  if (!credentials) return null;
  return {
    ...credentials,
    client_id: credentials.client_id ?? null,
    client_secret: credentials.client_secret ?? null,
    scopes: credentials.scopes ?? null,
    webhook_secret: credentials.webhook_secret ?? null,
  };
}

/** A connection as lists show it: no credentials, and `errors` says whether Nango holds it for broken. */
export function connectionView(connection: Connection): Record<string, unknown> {
  return {
    id: connection.id,
    connection_id: connection.connectionId,
    provider: connection.provider,
    provider_config_key: connection.integrationKey,
    created: connection.createdAt,
    metadata: connection.metadata,
    tags: connection.tags,
    end_user: connection.endUser,
    errors: connection.authError ? [{ type: "auth", log_id: connection.authError.logId }] : [],
  };
}

/**
 * A connection in full.
 * @param credentials what the caller may see of them: everything, or an empty object without the scope
 */
export function fullConnectionView(connection: Connection, credentials: object): Record<string, unknown> {
  const { created, ...shared } = connectionView(connection);
  return {
    ...shared,
    connection_config: connection.connectionConfig,
    created_at: created,
    updated_at: connection.updatedAt,
    last_fetched_at: connection.lastFetchedAt,
    webhook_url_override: connection.webhookUrlOverride,
    credentials,
  };
}

/** Credentials without the refresh token, which is shown only to those who ask for it by name. */
export function shownCredentials(credentials: Credentials, withRefreshToken: boolean): Record<string, unknown> {
  if (withRefreshToken) return { ...credentials };
  const { refresh_token: _refresh, raw, ...shown } = credentials;
  if (!raw) return shown;
  const { refresh_token: _rawRefresh, ...shownRaw } = raw;
  return { ...shown, raw: shownRaw };
}

/** Colours and such for the Connect UI. Real answers carry the same object. */
const CONNECT_UI_SETTINGS = {
  showWatermark: false,
  defaultTheme: "system",
  theme: { light: { primary: "#0f766e" }, dark: { primary: "#5eead4" } },
};

/** A session as its own token may read it. */
export function sessionView(nango: Standin, session: Session): Record<string, unknown> {
  const renewed = session.reconnects === null ? undefined : nango.store.connectionByNumber(session.reconnects);
  const defaults = Object.keys(session.defaults).length > 0 ? session.defaults : undefined;
  return {
    allowed_integrations: session.allowedIntegrations ?? undefined,
    integrations_config_defaults: defaults,
    overrides: session.overrides ?? undefined,
    connectUISettings: CONNECT_UI_SETTINGS,
    endUser: session.endUser ?? renewed?.endUser ?? null,
    websocketsPath: "/",
    ...(session.reconnects === null ? {} : { isReconnecting: true }),
  };
}
