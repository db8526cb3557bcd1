/**
 * Threat: an answer of a person's, or of a provider's, that makes an address lead elsewhere: a token, a code or our own
 * secret would go to whoever made it up.
 * Invariant: a value that goes into an address is made of letters, digits, and single dots, hyphens and underscores, and at
 * the very beginning of an address may have `https://` before it. What comes out must be an address as it stands, with
 * nothing for a parser to tidy up, on a host that the manifest names or one below. This holds whenever an address is used,
 * whatever was let in when the value was stored. Guarded by lib/oauth/templates.test.ts.
 */

export type Values = Readonly<Record<string, string>>;

const placeholder = /\$\{([^}]*)\}/g;
const prefix = "connectionConfig.";

/** A host, or a part of one, or of a path. */
const isPlain = (value: string): boolean =>
  // One run in the middle: two that can share a character would try every way of sharing.
  /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/i.test(value) && !value.includes("..");

const valueNamed = (values: Values, name: string): string | undefined => {
  const key = name.startsWith(prefix) ? name.slice(prefix.length) : name;
  return Object.hasOwn(values, key) && values[key] !== "" ? values[key] : undefined;
};

export const alternativesOf = (template: string): string[] => template.split(" || ");

/** The names in a text, `connectionConfig.` left off. */
export const namesIn = (text: string): string[] =>
  [...text.matchAll(placeholder)].map(([, name = ""]) => (name.startsWith(prefix) ? name.slice(prefix.length) : name));

export const isTemplate = (text: string): boolean => text.includes("${") || text.includes(" || ");

/** The first alternative whose names all have values. */
const choose = (template: string, values: Values): string | undefined =>
  alternativesOf(template).find((each) => namesIn(each).every((name) => valueNamed(values, name) !== undefined));

/** A parameter or header with its values filled in; null where one is missing. */
export function fillText(template: string, values: Values): string | null {
  const chosen = choose(template, values);
  return chosen === undefined ? null : chosen.replace(placeholder, (_, name: string) => valueNamed(values, name) ?? "");
}

/** An endpoint with those values filled in that are part of a path. Any other name stays, and with it the endpoint is none. */
export function fillEndpoint(endpoint: string, values: Values): string {
  return endpoint.replace(placeholder, (whole, name: string) => {
    const value = name.startsWith(prefix) ? valueNamed(values, name) : undefined;
    return value !== undefined && isPlain(value) ? value : whole;
  });
}

/** Whether a host is one of these, or below one. A number is an address of the network, below nothing. */
const isBelow = (host: string, hosts: readonly string[]): boolean =>
  /[a-z]$/.test(host) && hosts.some((each) => host === each || host.endsWith(`.${each}`));

/**
 * An address with its values filled in. One that is no template is the manifest's own, and stays as it is.
 * @returns null when a value is missing, or when it would lead anywhere but to one of `hosts`
 */
export function fillAddress(template: string, values: Values, hosts: readonly string[]): string | null {
  if (!isTemplate(template)) return template;
  const chosen = choose(template, values);
  if (chosen === undefined) return null;
  let allPlain = true;
  const filled = chosen.replace(placeholder, (_, name: string, at: number) => {
    const value = valueNamed(values, name) ?? "";
    const bare = at === 0 ? value.replace(/^https:\/\//, "") : value;
    allPlain &&= isPlain(bare);
    return value;
  });
  if (!allPlain || !URL.canParse(filled)) return null;
  const url = new URL(filled);
  const asItStands = url.href === filled || url.href === `${filled}/`;
  const bareHost = url.protocol === "https:" && url.port === "" && url.username === "" && url.password === "";
  return asItStands && bareHost && isBelow(url.hostname, hosts) ? filled : null;
}

/** What of the values that came with an answer is wanted, and fits. @param patterns by name */
export function pickValues(
  given: Readonly<Record<string, unknown>>,
  patterns: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(patterns).flatMap(([name, pattern]) => {
      const value = Object.hasOwn(given, name) ? given[name] : undefined;
      const fits = typeof value === "string" && value.length <= 300 && new RegExp(`^(?:${pattern})$`, "u").test(value);
      return fits ? [[name, value] as const] : [];
    }),
  );
}
