import type { ConnectorCard } from "@/lib/catalogue/card";
import { type CategoryKey, categories } from "@/lib/catalogue/categories";

/** One line of each category: the whole breadth on one light page, the rest a link or a search away. */
const perCategory = 3;

export type OverviewGroup = { key: CategoryKey; cards: ConnectorCard[]; total: number };

/** The first page of the catalogue: the beginning of every category, so that all of them are seen. */
export function catalogueOverview(cards: ConnectorCard[]): OverviewGroup[] {
  return categories.flatMap(({ key }) => {
    const all = cards.filter((card) => card.category === key);
    return all.length ? [{ key, cards: all.slice(0, perCategory), total: all.length }] : [];
  });
}
