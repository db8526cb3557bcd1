import { loadProvidersYaml } from "@nangohq/providers";
import { z } from "zod";
import { type DirectDraft, directOAuth } from "./direct-oauth";

/**
 * Nango's provider catalogue, reduced to what manifests derive from it. Only scripts, tests and the embedded stack read it:
 * the running app has what it needs in the manifests.
 */
const parameters = z.record(z.string(), z.unknown()).optional();
const providerSchema = z.looseObject({
  alias: z.string().optional(),
  display_name: z.string().optional(),
  auth_mode: z.string().optional(),
  authorization_url: z.string().optional(),
  /** Some providers have one token URL per kind of sign-in; the plain OAuth2 one is what a manifest shows. */
  token_url: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
  docs: z.string().optional(),
  proxy: z
    .looseObject({ base_url: z.string().optional(), headers: z.record(z.string(), z.string()).optional() })
    .optional(),
  // What our own OAuth client goes by (see direct-oauth.ts).
  scope_separator: z.string().optional(),
  disable_pkce: z.boolean().optional(),
  authorization_method: z.string().optional(),
  token_request_auth_method: z.string().optional(),
  body_format: z.string().optional(),
  authorization_params: parameters,
  token_params: parameters,
  refresh_params: parameters,
  refresh_url: z.string().optional(),
  authorization_url_replacements: z.record(z.string(), z.string()).optional(),
  authorization_code_param_in_callback: z.string().optional(),
  connection_config: z
    .record(
      z.string(),
      z.looseObject({
        ...{ title: z.string().optional(), description: z.string().optional(), example: z.string().optional() },
        ...{ prefix: z.string().optional(), suffix: z.string().optional(), pattern: z.string().optional() },
        ...{
          enum: z.array(z.string()).optional(),
          optional: z.boolean().optional(),
          automated: z.boolean().optional(),
        },
      }),
    )
    .optional(),
});
export type ProviderEntry = z.infer<typeof providerSchema>;

export type ProviderFacts = {
  displayName: string;
  authMode: string;
  authorizationUrl: string | null;
  tokenUrl: string | null;
  docsUrl: string | null;
  baseUrl: string | null;
  /** For sign-ins without Nango, before what is written by hand; null where there is no such way. */
  direct: DirectDraft | null;
};

/** All providers by key, aliases resolved (an alias of an alias too). Throws when the package cannot be read. */
export function providerCatalogue(): Map<string, ProviderFacts> {
  const raw = loadProvidersYaml();
  if (!raw) throw new Error("The provider catalogue (@nangohq/providers) could not be read. Run npm ci.");
  const entries = new Map(Object.entries(raw).map(([key, value]) => [key, providerSchema.parse(value)]));

  const resolve = (key: string, seen: string[]): z.infer<typeof providerSchema> => {
    const entry = entries.get(key);
    if (!entry) throw new Error(`Provider ${seen.at(-1)} is an alias of ${key}, which does not exist.`);
    if (!entry.alias || seen.includes(entry.alias)) return entry;
    const { alias, ...own } = entry;
    return { ...resolve(alias, [...seen, key]), ...own };
  };

  return new Map(
    [...entries.keys()].map((key) => {
      const entry = resolve(key, []);
      const tokenUrl =
        typeof entry.token_url === "object" ? (entry.token_url.OAUTH2 ?? null) : (entry.token_url ?? null);
      return [
        key,
        {
          displayName: entry.display_name ?? key,
          authMode: entry.auth_mode ?? "NONE",
          authorizationUrl: entry.authorization_url ?? null,
          tokenUrl,
          docsUrl: entry.docs?.replace(/^http:/, "https:") ?? null,
          baseUrl: entry.proxy?.base_url ?? null,
          direct: directOAuth(key, entry, tokenUrl),
        },
      ];
    }),
  );
}
