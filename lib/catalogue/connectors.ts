import "server-only";
import { authKindOf, type ConnectorCard } from "./card";
import logoSources from "./logos.json";
import type { Manifest } from "./manifest";
import { listedManifests } from "./manifests";

export type { ConnectorCard } from "./card";

const sources: Record<string, { from: string }> = logoSources;
let cards: ConnectorCard[] | undefined;

/** The card of each listed connector, in alphabetical order. The same array each time, so that the search index is reused. */
export function connectorCards(): ConnectorCard[] {
  cards ??= listedManifests().map(connectorCard);
  return cards;
}

/** One connector's card. */
export function connectorCard(manifest: Manifest): ConnectorCard {
  return {
    slug: manifest.slug,
    name: manifest.name,
    description: manifest.description,
    category: manifest.category,
    authKind: authKindOf(manifest.auth_mode),
    status: manifest.status,
    nango: manifest.nango.enabled,
    logo: connectorLogo(manifest),
    keywords: [...manifest.aliases, ...Object.values(manifest.actions).map((action) => action.name)],
  };
}

/** Where the logo is, or null where the brand's mark is not among our sources and the letter stands in. */
function connectorLogo(manifest: Manifest): ConnectorCard["logo"] {
  const from = sources[manifest.slug]?.from ?? "letter";
  const letter = [...manifest.name][0]?.toUpperCase() ?? "?";
  return { src: from === "letter" ? null : `/logos/${manifest.slug}.svg`, letter };
}
