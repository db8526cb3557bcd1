import { z } from "zod";

/** Fields of foreign records: read where they are what they should be, and otherwise taken as missing. */

/** A text, or a number as one; anything else, and the empty text, is null. */
export const maybeText = z
  .union([z.string(), z.number()])
  .transform((value) => {
    const text = String(value).trim();
    return text === "" ? null : text;
  })
  .nullish()
  .catch(null)
  .transform((value) => value ?? null);

/** An id: a text or a number. Without one a record is no record. */
export const identity = z.union([z.string().min(1), z.number()]).transform(String);

/** A name of its parts, where the service gives none. */
export function fullName(first: string | null, last: string | null): string | null {
  const name = [first, last].filter((part) => part !== null).join(" ");
  return name === "" ? null : name;
}

/** Those that are there, each once. */
export function present(...texts: (string | null)[]): string[] {
  return [...new Set(texts.filter((text) => text !== null))];
}
