import type { Manifest } from "@/lib/catalogue/manifest";
import type { StandinConnector } from "./types";

function ownAddresses({ name, nango, oauth }: Manifest): StandinConnector["addresses"] {
  if (nango.provider_key !== null || !oauth?.direct) return undefined;
  return {
    title: name,
    authorizationUrl: oauth.authorization_url ?? "",
    tokenUrl: oauth.token_url ?? "",
    baseUrl: oauth.direct.api_base_url,
  };
}

/** What the provider stand-ins need to know of a connector. */
export const standinConnector = (manifest: Manifest): StandinConnector => ({
  slug: manifest.slug,
  providerKey: manifest.nango.provider_key,
  authMode: manifest.auth_mode,
  testConnection: manifest.test_connection,
  integrationConfig: manifest.nango.integration_config,
  addresses: ownAddresses(manifest),
});
