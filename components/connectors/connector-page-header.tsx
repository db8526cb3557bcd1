import { LogoTile } from "@/components/ui/logo-tile";
import type { ConnectorCard } from "@/lib/catalogue/card";

/** The mark, the name and what it is for. */
export function ConnectorPageHeader({ card }: { card: ConnectorCard }) {
  return (
    <header className="mb-5 flex items-center gap-3.5">
      <LogoTile logo={card.logo} size="lg" eager />
      <div className="min-w-0">
        <h1 id="page-title" tabIndex={-1} className="wrap-any text-title font-semibold tracking-[-0.02em] outline-none">
          {card.name}
        </h1>
        <p className="text-ink-2">{card.description}</p>
      </div>
    </header>
  );
}
