import type { Connection, Integration } from "../model";
import type { Standin } from "../standin";
import { buildCall, type ProviderCall } from "./request";
import { accessToken } from "./values";

/** The four providers whose access Nango withdraws when a connection is deleted. For all others nothing happens. */
const REVOCATIONS: Record<string, (connection: Connection) => ProviderCall | null> = {
  hubspot: ({ credentials }) =>
    credentials.refresh_token
      ? {
          method: "DELETE",
          endpoint: `https://api.hubapi.com/oauth/v1/refresh-tokens/${credentials.refresh_token}`,
          headers: { "content-type": "application/json", authorization: "" },
        }
      : null,
  intercom: () => ({
    method: "POST",
    endpoint: "https://api.intercom.io/auth/uninstall",
    headers: { accept: "application/json", "content-type": "application/json" },
    body: "{}",
  }),
  linear: ({ credentials }) => ({
    method: "POST",
    endpoint: "/oauth/revoke",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    // The header alone is enough for Linear; the body serves stand-ins that read only that.
    body: new URLSearchParams({ token: accessToken(credentials) ?? "" }).toString(),
  }),
  onelogin: ({ credentials }) => ({
    method: "POST",
    endpoint: "/auth/oauth2/revoke",
    headers: {
      authorization: `client_id:${credentials.client_id}, client_secret:${credentials.client_secret}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ access_token: accessToken(credentials) }),
  }),
};

/** Withdraws access at the provider, as far as Nango does. What fails there is not told to anybody. */
export async function revokeUpstream(nango: Standin, integration: Integration, connection: Connection): Promise<void> {
  if (!Object.hasOwn(REVOCATIONS, integration.provider)) return;
  const call = REVOCATIONS[integration.provider]?.(connection);
  if (!call) return;
  try {
    const built = buildCall(integration, connection, call);
    const response = await fetch(nango.upstream(built.url), {
      method: built.method,
      headers: built.headers,
      ...(built.body === undefined ? {} : { body: built.body as BodyInit }),
      signal: AbortSignal.timeout(nango.timing.proxyTimeout),
    });
    await response.body?.cancel();
  } catch {
    // The connection goes away all the same.
  }
}
