import { isBroken } from "@/components/connections/standing";
import type { ConnectionView, Visibility } from "@/lib/api/views";
import type { ConnectorCard } from "@/lib/catalogue/card";
import { type CategoryKey, categories } from "@/lib/catalogue/categories";
import { searchConnectors } from "@/lib/catalogue/search";
import type { NextStep } from "@/lib/db/vocabulary";
import type { CatalogFilters } from "./filter-values";

/** How a connector stands for the owner. */
export type ConnectorSummary = {
  /** Live accounts, and how many of them need a person. */
  accounts: number;
  attention: number;
  /** The account that the reader may mend first: a broken one, else one whose sign-in ends soon. */
  mend: ConnectionView | null;
  /** When the first of its sign-ins ends that end soon. */
  endsAt: string | null;
  /** A sign-in is being looked at. */
  checking: boolean;
  /** Who may use its accounts. */
  visibilities: ReadonlySet<Visibility>;
};

const nothing: ConnectorSummary = {
  accounts: 0,
  attention: 0,
  mend: null,
  endsAt: null,
  checking: false,
  visibilities: new Set(),
};
const mends = new Set<NextStep>(["reconnect", "reconnect_or_keep"]);

function moreUrgent(before: ConnectionView | null, next: ConnectionView): ConnectionView | null {
  const { next_step, code } = next.condition;
  if (!mends.has(next_step) || !(isBroken(next) || code === "expires_soon")) return before;
  return before && (isBroken(before) || !isBroken(next)) ? before : next;
}

export type CatalogGroup = { key: "connected" | "results" | CategoryKey; cards: ConnectorCard[] };

/** Sums up live accounts by connector. Tombstones count for nothing. */
export function summarise(connections: ConnectionView[]): Map<string, ConnectorSummary> {
  const summaries = new Map<string, ConnectorSummary>();
  for (const connection of connections) {
    const { connector, status, condition, expires_at } = connection;
    if (status === "disconnected") continue;
    const before = summaries.get(connector) ?? nothing;
    const broken = isBroken(connection);
    const ends = condition.code === "expires_soon" && expires_at ? [expires_at] : [];
    summaries.set(connector, {
      accounts: before.accounts + 1,
      attention: before.attention + (broken ? 1 : 0),
      mend: moreUrgent(before.mend, connection),
      endsAt: [before.endsAt ?? [], ends].flat().sort()[0] ?? null,
      checking: before.checking || condition.code === "checking",
      visibilities: new Set([...before.visibilities, connection.visibility]),
    });
  }
  return summaries;
}

/** The cards that pass everything but the category: what the categories' counts are about. */
export function matchingCards(
  cards: ConnectorCard[],
  filters: Pick<CatalogFilters, "query" | "status" | "auth">,
  summaries: ReadonlyMap<string, ConnectorSummary>,
): ConnectorCard[] {
  return searchConnectors(cards, filters.query).filter((card) => {
    const summary = summaries.get(card.slug);
    if (filters.auth && card.authKind !== filters.auth) return false;
    if (filters.status === "connected") return Boolean(summary);
    if (filters.status === "attention") return Boolean(summary?.attention);
    return true;
  });
}

/**
 * The groups in which cards are shown: what is connected first (what needs a person at its head), then by category.
 * A search is one group in the order of its ranking.
 */
export function groupCards(
  matching: ConnectorCard[],
  filters: CatalogFilters,
  summaries: ReadonlyMap<string, ConnectorSummary>,
): CatalogGroup[] {
  const shown = filters.category ? matching.filter((card) => card.category === filters.category) : matching;
  if (filters.query.trim()) return shown.length > 0 ? [{ key: "results", cards: shown }] : [];
  const attention = (card: ConnectorCard) => Math.sign(summaries.get(card.slug)?.attention ?? 0);
  const connected = shown.filter((card) => summaries.has(card.slug)).sort((a, b) => attention(b) - attention(a));
  const rest = shown.filter((card) => !summaries.has(card.slug));
  const groups: CatalogGroup[] = [{ key: "connected", cards: connected }];
  for (const { key } of categories) groups.push({ key, cards: rest.filter((card) => card.category === key) });
  return groups.filter((group) => group.cards.length > 0);
}

/** The first `limit` cards of the groups, in order. */
export function firstCards(groups: CatalogGroup[], limit: number): CatalogGroup[] {
  let left = limit;
  const kept: CatalogGroup[] = [];
  for (const group of groups) {
    if (left <= 0) break;
    kept.push({ ...group, cards: group.cards.slice(0, left) });
    left -= group.cards.length;
  }
  return kept;
}
