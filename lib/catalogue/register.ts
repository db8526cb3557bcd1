import "server-only";
import { registerConnectors as storeConnectors } from "@/lib/db/connectors";
import { integrationKey } from "./integration-key";
import { manifests } from "./manifests";

/**
 * Writes every manifest into the connectors table, listed or not, with the integration key that holds here.
 * @returns how many rows were added, changed or unlisted: none the second time. Throws database_unavailable.
 */
export async function registerConnectors(): Promise<{ changed: number }> {
  const changed = await storeConnectors(
    [...manifests.values()].map((manifest) => ({
      slug: manifest.slug,
      name: manifest.name,
      category: manifest.category,
      status: manifest.status,
      listed: manifest.listed,
      version: manifest.version,
      auth_mode: manifest.auth_mode,
      provider_key: manifest.nango.provider_key,
      integration_key: integrationKey(manifest),
      manifest,
    })),
  );
  return { changed };
}
