import type { ConnectorCard } from "@/lib/catalogue/card";
import { type CategoryKey, categories } from "@/lib/catalogue/categories";

/** At most this many rows are on one page. */
const mostRows = 60;
/** Rows stand three in a line, so a category that does not fit shows whole lines. */
const perLine = 3;

export type OverviewGroup = { key: CategoryKey; cards: ConnectorCard[]; total: number };

/** The first page of the catalogue: the beginning of every category, so that all of them are seen. */
export function catalogueOverview(cards: ConnectorCard[]): OverviewGroup[] {
  let left = mostRows;
  return categories.flatMap(({ key }) => {
    const all = cards.filter((card) => card.category === key);
    if (all.length === 0 || left <= 0) return [];
    const fits = Math.min(2 * perLine, left);
    const count = all.length <= 3 ? all.length : Math.min(all.length, fits - (fits % perLine));
    const whole = count > perLine && count < 2 * perLine ? perLine : count;
    left -= whole;
    return [{ key, cards: all.slice(0, whole), total: all.length }];
  });
}
