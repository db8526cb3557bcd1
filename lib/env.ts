import "server-only";
import { z } from "zod";
import { nangoEnvironments, nangoSettings } from "@/lib/env/nango";
import { redirectProblems, redirectUris } from "@/lib/env/redirects";

/**
 * Every setting of the server, read from the environment once, on first use.
 *
 * Nothing is read while `next build` runs: a build knows no key, no origin and no port.
 * The process environment is read as a whole object, never as `process.env.NAME`, because the bundler replaces such
 * expressions at build time.
 */

const blankAsMissing = (value: unknown) => (typeof value === "string" && value.trim() === "" ? undefined : value);
const optional = <T extends z.ZodType>(schema: T) => z.preprocess(blankAsMissing, schema.optional());
const required = z.preprocess(blankAsMissing, z.string({ error: "is missing" }).trim());
const url = z
  .url({ protocol: /^https?$/, error: "must be an http(s) URL" })
  .transform((value) => value.replace(/\/+$/, ""));
const requiredUrl = z.preprocess(blankAsMissing, z.string({ error: "is missing" }).trim().pipe(url));
const flag = z
  .preprocess(blankAsMissing, z.enum(["0", "1", "false", "true"]).default("0"))
  .transform((v) => v === "1" || v === "true");

/** A JSON object of texts. @param example shown when it is something else */
const textsByName = (example: string) =>
  z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: "custom", message: `must be a JSON object such as ${example}` });
        return z.NEVER;
      }
    })
    .pipe(z.record(z.string(), z.string().min(1)));

/** Requests a minute. */
const quota = (usual: number) => z.number().int().min(1).max(1_000_000).default(usual);
const rateLimits = z.strictObject({ key: quota(120), person: quota(600), owner: quota(1_200) });

/** `id:base64,id:base64`: the keys that direct sign-ins are encrypted with. A key has 32 bytes, which base64 writes so. */
const encryptionKeys = z
  .string()
  .transform((text) =>
    text.split(",").map((part) => {
      const [id = "", ...secret] = part.trim().split(":");
      return { id, secret: secret.join(":") };
    }),
  )
  .refine(
    (keys) => keys.every(({ id, secret }) => /^[A-Za-z0-9_-]{1,32}$/.test(id) && /^[A-Za-z0-9+/]{43}=$/.test(secret)),
    "must be id:key, or several with commas between them, each key 32 bytes in base64",
  )
  .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, "names two keys alike");

