import type { ConnectorCard } from "./card";
import { categories } from "./categories";
import { boundedDistance, characterMask, differingCharacters } from "./edit-distance";
import { synonymsOf } from "./synonyms";
import { compact, stem, words } from "./words";

/**
 * The catalogue's search: by name, alias, category and what a connector can do, forgiving typos. Client-safe and pure.
 * The words of all cards become one index, built once per array of cards; a query then touches distinct words, not cards,
 * which keeps a search of 1,000 connectors under a millisecond.
 */
type Searchable = Pick<ConnectorCard, "name" | "description" | "category" | "keywords"> & {
  status?: ConnectorCard["status"];
};

type Posting = { card: number; weight: number };
type Word = { text: string; mask: number; postings: Posting[]; inNames: boolean };
type Index = { names: string[]; byText: Map<string, Word>; sorted: Word[]; nameWords: Word[] };

const weights = { name: 100, keyword: 60, category: 40, description: 30 } as const;
const quality = { exact: 1, sameStem: 0.9, synonym: 0.6, typo: 0.45, farTypo: 0.3 } as const;
/** The more of the word has been typed, the likelier it is meant: "ai" is no strong hint at Airtable. */
const prefixQuality = (asked: string, word: string) => 0.4 + 0.5 * (asked.length / word.length);
/** What nobody can connect comes after what matches as well and can be. */
const unavailablePenalty = 0.5;
/** Above all that words can add up to: an exact name comes first, then names that begin with the query. */
const exactName = 1_000_000;
const nameBegins = 10_000;
const nameAlmost = 5_000;
/** Nobody types more; a pasted page must not make the browser stutter. */
const longestQuery = 100;
const fillers = new Set([
  "a",
  "an",
  "and",
  "by",
  "for",
  "from",
  "in",
  "my",
  "of",
  "on",
  "our",
  "the",
  "to",
  "with",
  "your",
]);

const indexes = new WeakMap<readonly Searchable[], Index>();

/**
 * The cards that match the query, best first; equals keep their order. An empty query matches all. All words must match;
 * where no card has all of them, those that have the most come.
 */
export function searchConnectors<T extends Searchable>(cards: readonly T[], query: string): T[] {
  const wanted = words(query.slice(0, longestQuery));
  if (wanted.length === 0) return query.trim() === "" ? [...cards] : [];
  const telling = wanted.filter((word) => !fillers.has(word));
  const asked = telling.length > 0 ? telling : wanted;

  const index = indexOf(cards);
  const scores = new Map<number, { score: number; matched: number }>();
  const add = (card: number, score: number, matched: number) => {
    const entry = scores.get(card);
    if (entry) {
      entry.score += score;
      entry.matched += matched;
    } else {
      scores.set(card, { score, matched });
    }
  };

  for (const word of asked) {
    const found = scoreWord(index, word);
    // A word that few connectors have says more about what is wanted: "invoices" over "send".
    const rarity = Math.log2(1 + cards.length / Math.max(1, found.size));
    for (const [card, score] of found) {
      const unavailable = cards[card]?.status === "unavailable";
      add(card, score * rarity * (unavailable ? unavailablePenalty : 1), 1);
    }
  }
  const whole = compact(query);
  const slack = whole.length >= 8 ? 2 : whole.length >= 5 ? 1 : 0;
  for (const [card, name] of index.names.entries()) {
    if (name === whole) add(card, exactName, asked.length);
    else if (name.startsWith(whole)) add(card, nameBegins, asked.length);
    else if (slack > 0 && boundedDistance(whole, name, slack) <= slack) add(card, nameAlmost, asked.length);
  }

  const most = Math.max(0, ...[...scores.values()].map((entry) => Math.min(entry.matched, asked.length)));
  return [...scores]
    .filter(([, entry]) => entry.matched >= most)
    .sort(([cardA, a], [cardB, b]) => b.score - a.score || cardA - cardB)
    .flatMap(([card]) => cards[card] ?? []);
}

/** The best score that one word of the query earns each card. */
function scoreWord(index: Index, asked: string): Map<number, number> {
  const best = new Map<number, number>();
  const take = (word: Word | undefined, factor: number) => {
    for (const { card, weight } of word?.postings ?? []) {
      const score = weight * factor;
      if (score > (best.get(card) ?? 0)) best.set(card, score);
    }
  };

  const root = stem(asked);
  take(index.byText.get(asked), quality.exact);
  let named = index.byText.get(asked)?.inNames ?? false;
  // The words that begin with the root are one run of the sorted list. Those that begin with all of the asked word count
  // as its beginning, the others only if they are the same word in another form (invoices, invoicing).
  for (let at = firstFrom(index.sorted, root); at < index.sorted.length; at++) {
    const word = index.sorted[at];
    if (!word?.text.startsWith(root)) break;
    if (stem(word.text) === root) take(word, quality.sameStem);
    else if (word.text.startsWith(asked)) take(word, prefixQuality(asked, word.text));
    else continue;
    named ||= word.inNames;
  }
  for (const synonym of synonymsOf(root)) take(index.byText.get(synonym), quality.synonym);

  // Typos are looked for in names and aliases only, and only if nothing there begins like this: otherwise "slack" would
  // bring "black" along.
  const slack = asked.length >= 7 ? 2 : asked.length >= 4 ? 1 : 0;
  if (slack > 0 && !named) {
    const mask = characterMask(asked);
    for (const word of index.nameWords) {
      if (Math.abs(word.text.length - asked.length) > slack) continue;
      if (differingCharacters(mask, word.mask) > slack * 2) continue;
      const distance = boundedDistance(asked, word.text, slack);
      if (distance <= slack) take(word, distance === 1 ? quality.typo : quality.farTypo);
    }
  }
  return best;
}

/** Where the first word that is not before `text` stands in the sorted list. */
function firstFrom(sorted: readonly Word[], text: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.text ?? "") < text) low = middle + 1;
    else high = middle;
  }
  return low;
}

const categoryLabels = new Map<string, string>(categories.map(({ key, label }) => [key, label]));

function indexOf(cards: readonly Searchable[]): Index {
  const known = indexes.get(cards);
  if (known) return known;

  const byText = new Map<string, Word>();
  const addAll = (card: number, text: string, weight: number, inNames: boolean) => {
    for (const token of words(text)) {
      let word = byText.get(token);
      if (!word) {
        word = { text: token, mask: characterMask(token), postings: [], inNames: false };
        byText.set(token, word);
      }
      word.inNames ||= inNames;
      const posting = word.postings.at(-1)?.card === card ? word.postings.at(-1) : undefined;
      if (posting) posting.weight = Math.max(posting.weight, weight);
      else word.postings.push({ card, weight });
    }
  };
  for (const [at, card] of cards.entries()) {
    addAll(at, card.name, weights.name, true);
    for (const keyword of card.keywords) addAll(at, keyword, weights.keyword, true);
    addAll(at, categoryLabels.get(card.category) ?? "", weights.category, false);
    addAll(at, card.description, weights.description, false);
  }
  const sorted = [...byText.values()].sort((a, b) => (a.text < b.text ? -1 : 1));
  const index = {
    names: cards.map((card) => compact(card.name)),
    byText,
    sorted,
    nameWords: sorted.filter((word) => word.inNames),
  };
  indexes.set(cards, index);
  return index;
}
