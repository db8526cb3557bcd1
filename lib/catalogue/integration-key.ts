import "server-only";
import { env } from "@/lib/env";
import type { Manifest } from "./manifest";
import { manifests } from "./manifests";

/**
 * The key of the Nango integration that a connector uses: what NANGO_INTEGRATION_KEYS says, else what its manifest says
 * (the slug). Null for a connector that Nango does not serve.
 */
export function integrationKey(manifest: Pick<Manifest, "slug" | "nango">): string | null {
  if (!manifest.nango.enabled) return null;
  return env().nango.integrationKeys[manifest.slug] ?? manifest.nango.integration_key;
}

/** The connector that uses an integration, or undefined when none does: webhooks name integrations, not connectors. */
export function manifestOfIntegration(key: string): Manifest | undefined {
  for (const manifest of manifests.values()) if (integrationKey(manifest) === key) return manifest;
  return undefined;
}
