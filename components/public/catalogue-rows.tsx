import { LogoTile } from "@/components/ui/logo-tile";
import type { ConnectorCard } from "@/lib/catalogue/card";

export type CatalogueEntry = Pick<ConnectorCard, "slug" | "name" | "description" | "logo">;

/** Connectors of the public catalogue. Markup is kept small: sixty of them are in one static page. */
export function CatalogueRows({ entries }: { entries: CatalogueEntry[] }) {
  return (
    <ul className="rows">
      {entries.map((entry) => (
        <li key={entry.slug}>
          <a href={`/integrations/${entry.slug}`}>
            <LogoTile logo={entry.logo} />
            <span>
              <b>{entry.name}</b>
              {entry.description}
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}
