import "server-only";
import { env } from "@/lib/env";
import { directState } from "@/lib/oauth/clients";
import { type Question, questionsOf } from "./connection-config";
import { integrationKey } from "./integration-key";
import type { Manifest } from "./manifest";

/**
 * The way in which new connections of a connector are made here: through Nango, or by our own OAuth client; or why there
 * is none. upstream: the service has no way in. needs_nango: only Nango can sign in to it, and this installation does
 * without. direct_not_configured: the operator has entered no application of theirs at the provider.
 */
export type Way =
  | { method: "nango"; integrationKey: string }
  | { method: "direct" }
  | { method: null; reason: "upstream" | "needs_nango" | "direct_not_configured" };

/** Of one connector, by the settings alone: no call is made. */
export function wayOf(manifest: Manifest): Way {
  return decideWay(manifest, integrationKey(manifest), env().nango.enabled, directState(manifest));
}

/** Whether a connector that goes through Nango could be connected directly instead while Nango is away. */
export function canFallBack(manifest: Manifest): boolean {
  return env().nango.fallback !== "off" && directState(manifest) === "available";
}

/** What is asked of a person before a direct sign-in; nothing where there is no such way here. */
export function directQuestions(manifest: Manifest): Question[] {
  return wayOf(manifest).method === "direct" || canFallBack(manifest) ? questionsOf(manifest.oauth?.direct) : [];
}

/** The rule alone. @param key the connector's integration at Nango; null for one that Nango does not serve */
export function decideWay(
  manifest: Pick<Manifest, "status">,
  key: string | null,
  nangoEnabled: boolean,
  direct: ReturnType<typeof directState>,
): Way {
  if (manifest.status === "unavailable") return { method: null, reason: "upstream" };
  if (key !== null && nangoEnabled) return { method: "nango", integrationKey: key };
  if (direct === "available") return { method: "direct" };
  if (direct === "not_configured") return { method: null, reason: "direct_not_configured" };
  return { method: null, reason: key === null ? "upstream" : "needs_nango" };
}
