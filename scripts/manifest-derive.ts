import { manifestSchema } from "@/lib/catalogue/manifest";
import { finishDirect } from "./direct-oauth";
import type { ProviderFacts } from "./provider-catalogue";

type Json = Record<string, unknown>;

/** Sign-ins that go through the provider's own pages or token endpoint, and so have an `oauth` part. */
const oauthModes = new Set(["OAUTH2", "OAUTH1", "OAUTH2_CC"]);

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * A manifest with all that follows from its provider filled in and its fields in the schema's order.
 * What a person wrote is kept, unknown fields included: the check complains about those, losing them silently would be worse.
 */
export function deriveManifest(slug: string, content: Json, providers: ReadonlyMap<string, ProviderFacts>): Json {
  const nango = isObject(content.nango) ? content.nango : {};
  const provider = typeof nango.provider_key === "string" ? providers.get(nango.provider_key) : undefined;
  const derived: Json = { ...content, $schema: "./schema.json", slug };
  // A provider that is gone or changed its kind of sign-in is for a person to look at: the check reports it.
  if (provider && (content.auth_mode === undefined || content.auth_mode === provider.authMode)) {
    derived.auth_mode = provider.authMode;
    if (oauthModes.has(provider.authMode)) {
      const oauth = isObject(content.oauth) ? content.oauth : {};
      derived.oauth = {
        default_scopes: oauth.default_scopes ?? [],
        authorization_url: provider.authorizationUrl,
        token_url: provider.tokenUrl,
        direct: withHandWritten(provider, oauth.direct, content),
      };
    } else {
      derived.oauth = null;
    }
  }
  if (!content.docs_url && provider?.docsUrl) derived.docs_url = provider.docsUrl;
  return inSchemaOrder(derived);
}

/**
 * What our own OAuth client needs; null where there is no such way, or where the test is of an endpoint that only Nango
 * fills in.
 * @param before the part as it stands, with what is written by hand; kept where it comes to nothing, for the check to name
 */
function withHandWritten(provider: ProviderFacts, before: unknown, { test_connection }: Json): Json | null {
  const own = isObject(before) ? before : null;
  const onlyNangos = (JSON.stringify(test_connection) ?? "").includes("${");
  return (onlyNangos ? null : finishDirect(provider, own ?? {})) ?? own;
}

/** What a new connector starts from: not listed yet, and with empty texts that fail the check until somebody writes them. */
export function manifestSkeleton(
  slug: string,
  providerKey: string,
  category: string,
  providers: ReadonlyMap<string, ProviderFacts>,
): Json {
  const skeleton = {
    name: providers.get(providerKey)?.displayName ?? slug,
    description: "",
    category,
    status: "beta",
    listed: false,
    version: "0.1.0",
    aliases: [],
    nango: { enabled: true, provider_key: providerKey, integration_key: slug },
    scopes: {},
    prerequisites: [],
    revocation_url: null,
    test_connection: null,
    actions: {},
    triggers: [],
  };
  return deriveManifest(slug, skeleton, providers);
}

function inSchemaOrder(content: Json): Json {
  const known = Object.keys(manifestSchema.shape).filter((key) => key in content);
  const unknown = Object.keys(content).filter((key) => !known.includes(key));
  return Object.fromEntries([...known, ...unknown].map((key) => [key, content[key]]));
}
