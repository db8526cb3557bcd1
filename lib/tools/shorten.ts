/**
 * Answers of providers can be of any size, and what an agent reads it reads as a whole. So an answer is shortened until it
 * fits, and stays JSON of the same form: long texts and lists end early, and say so where they end.
 */

/** How many characters a tool's answer may have, as JSON. */
export const MAX_CHARACTERS = 25_000;

/** Texts and lists are cut to these lengths, ever shorter ones, until the whole fits. */
const cuts = [
  { text: 8_000, items: 500, depth: 40 },
  { text: 4_000, items: 200, depth: 30 },
  { text: 2_000, items: 100, depth: 20 },
  { text: 1_000, items: 50, depth: 12 },
  { text: 500, items: 25, depth: 10 },
  { text: 250, items: 12, depth: 8 },
  { text: 120, items: 6, depth: 7 },
  { text: 60, items: 3, depth: 6 },
  { text: 30, items: 2, depth: 4 },
  { text: 20, items: 1, depth: 3 },
] as const;

type Cut = (typeof cuts)[number];

/** Never in the middle of a character that takes two code units. */
function shortText(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = /[\uD800-\uDBFF]/.test(text[length - 1] ?? "") ? length - 1 : length;
  return `${text.slice(0, end)}… [${text.length - end} more characters]`;
}

function cutValue(value: unknown, cut: Cut, depth: number): unknown {
  if (typeof value === "string") return shortText(value, cut.text);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= cut.depth) return "… [left out]";
  if (Array.isArray(value)) {
    const kept = value.slice(0, cut.items).map((each) => cutValue(each, cut, depth + 1));
    return value.length > cut.items ? [...kept, `… [${value.length - cut.items} more of ${value.length}]`] : kept;
  }
  // Records with very many names are lists by another name.
  const entries = Object.entries(value);
  const most = cut.items * 4;
  const kept = entries
    .slice(0, most)
    .map(([name, each]) => [shortText(name, 200), cutValue(each, cut, depth + 1)] as const);
  if (entries.length > most) kept.push(["…", `[${entries.length - most} more of ${entries.length}]`]);
  return Object.fromEntries(kept);
}

/**
 * Shortens a value to a number of characters as JSON. Values that are no JSON (undefined, functions) are left out, as
 * JSON.stringify does.
 *
 * @param limit in characters of the JSON
 * @returns the value, and whether anything was left out
 */
export function shorten(value: unknown, limit: number): { value: unknown; truncated: boolean } {
  const whole = JSON.stringify(value) ?? "null";
  if (whole.length <= limit) return { value: value ?? null, truncated: false };
  for (const cut of cuts) {
    const shorter = cutValue(value, cut, 0);
    if (JSON.stringify(shorter).length <= limit) return { value: shorter, truncated: true };
  }
  return { value: shortText(whole, Math.floor(limit / 4)), truncated: true };
}
