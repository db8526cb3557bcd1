import { randomBytes } from "node:crypto";
import type { Tree } from "../catalogue";

/**
 * Reads a dotted path ("credentials.token", "items.0.id") out of a value. A key that holds dots itself wins: metadata
 * of a token answer is kept under its whole path ("team.id").
 */
export function at(value: unknown, path: string): unknown {
  if (value === null || typeof value !== "object") return undefined;
  if (Object.hasOwn(value, path)) return (value as Record<string, unknown>)[path];
  const dot = path.indexOf(".");
  if (dot < 0) return undefined;
  const head = path.slice(0, dot);
  return Object.hasOwn(value, head) ? at((value as Record<string, unknown>)[head], path.slice(dot + 1)) : undefined;
}

/**
 * Fills `${…}` in a text of the catalogue, and takes the first of several alternatives ("a || b") whose placeholders
 * all have a value. What stays unknown is left standing, as Nango leaves it.
 */
export function fill(
  text: string,
  values: Record<string, unknown>,
  encode: (value: string) => string = (v) => v,
): string {
  const alternatives = text.split(" || ").map((alternative) => fillOne(alternative.trim(), values, encode));
  return (
    (alternatives.find((alternative) => alternative.complete) ?? alternatives[alternatives.length - 1])?.text ?? ""
  );
}

function fillOne(text: string, values: Record<string, unknown>, encode: (value: string) => string) {
  let complete = true;
  const filled = text.replace(/\$\{([^{}]+)\}/g, (whole, name: string) => {
    const computed = compute(name.trim());
    const value = computed ?? at(values, name.trim());
    if (value === undefined || value === null || value === "") {
      complete = false;
      return whole;
    }
    return encode(typeof value === "string" ? value : String(value));
  });
  // ${base64(${user}:${password})}: the inner ones are filled by now.
  const encoded = filled.replace(/\$\{base64\(([^)]*)\)\}/g, (whole, plain: string) =>
    plain.includes("${") ? whole : Buffer.from(plain).toString("base64"),
  );
  return { text: encoded, complete };
}

function compute(name: string): string | undefined {
  if (name === "now") return new Date().toISOString();
  if (name === "now:YYYYMMDDTHHmmss[Z]") return new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  if (name === "random") return randomBytes(16).toString("hex");
  return undefined;
}

/** Fills every text inside a tree of parameters. Entries whose placeholder has no value are left out. */
export function fillTree(tree: Tree | undefined, values: Record<string, unknown>): unknown {
  if (typeof tree === "string") {
    const filled = fill(tree, values);
    return filled.includes("${") ? undefined : filled;
  }
  if (Array.isArray(tree)) return tree.map((entry) => fillTree(entry, values)).filter((entry) => entry !== undefined);
  if (tree === null || typeof tree !== "object") return tree;
  const entries = Object.entries(tree).map(([key, entry]) => [key, fillTree(entry, values)] as const);
  return Object.fromEntries(entries.filter(([, entry]) => entry !== undefined));
}
