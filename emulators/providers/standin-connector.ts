import type { Manifest } from "@/lib/catalogue/manifest";
import type { StandinConnector } from "./types";

/** What the provider stand-ins need to know of a connector. */
export const standinConnector = (manifest: Manifest): StandinConnector => ({
  slug: manifest.slug,
  providerKey: manifest.nango.provider_key,
  authMode: manifest.auth_mode,
  testConnection: manifest.test_connection,
  integrationConfig: manifest.nango.integration_config,
});
