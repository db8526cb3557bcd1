import type { Connection, Credentials, Integration } from "../model";

/** What `${…}` in the catalogue may name, for one connection or for credentials that are about to make one. */
export function placeholderValues(
  integration: Integration,
  held: Pick<Connection, "credentials" | "connectionConfig">,
): Record<string, unknown> {
  const { credentials, connectionConfig } = held;
  return {
    ...credentials,
    credentials,
    connectionConfig: { ...integration.custom, ...connectionConfig },
    apiKey: credentials.apiKey,
    accessToken: accessToken(credentials),
    clientId: credentials.client_id ?? integration.credentials?.client_id,
    clientSecret: credentials.client_secret ?? integration.credentials?.client_secret,
  };
}

/** The token that goes into a bearer header, whatever the auth mode calls it. */
export function accessToken(credentials: Credentials): string | undefined {
  const token = credentials.access_token ?? credentials.token;
  return typeof token === "string" ? token : undefined;
}
