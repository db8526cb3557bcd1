import "server-only";
import type { Tenant } from "@/lib/auth/tenant";
import { blockedConnectors } from "@/lib/db/policies";
import { env } from "@/lib/env";
import { listIntegrationKeys } from "@/lib/nango/integrations";
import { manifests } from "./manifests";
import { type Way, wayOf } from "./way";

/**
 * Whether a new connection can be made, and how; if not, why. Besides the reasons of `Way`: the operator has set up no
 * such integration in Nango (not_configured), or the owner's rules say no (blocked).
 */
export type Availability =
  | { state: "available"; method: "nango" | "direct" }
  | { state: "unavailable"; reason: UnavailableReason };
export type UnavailableReason = Extract<Way, { method: null }>["reason"] | "not_configured" | "blocked";

/** Of every connector, by slug, for one tenant. Reads the cached list of integrations and the owner's rules at once. */
export async function availabilityFor(tenant: Tenant): Promise<Record<string, Availability>> {
  const [configured, blocked] = await Promise.all([
    env().nango.enabled ? listIntegrationKeys() : null,
    // Not by the token, whose row policies leave out connectors that the catalogue does not show.
    blockedConnectors(tenant, "key"),
  ]);
  const closed = new Set(blocked);
  return Object.fromEntries(
    [...manifests.values()].map((manifest) => [
      manifest.slug,
      decideAvailability(manifest.slug, wayOf(manifest), configured, closed),
    ]),
  );
}

/**
 * The rule alone. What can never work is said before what somebody could change. `configured` is null while Nango has
 * never answered: nothing is claimed then, since Nango itself refuses an unknown integration when a session is minted.
 */
export function decideAvailability(
  slug: string,
  way: Way,
  configured: ReadonlySet<string> | null,
  blocked: ReadonlySet<string>,
): Availability {
  if (way.method === null && way.reason === "upstream") return { state: "unavailable", reason: "upstream" };
  if (blocked.has(slug)) return { state: "unavailable", reason: "blocked" };
  if (way.method === null) return { state: "unavailable", reason: way.reason };
  if (way.method === "nango" && configured && !configured.has(way.integrationKey))
    return { state: "unavailable", reason: "not_configured" };
  return { state: "available", method: way.method };
}
