import "server-only";
import { env } from "@/lib/env";
import type { Manifest } from "./manifest";

/**
 * The key of the Nango integration that a connector uses: what NANGO_INTEGRATION_KEYS says, else what its manifest says
 * (the slug). Null for a connector that Nango does not serve.
 */
export function integrationKey(manifest: Pick<Manifest, "slug" | "nango">): string | null {
  if (!manifest.nango.enabled) return null;
  return env().nango.integrationKeys[manifest.slug] ?? manifest.nango.integration_key;
}
