import "server-only";
import { authKindOf, type ConnectorCard } from "./card";
import logoSources from "./logos.json";
import type { Manifest } from "./manifest";
import { listedManifests, manifests } from "./manifests";

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
    logo: connectorLogo(manifest),
    keywords: [...manifest.aliases, ...Object.values(manifest.actions).map((action) => action.name)],
  };
}

/** Every connector's name and logo by its slug, listed or not: what was connected outlives what the catalogue shows. */
export function connectorMarks(): Record<string, Pick<ConnectorCard, "name" | "logo">> {
  return Object.fromEntries(
    [...manifests.values()].map((manifest) => [manifest.slug, { name: manifest.name, logo: connectorLogo(manifest) }]),
  );
}

/** Where the logo is, or null where the brand's mark is not among our sources and the letter stands in. */
function connectorLogo(manifest: Manifest): ConnectorCard["logo"] {
  const from = sources[manifest.slug]?.from ?? "letter";
  const letter = [...manifest.name][0]?.toUpperCase() ?? "?";
  return { src: from === "letter" ? null : `/logos/${manifest.slug}.svg`, letter };
}
