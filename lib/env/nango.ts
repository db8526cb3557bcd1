/**
 * The names by which Nango's settings may come. Nango's documentation, its SDK and the products that use it have named
 * them differently over the years, and one file often holds a development and a production environment at once.
 *
 * `NANGO_ENV` chooses between the names that end in `_DEV` and `_PROD`; without it they are not read. A chosen one comes
 * before one without an ending, which counts for both, and of several names of one setting the first in the table counts.
 * Guarded by lib/env/nango.test.ts.
 */

type Source = Record<string, string | undefined>;

/** Each setting with all names it may have, in the order in which they count. */
export const nangoNames = {
  NANGO_HOST: ["NANGO_API_BASE", "NANGO_HOST", "NANGO_URL", "NANGO_BASE_URL"],
  NANGO_CONNECT_URL: ["NANGO_CONNECT_URL"],
  NANGO_SECRET_KEY: ["NANGO_SECRET_KEY"],
  NANGO_WEBHOOK_SIGNING_KEY: ["NANGO_WEBHOOK_SIGNING_KEY", "NANGO_WEBHOOK_SECRET"],
  NANGO_WEBHOOK_SIGNING_KEY_PREVIOUS: ["NANGO_WEBHOOK_SIGNING_KEY_PREVIOUS"],
} as const;

type NangoSetting = keyof typeof nangoNames;
const settings = Object.keys(nangoNames) as NangoSetting[];

/** What `NANGO_ENV` may say, and the ending that it chooses. */
const endings: Record<string, "_DEV" | "_PROD"> = {
  dev: "_DEV",
  development: "_DEV",
  prod: "_PROD",
  production: "_PROD",
};
export const nangoEnvironments = Object.keys(endings);

/** Without these nothing works, so that one which only the other environment has is a mistake and not a choice. */
const needed: NangoSetting[] = ["NANGO_SECRET_KEY", "NANGO_WEBHOOK_SIGNING_KEY"];

const has = (source: Source, name: string) => Boolean(source[name]?.trim());
const other = (ending: "_DEV" | "_PROD") => (ending === "_DEV" ? "_PROD" : "_DEV");

/** Names of the first table that are not the setting's own; whoever sets all settings at once empties these. */
export const nangoAliases: string[] = [
  "NANGO_ENV",
  ...settings.flatMap((setting) => nangoNames[setting].filter((name) => name !== setting)),
];

export type NangoSettings = {
  /** By the settings' own names; those that nobody set are left out. */
  values: Partial<Record<NangoSetting, string>>;
  /** The name by which each of them came, for telling an operator which one is wrong. */
  names: Partial<Record<NangoSetting, string>>;
  /** What the names contradict each other in, a line each. */
  problems: string[];
};

/** Reads Nango's settings by whichever names they have. Checks no value. */
export function nangoSettings(source: Source): NangoSettings {
  const ending = endings[source.NANGO_ENV?.trim().toLowerCase() ?? ""];
  const found: NangoSettings = { values: {}, names: {}, problems: [] };
  for (const setting of settings) {
    const names: readonly string[] = nangoNames[setting];
    const candidates = [...(ending ? names.map((name) => `${name}${ending}`) : []), ...names];
    const name = candidates.find((candidate) => has(source, candidate));
    if (name !== undefined) {
      found.values[setting] = source[name] as string;
      found.names[setting] = name;
    } else if (needed.includes(setting)) {
      const elsewhere = (each: "_DEV" | "_PROD") => names.some((candidate) => has(source, `${candidate}${each}`));
      if (ending && elsewhere(other(ending))) found.problems.push(`${setting}${ending} is missing`);
      if (!ending && (elsewhere("_DEV") || elsewhere("_PROD")))
        found.problems.push("NANGO_ENV is missing, which chooses between the settings that end in _DEV and _PROD");
    }
  }
  return { ...found, problems: [...new Set(found.problems)] };
}
