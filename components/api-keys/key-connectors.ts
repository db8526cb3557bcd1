import "server-only";
import { showsConnector } from "@/brand";
import { manifests } from "@/lib/catalogue/manifests";
import type { ConnectionCounts } from "@/lib/db/connections";

/** The connectors whose actions a key may be given: those that are connected come first. */
export function connectorsForKeys(connected: ConnectionCounts): string[] {
  const slugs = [...manifests.values()]
    .filter(({ actions }) => Object.keys(actions).length > 0)
    .filter(({ slug, listed }) => slug in connected || (listed && showsConnector(slug)))
    .sort((a, b) => a.name.localeCompare(b.name, "en"))
    .map(({ slug }) => slug);
  return [...slugs.filter((slug) => slug in connected), ...slugs.filter((slug) => !(slug in connected))];
}