const variables = z.object({
  NODE_ENV: z.string().default("development"),
  APP_URL: requiredUrl,
  PATCHBAY_DEMO: flag,
  PATCHBAY_INSTANCE: optional(z.string().trim().max(255)),
  NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY: required.pipe(z.string().startsWith("pk_", "must start with pk_")),
  CLERK_SECRET_KEY: required.pipe(z.string().startsWith("sk_", "must start with sk_")),
  CLERK_JWT_KEY: optional(z.string().transform((pem) => pem.replaceAll("\\n", "\n"))),
  CLERK_PROXY_URL: optional(z.string().trim()),
  CLERK_WEBHOOK_SIGNING_SECRET: optional(
    z
      .string()
      .trim()
      .regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/, "must start with whsec_"),
  ),
  CLERK_FAPI_URL: optional(url),
  CLERK_API_URL: optional(url),
  SUPABASE_URL: requiredUrl,
  SUPABASE_PUBLISHABLE_KEY: required,
  SUPABASE_SECRET_KEY: optional(z.string().trim()),
  DATABASE_URL: required.pipe(z.string().regex(/^postgres(ql)?:\/\//, "must start with postgres://")),
  NANGO_ENV: optional(
    z
      .string()
      .trim()
      .toLowerCase()
      .pipe(z.enum(nangoEnvironments, { error: "must be dev or prod" })),
  ),
  NANGO_HOST: z.preprocess(blankAsMissing, url.default("https://api.nango.dev")),
  NANGO_ENABLED: z
    .preprocess(blankAsMissing, z.enum(["0", "1", "false", "true"]).optional())
    .transform((value) => (value === undefined ? undefined : value === "1" || value === "true")),
  NANGO_FALLBACK: z.preprocess(blankAsMissing, z.enum(["offer", "auto", "off"]).default("offer")),
  NANGO_SECRET_KEY: optional(z.string().trim()),
  NANGO_WEBHOOK_SIGNING_KEY: optional(z.string().trim()),
  NANGO_WEBHOOK_SIGNING_KEY_PREVIOUS: optional(z.string().trim()),
  NANGO_CONNECT_URL: z.preprocess(blankAsMissing, url.default("https://connect.nango.dev")),
  NANGO_INTEGRATION_KEYS: optional(textsByName('{"github":"github-prod"}')),
  NANGO_BACKGROUND_CALLS_PER_MINUTE: z.preprocess(
    blankAsMissing,
    z.coerce.number().int().min(1).max(10_000).default(100),
  ),
  PANORA_API_URL: optional(url),
  PANORA_API_KEY: optional(z.string().trim()),
  PANORA_OWNERS: optional(
    z.string().transform((text) => text.split(",").flatMap((owner) => (owner.trim() ? [owner.trim()] : []))),
  ),
  OAUTH_ENCRYPTION_KEYS: optional(encryptionKeys),
  PROVIDER_HOSTS: optional(textsByName('{"github.com":"http://127.0.0.1:4000"}').pipe(z.record(z.string(), url))),
  REDIRECT_URIS: optional(redirectUris),
  CRON_SECRET: optional(z.string().min(16, "must have at least 16 characters")),
  METRICS_SECRET: optional(z.string().min(16, "must have at least 16 characters")),
  SECOND_LOOK_SECONDS: z.preprocess(blankAsMissing, z.coerce.number().int().min(0).max(100).default(40)),
  PROBE_EVERY_HOURS: z.preprocess(blankAsMissing, z.coerce.number().min(0.25).max(720).default(24)),
  PROBE_BUDGET_PER_HOUR: z.preprocess(blankAsMissing, z.coerce.number().int().min(1).max(100_000).default(60)),
  RATE_LIMITS: z.preprocess((value) => {
    const text = blankAsMissing(value) ?? "{}";
    try {
      return JSON.parse(String(text));
    } catch {
      return text;
    }
  }, rateLimits),
  RETENTION_DELIVERIES_DAYS: z.preprocess(blankAsMissing, z.coerce.number().int().min(1).max(36_500).default(30)),
  RETENTION_EVENTS_DAYS: z.preprocess(blankAsMissing, z.coerce.number().int().min(90).max(36_500).default(400)),
  LOG_LEVEL: z.preprocess(
    blankAsMissing,
    z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  ),
});

/**
 * The name of every variable that is read, but for those of the applications at providers, which hold a slug, and the
 * other names that Nango's settings may have (lib/env/nango.ts).
 */
export const environmentVariables = Object.keys(variables.shape);

/** An application of the operator's at a provider, for sign-ins without Nango. */
export type OAuthClient = {
  clientId: string;
  clientSecret: string;
  /** Where the sign-in begins with another id than the client's, as at Amazon. */
  applicationId?: string;
};
type Source = Record<string, string | undefined>;

const clientVariable = /^OAUTH_([A-Z0-9]+(?:_[A-Z0-9]+)*)_CLIENT_(?:ID|SECRET)$/;

/** Connectors with a client id or secret, by their slugs in capitals with _ for -. */
function clientNames(source: Source): string[] {
  const names = Object.entries(source).flatMap(([name, value]) =>
    value?.trim() ? (clientVariable.exec(name)?.[1] ?? []) : [],
  );
  return [...new Set(names)];
}

/** One that is not complete is left out here and named by `problemsBetween`. */
function readClients(source: Source): Record<string, OAuthClient> {
  const clients = clientNames(source).flatMap((name) => {
    const clientId = source[`OAUTH_${name}_CLIENT_ID`]?.trim();
    const clientSecret = source[`OAUTH_${name}_CLIENT_SECRET`]?.trim();
    const applicationId = source[`OAUTH_${name}_APPLICATION_ID`]?.trim();
    if (!clientId || !clientSecret) return [];
    return [[name, { clientId, clientSecret, ...(applicationId && { applicationId }) }] as const];
  });
  return Object.fromEntries(clients);
}

/** What one setting needs of another. @param nangoProblems what is wrong with the names of Nango's */
function problemsBetween(source: Source, nangoProblems: string[]): string[] {
  const has = (name: string) => Boolean(source[name]?.trim());
  const problems: string[] = [];
  // No key at all means that Nango is not used; half of a set-up is a mistake, and so is asking for it without a key.
  const wanted = /^(1|true)$/.test(source.NANGO_ENABLED ?? "");
  const declined = /^(0|false)$/.test(source.NANGO_ENABLED ?? "");
  if (!declined && nangoProblems.length > 0) problems.push(...nangoProblems);
  else if (!has("NANGO_SECRET_KEY") && !declined && (wanted || has("NANGO_WEBHOOK_SIGNING_KEY")))
    problems.push("NANGO_SECRET_KEY is missing");
  if (has("PANORA_API_URL") !== has("PANORA_API_KEY"))
    problems.push(`${has("PANORA_API_URL") ? "PANORA_API_KEY" : "PANORA_API_URL"} is missing`);
  problems.push(...redirectProblems(source));
  const names = clientNames(source).flatMap((name) => [`OAUTH_${name}_CLIENT_ID`, `OAUTH_${name}_CLIENT_SECRET`]);
  if (names.length > 0) names.push("OAUTH_ENCRYPTION_KEYS");
  problems.push(...names.filter((name) => !has(name)).map((name) => `${name} is missing`));
  return problems;
}

const environmentSchema = variables.transform((raw) => ({
  production: raw.NODE_ENV === "production",
  demo: raw.PATCHBAY_DEMO,
  appUrl: raw.APP_URL,
  /** Name of this deployment; marks the connections that belong to it (tag `instance`). */
  instance: raw.PATCHBAY_INSTANCE ?? new URL(raw.APP_URL).host,
  clerk: {
    publishableKey: raw.NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY,
    secretKey: raw.CLERK_SECRET_KEY,
    jwtKey: raw.CLERK_JWT_KEY,
    proxyUrl: raw.CLERK_PROXY_URL,
    webhookSigningSecret: raw.CLERK_WEBHOOK_SIGNING_SECRET,
    fapiUrl: raw.CLERK_FAPI_URL,
    apiUrl: raw.CLERK_API_URL,
  },
  supabase: {
    url: raw.SUPABASE_URL,
    publishableKey: raw.SUPABASE_PUBLISHABLE_KEY,
    secretKey: raw.SUPABASE_SECRET_KEY,
    databaseUrl: raw.DATABASE_URL,
  },
  nango: {
    /** False: this installation does not use Nango, by its setting or because there is no key. Nothing calls it then. */
    enabled: raw.NANGO_ENABLED !== false && raw.NANGO_SECRET_KEY !== undefined,
    /** What happens where Nango cannot be reached and the connector could be connected directly. */
    fallback: raw.NANGO_FALLBACK,
    host: raw.NANGO_HOST,
    /** Empty without Nango. */
    apiKey: raw.NANGO_SECRET_KEY ?? "",
    connectUrl: raw.NANGO_CONNECT_URL,
    integrationKeys: raw.NANGO_INTEGRATION_KEYS ?? {},
    webhookSigningKey: raw.NANGO_WEBHOOK_SIGNING_KEY,
    webhookSigningKeyPrevious: raw.NANGO_WEBHOOK_SIGNING_KEY_PREVIOUS,
    /** What sweeps and probes may ask of Nango together, so that people's own calls keep their share of its limit. */
    backgroundCallsPerMinute: raw.NANGO_BACKGROUND_CALLS_PER_MINUTE,
  },
  panora: {
    /** null: not used. */
    api: raw.PANORA_API_URL && raw.PANORA_API_KEY ? { url: raw.PANORA_API_URL, apiKey: raw.PANORA_API_KEY } : null,
    /** Owners whose data is behind that key; `*` for all. One key is one account at Panora: whoever may use it sees it all. */
    owners: raw.PANORA_OWNERS ?? [],
  },
  oauth: {
    /** The first encrypts; the others still decrypt what they encrypted. */
    encryptionKeys: raw.OAUTH_ENCRYPTION_KEYS ?? [],
    /** Where the providers' hosts really are; for the embedded stack alone. */
    providerHosts: raw.PROVIDER_HOSTS ?? {},
  },
  /** Where programs may have people sent back to who connected an account for them. */
  redirectUris: raw.REDIRECT_URIS ?? [],
  cronSecret: raw.CRON_SECRET,
  metricsSecret: raw.METRICS_SECRET,
  /** How long after Nango reported a failed refresh it is looked into. */
  secondLookSeconds: raw.SECOND_LOOK_SECONDS,
  probes: { everyHours: raw.PROBE_EVERY_HOURS, perOwnerPerHour: raw.PROBE_BUDGET_PER_HOUR },
  /** Days for which deliveries (and what is as short-lived) and events are kept. */
  retention: { deliveriesDays: raw.RETENTION_DELIVERIES_DAYS, eventsDays: raw.RETENTION_EVENTS_DAYS },
  /** Requests a minute of one key, one person and one owner, over all processes. */
  rateLimits: raw.RATE_LIMITS,
  logLevel: raw.LOG_LEVEL,
}));

type Parsed = z.output<typeof environmentSchema>;
export type Environment = Parsed & {
  /** `clients`: by the connector's slug in capitals, with _ for -. */
  oauth: Parsed["oauth"] & { clients: Record<string, OAuthClient> };
};

/** One line that names each wrong setting and never shows a value. */
export class EnvironmentError extends Error {
  override name = "EnvironmentError";
}

/**
 * Parses a set of variables.
 * @throws EnvironmentError with one line for all that is wrong
 */
export function parseEnvironment(given: Source): Environment {
  const nango = nangoSettings(given);
  const source = { ...given, ...nango.values };
  const parsed = environmentSchema.safeParse(source);
  const between = problemsBetween(source, nango.problems);
  if (parsed.success && between.length === 0) {
    return { ...parsed.data, oauth: { ...parsed.data.oauth, clients: readClients(source) } };
  }
  const issues = parsed.error?.issues ?? [];
  const nameOf = (path: PropertyKey[]) => {
    const name = path.join(".") || "environment";
    return Object.hasOwn(nango.names, name) ? nango.names[name as keyof typeof nango.names] : name;
  };
  const problems = [...issues.map((issue) => `${nameOf(issue.path)} ${issue.message}`), ...between];
  throw new EnvironmentError(`Settings are wrong: ${[...new Set(problems)].join("; ")}. See .env.local.example.`);
}

let cached: Environment | undefined;

/**
 * The settings of this process.
 * @throws EnvironmentError when a required variable is missing or malformed
 */
export function env(): Environment {
  cached ??= parseEnvironment(process.env);
  return cached;
}

/** Forgets what was parsed; for tests that change the environment. */
export function resetEnv(): void {
  cached = undefined;
}
