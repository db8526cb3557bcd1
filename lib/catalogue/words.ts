/** How the search reads text: client-safe, pure. */

/** Lower-case words without accents; any script's letters and digits count. "Cal.com" is cal and com. */
export function words(text: string): string[] {
  return fold(text).match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** The text as one word, so that "git hub", "Git-Hub" and "github" are the same. */
export function compact(text: string): string {
  return words(text).join("");
}

/** A word without its English ending, so that invoice, invoices and invoicing meet. Rough on purpose: it only ranks. */
export function stem(word: string): string {
  if (word.length > 5 && word.endsWith("ing")) return word.slice(0, -3);
  if (word.length > 4 && word.endsWith("ies")) return word.slice(0, -3);
  if (word.length > 4 && (word.endsWith("es") || word.endsWith("ed"))) return word.slice(0, -2);
  if (word.length > 3 && word.endsWith("s") && !word.endsWith("ss")) return word.slice(0, -1);
  if (word.length > 4 && (word.endsWith("e") || word.endsWith("y"))) return word.slice(0, -1);
  return word;
}

function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
