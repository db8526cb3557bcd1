/**
 * Where the functions and row policies of the database compare owners and persons, found in their source, and each of
 * those places made permissive in turn. A mutant that no probe notices is a hole in the probes.
 */
import type { Sql } from "postgres";

export type Definition = { name: string; text: string };
type Mutant = { name: string; predicate: string; text: string };

/** Every function of ours, as the database would write it. */
export function definitionsOf(sql: Sql): Promise<Definition[]> {
  return sql<Definition[]>`
    select n.nspname || '.' || p.proname as name, pg_get_functiondef(p.oid) as text
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname in ('public', 'patchbay') order by 1`;
}

/** Columns and parameters that say whose something is. */
const whose =
  /\b(owner_id|started_by|connected_by|user_id|disconnected_by|p_\w*owner(_id)?|p_\w*user|p_by|p_connected_by)\b/;

/** Calls that decide for the caller, and what lets everybody through in their place. */
const gates: readonly (readonly [call: string, open: string])[] = [
  ["patchbay.connection_visible", "true"],
  ["patchbay.can_adopt", "true"],
  ["may_connect", "true"],
  ["not coalesce", "false"],
  ["patchbay.lock_managed", "patchbay.anybodys_connection(p_id)"],
  ["patchbay.lock_quarantined", "patchbay.anybodys_quarantined(p_id)"],
];

/** What the open gates above need. Made once, after the definitions were read. */
export const openGates = `
  create function patchbay.anybodys_connection(uuid) returns public.connections language sql set search_path = ''
    as 'select c from public.connections c where c.id = $1';
  create function patchbay.anybodys_quarantined(uuid) returns public.quarantined_connections language sql
    set search_path = '' as 'select q from public.quarantined_connections q where q.id = $1'`;

/** All mutants of a function, one per predicate, in the order in which they stand. */
export function mutantsOf({ name, text }: Definition): Mutant[] {
  const code = text.replace(/--[^\n]*/g, (comment) => " ".repeat(comment.length));
  const body = /\bAS \$function\$|\bBEGIN ATOMIC\b|^RETURN\b|\n ?RETURN\b/.exec(code)?.index ?? 0;
  return openings(code, body, gates).map((opening) => mutant(name, text, code, opening));
}

/** All mutants of a row policy, whose text is its condition: each part of it, and the whole. */
export function mutantsOfPolicy({ name, text }: Definition): Mutant[] {
  const parts = openings(text, 0, [...gates, ["exists ", "true"]]);
  const found = parts.map((opening) => mutant(name, text, text, opening));
  return [...found, { name, predicate: "all of it", text: "true" }];
}

type Opening = { at: number; end: number; open: string };

const mutant = (name: string, text: string, code: string, { at, end, open }: Opening): Mutant => ({
  name,
  predicate: code.slice(at, end).replace(/\s+/g, " ").trim(),
  text: `${text.slice(0, at)} ${open} ${text.slice(end)}`,
});

/** Every predicate after `from`, with what makes it permissive. */
function openings(code: string, from: number, calls: readonly (readonly [string, string])[]): Opening[] {
  const found: Opening[] = [];
  const operator = /<>|(?<![:<>=!])=(?!>)|\bis (?:not )?distinct from\b/gi;
  for (const match of code.matchAll(operator)) {
    if (match.index < from) continue;
    const at = operandStart(code, match.index);
    const end = operandEnd(code, match.index + match[0].length);
    if (!whose.test(code.slice(at, end)) || isAssignment(code, at)) continue;
    const equal = match[0] === "=" || /not/i.test(match[0]);
    found.push({ at, end, open: equal ? "true" : "false" });
  }
  for (const [call, open] of calls) {
    const start = new RegExp(`(?<![\\w])(?:public\\.)?${call.replace(".", "\\.")}\\(`, "gi");
    for (const match of code.matchAll(start)) {
      if (match.index < from || (call === "not coalesce" && !code.startsWith("p_is_admin", match.index + 13))) continue;
      found.push({ at: match.index, end: closing(code, match.index + match[0].length - 1), open });
    }
  }
  return found.sort((a, b) => a.at - b.at);
}

/** `set a = b` is no comparison: the last word that opens a clause before it says so. */
function isAssignment(code: string, at: number): boolean {
  const words = code.slice(0, at).match(/\b(set|where|on|if|elsif|when|and|or|not|select|then|else)\b/gi);
  return words?.at(-1)?.toLowerCase() === "set";
}

/** Where the operand before `end` begins: a name, a literal or something in brackets, with casts and JSON steps. */
function operandStart(code: string, end: number): number {
  let at = code.slice(0, end).trimEnd().length;
  for (;;) {
    if (code[at - 1] === ")") {
      at = opening(code, at - 1);
      at -= /[\w.]*$/.exec(code.slice(0, at))?.[0].length ?? 0;
    } else if (code[at - 1] === "'") at = code.lastIndexOf("'", at - 2);
    else at -= /[\w.]*$/.exec(code.slice(0, at))?.[0].length ?? 0;
    const link = /(::|\s*->>?\s*)$/.exec(code.slice(0, at));
    if (!link) return at;
    at -= link[0].length;
  }
}

function operandEnd(code: string, start: number): number {
  let at = start + (/^\s*/.exec(code.slice(start))?.[0].length ?? 0);
  for (;;) {
    if (code[at] === "'") at = code.indexOf("'", at + 1) + 1;
    else {
      at += /^[\w.]*/.exec(code.slice(at))?.[0].length ?? 0;
      if (code[at] === "(") at = closing(code, at);
    }
    const link = /^(::|\s*->>?\s*)/.exec(code.slice(at));
    if (!link) return at;
    at += link[0].length;
  }
}

/** The place after the bracket that closes the one at `open`. */
function closing(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    if (code[at] === "(") depth++;
    if (code[at] === ")" && --depth === 0) return at + 1;
  }
  throw new Error(`no bracket closes ${code.slice(open, open + 40)}`);
}

function opening(code: string, close: number): number {
  let depth = 0;
  for (let at = close; at >= 0; at--) {
    if (code[at] === ")") depth++;
    if (code[at] === "(" && --depth === 0) return at;
  }
  throw new Error(`no bracket opens before ${code.slice(close - 40, close + 1)}`);
}
