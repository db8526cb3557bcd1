import "server-only";
import { connectorCard } from "@/lib/catalogue/connectors";
import { manifests } from "@/lib/catalogue/manifests";
import type { ConnectorEntry } from "./connector-entry";

let entries: ConnectorEntry[] | undefined;

/** Every manifest's connector, listed or not: connections outlive what the catalogue shows. The same array each time. */
export function connectorEntries(): ConnectorEntry[] {
  entries ??= [...manifests.values()].map((manifest): ConnectorEntry => {
    const { slug, name, logo } = connectorCard(manifest);
    return logo.src ? [slug, name] : [slug, name, logo.letter];
  });
  return entries;
}
