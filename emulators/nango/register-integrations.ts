import type { Manifest } from "@/lib/catalogue/manifest";

type OAuthClient = { clientId: string; clientSecret: string };

/**
 * Gives the Nango stand-in one integration per connector, as an operator does in Nango's dashboard.
 * Integrations that exist already are left as they are, so a restart keeps what was changed.
 *
 * @param oauthClient the client registered with the provider that stands behind a provider key
 * @throws when the stand-in refuses an integration: the manifest names a provider or key that Nango would refuse too
 */
export async function registerIntegrations(
  nango: { host: string; apiKey: string },
  manifests: Manifest[],
  oauthClient: (providerKey: string) => OAuthClient,
): Promise<void> {
  const headers = { authorization: `Bearer ${nango.apiKey}`, "content-type": "application/json" };
  const listed = await fetch(`${nango.host}/integrations`, { headers });
  const known = new Set(
    ((await listed.json()) as { data: { unique_key: string }[] }).data.map((integration) => integration.unique_key),
  );
  for (const manifest of manifests) {
    const { provider_key: provider, integration_key: uniqueKey } = manifest.nango;
    if (!provider || !uniqueKey || known.has(uniqueKey) || beginsAtTheProvider(manifest)) continue;
    const body: Record<string, unknown> = { provider, unique_key: uniqueKey, display_name: manifest.name };
    const credentials = credentialsFor(manifest, oauthClient(provider));
    if (credentials) body.credentials = credentials;
    if (manifest.nango.integration_config) body.integration_config = manifest.nango.integration_config;
    const response = await fetch(`${nango.host}/integrations`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    if (!response.ok) {
      throw new Error(
        `The Nango stand-in refused the integration ${uniqueKey} (${response.status}): ${await response.text()}`,
      );
    }
  }
}

/**
 * Sign-ins that begin on the provider's own site and come back as a webhook (Sentry) have nothing to open here. Their
 * connectors stay without an integration, and the pages say that they are not set up.
 */
const beginsAtTheProvider = (manifest: Manifest) =>
  manifest.auth_mode === "OAUTH2" && manifest.oauth?.authorization_url === null;

function credentialsFor(manifest: Manifest, client: OAuthClient) {
  if (manifest.auth_mode !== "OAUTH2" && manifest.auth_mode !== "OAUTH1") return undefined;
  return {
    type: manifest.auth_mode,
    client_id: client.clientId,
    client_secret: client.clientSecret,
    scopes: manifest.oauth?.default_scopes.join(",") ?? "",
  };
}
