import "server-only";
import type { ProxyAnswer } from "@/lib/nango/proxy";
import type { DirectProvider } from "./providers";
import { namesIn, type Values } from "./templates";

/**
 * Values that an endpoint needs and only the provider knows, such as which of a person's sites is meant. An account that
 * has several is used at none: to guess would be to write into somebody else's.
 */

type Found = { values: Values } | { instead: ProxyAnswer };

/** @param ask reads an address of the provider, below its base */
export async function lookUp(
  endpoint: string,
  { settings }: DirectProvider,
  ask: (endpoint: string) => Promise<ProxyAnswer>,
): Promise<Found> {
  const values: Record<string, string> = {};
  for (const name of namesIn(endpoint)) {
    const place = settings.looked_up[name];
    if (!place) continue;
    const answer = await ask(place.endpoint);
    // What the provider refuses here it would refuse there.
    if (answer.kind === "refused" || answer.status < 200 || answer.status > 299) return { instead: answer };
    const entries: unknown[] = Array.isArray(answer.body) ? answer.body : [];
    const [only, ...others] = new Set(entries.map((entry) => (entry as Record<string, unknown> | null)?.[place.field]));
    if (typeof only !== "string" || others.length > 0) return { instead: { kind: "refused", code: "several_places" } };
    values[name] = only;
  }
  return { values };
}
