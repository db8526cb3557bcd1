import type { ConnectorCard } from "@/lib/catalogue/card";

/** A connector as the public catalogue's list needs it: slug, name, description, and its letter when it has no mark. */
export type CatalogueEntry = [slug: string, name: string, description: string, letter?: string];

export function catalogueEntry({ slug, name, description, logo }: ConnectorCard): CatalogueEntry {
  return logo.src ? [slug, name, description] : [slug, name, description, logo.letter];
}

/**
 * Connectors of the public catalogue. Sixty of them are in one static page, so both the markup and what React needs to
 * take it over are kept small: tuples and element selectors instead of objects and class lists.
 */
export function CatalogueRows({ entries }: { entries: CatalogueEntry[] }) {
  return (
    <ul className="rows">
      {entries.map(([slug, name, description, letter]) => (
        <li key={slug}>
          <a href={`/integrations/${slug}`}>
            <i className="tile" aria-hidden="true">
              {letter ?? (
                // biome-ignore lint/performance/noImgElement: small SVG files of our own; the image optimiser does not take SVG
                <img src={`/logos/${slug}.svg`} alt="" loading="lazy" />
              )}
            </i>
            <span>
              <b>{name}</b>
              {description}
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}
