import "server-only";
import type { Tenant } from "@/lib/auth/tenant";
import { blockedConnectors } from "@/lib/db/policies";
import { listIntegrationKeys } from "@/lib/nango/integrations";
import { integrationKey } from "./integration-key";
import type { Manifest } from "./manifest";
import { manifests } from "./manifests";

/**
 * Whether a new connection can be made, and if not, why: the service itself has no way in (upstream), the operator has
 * set up no such integration in Nango (not_configured), or the owner's rules say no (blocked).
 */
export type Availability =
  | { state: "available" }
  | { state: "unavailable"; reason: "upstream" | "not_configured" | "blocked" };

/** Of every connector, by slug, for one tenant. Reads the cached list of integrations and the owner's rules at once. */
export async function availabilityFor(tenant: Tenant): Promise<Record<string, Availability>> {
  const [configured, blocked] = await Promise.all([listIntegrationKeys(), blockedConnectors(tenant)]);
  const closed = new Set(blocked);
  return Object.fromEntries(
    [...manifests.values()].map((manifest) => [
      manifest.slug,
      decideAvailability(manifest, integrationKey(manifest), configured, closed),
    ]),
  );
}

/**
 * The rule alone. What can never work is said before what somebody could change. `configured` is null while Nango has
 * never answered: nothing is claimed then, since Nango itself refuses an unknown integration when a session is minted.
 */
export function decideAvailability(
  manifest: Pick<Manifest, "slug" | "status">,
  key: string | null,
  configured: ReadonlySet<string> | null,
  blocked: ReadonlySet<string>,
): Availability {
  if (manifest.status === "unavailable" || key === null) return { state: "unavailable", reason: "upstream" };
  if (blocked.has(manifest.slug)) return { state: "unavailable", reason: "blocked" };
  if (configured && !configured.has(key)) return { state: "unavailable", reason: "not_configured" };
  return { state: "available" };
}
