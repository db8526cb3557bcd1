import type { DirectOAuth } from "./manifest-direct";

/**
 * What a person is asked before a direct sign-in, such as the name of a shop, and whether an answer will do. The same for
 * the form and for the server: what the form lets pass is not refused afterwards. Safe in the browser.
 */

/** `prefix` and `suffix` are shown around the field and are no part of the answer. */
export type Question = {
  name: string;
  title: string;
  description: string;
  example: string | null;
  prefix: string | null;
  suffix: string | null;
  /** A regular expression for the whole answer. */
  pattern: string;
  /** The only answers there are; null: anything that fits the pattern. */
  options: string[] | null;
  optional: boolean;
};

/** No answer is longer, whatever its pattern says. */
const MOST_CHARACTERS = 300;

/** The questions of a manifest's direct way, in their order. */
export function questionsOf(direct: Pick<DirectOAuth, "connection_config"> | null | undefined): Question[] {
  return Object.entries(direct?.connection_config ?? {}).map(([name, question]) => ({ name, ...question }));
}

export type Checked =
  | { ok: true; values: Record<string, string> }
  | { ok: false; wrong: Record<string, "missing" | "malformed"> };

const without = {
  start: (text: string, start: string): string =>
    start !== "" && text.toLowerCase().startsWith(start.toLowerCase()) ? text.slice(start.length) : text,
  end: (text: string, end: string): string =>
    end !== "" && text.toLowerCase().endsWith(end.toLowerCase()) ? text.slice(0, -end.length) : text,
};

/** What of an address that a person pasted is the answer: without the scheme, the path, and what the field shows already. */
function bare(question: Question, typed: string): string {
  const trimmed = typed.trim();
  const pasted = /^https?:\/\//i.test(trimmed);
  const rest = without.start(trimmed.replace(/^https?:\/\//i, ""), question.prefix?.replace(/^https?:\/\//i, "") ?? "");
  const host = pasted ? rest.replace(/[/?#].*$/, "") : rest.replace(/\/+$/, "");
  return without.end(host, question.suffix ?? "");
}

const fits = ({ pattern, options }: Question, text: string): boolean =>
  text.length <= MOST_CHARACTERS &&
  new RegExp(`^(?:${pattern})$`, "u").test(text) &&
  (options === null || options.includes(text));

/** The answer as it is kept; null when it will not do. Where a pattern knows small letters alone, capitals become those. */
function answerTo(question: Question, typed: string): string | null {
  if (typed.length > 2 * MOST_CHARACTERS || /\p{Cc}/u.test(typed.trim())) return null;
  const text = bare(question, typed);
  return [text, text.toLowerCase()].find((each) => fits(question, each)) ?? null;
}

/**
 * @param given what was typed, by the questions' names
 * @returns the values to keep, optional ones that were left empty not among them; or what is wrong, by name. A name that
 *   nobody asks for is malformed.
 */
export function checkConnectionConfig(questions: readonly Question[], given: Record<string, string>): Checked {
  const asked = new Map(questions.map((question) => [question.name, question]));
  const values: [string, string][] = [];
  const wrong: [string, "missing" | "malformed"][] = Object.keys(given)
    .filter((name) => !asked.has(name))
    .map((name) => [name, "malformed"]);
  for (const [name, question] of asked) {
    const typed = Object.hasOwn(given, name) ? (given[name] ?? "") : "";
    if (typed.trim() === "") {
      if (!question.optional) wrong.push([name, "missing"]);
      continue;
    }
    const answer = answerTo(question, typed);
    if (answer === null) wrong.push([name, "malformed"]);
    else values.push([name, answer]);
  }
  return wrong.length > 0
    ? { ok: false, wrong: Object.fromEntries(wrong) }
    : { ok: true, values: Object.fromEntries(values) };
}
