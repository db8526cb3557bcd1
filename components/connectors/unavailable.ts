import "server-only";
import type { OAuthMethod } from "@/lib/api/views";
import type { Availability } from "@/lib/catalogue/availability";
import type { Manifest } from "@/lib/catalogue/manifest";
import type { Unavailable } from "./connector-card";

/** Why a connector has no Connect button; null when it has one. The manifest may know better words than we do. */
export function unavailableReason(
  availability: Availability | undefined,
  manifest: Pick<Manifest, "unavailable_reason"> | undefined,
): Unavailable | null {
  if (!availability || availability.state === "available") return null;
  const text = availability.reason === "upstream" ? (manifest?.unavailable_reason ?? null) : null;
  return { kind: availability.reason, text };
}

/** How a connector is connected here; null where it cannot be. */
export function methodOf(availability: Availability | undefined): OAuthMethod | null {
  return availability?.state === "available" ? availability.method : null;
}
