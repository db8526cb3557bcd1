import { type CategoryKey, categories } from "@/lib/catalogue/categories";
import { type Manifest, manifestSchema, reservedActionNames } from "@/lib/catalogue/manifest";
import { directProblems } from "./direct-rules";
import type { ManifestFile } from "./manifest-files";
import type { ProviderFacts } from "./provider-catalogue";

/**
 * What a set of manifests must fulfil beyond the schema. Pure, so that the command, the tests and the tests of the rules
 * themselves share it.
 */
export type Finding = { slug: string; problem: string };

/** How many listed connectors each category has. A connector that goes missing changes a number here. */
export const categoryCounts: Record<CategoryKey, number> = {
  communication: 15,
  crm: 10,
  "project-management": 10,
  files: 10,
  "e-commerce": 10,
  social: 10,
  analytics: 10,
  development: 11,
  ai: 6,
  notes: 2,
  calendar: 4,
  payments: 1,
};

/** Connectors that people use for work, not only connect: each offers its useful actions. */
export const richConnectors = [
  "gmail",
  "google-calendar",
  "google-drive",
  "slack",
  "github",
  "hubspot",
  "notion",
  "linear",
  "stripe",
  "twilio",
  "whatsapp-business",
  "outlook-mail",
];
const actionsOfRichConnectors = 4;

export function checkManifests(files: ManifestFile[], providers: ReadonlyMap<string, ProviderFacts>): Finding[] {
  const findings: Finding[] = [];
  const valid: Manifest[] = [];
  for (const file of files) {
    const parsed = manifestSchema.safeParse(file.content);
    if (parsed.success) {
      valid.push(parsed.data);
      const problems = [...checkOne(file.slug, parsed.data), ...checkAgainstProvider(parsed.data, providers)];
      findings.push(...problems.map((problem) => ({ slug: file.slug, problem })));
    } else {
      for (const issue of parsed.error.issues) {
        findings.push({ slug: file.slug, problem: `${issue.path.join(".") || "manifest"}: ${issue.message}` });
      }
    }
  }
  findings.push(...checkTogether(valid));
  return findings;
}

function* checkOne(fileSlug: string, manifest: Manifest): Generator<string> {
  if (manifest.slug !== fileSlug) yield `slug: is ${manifest.slug}, but the file is ${fileSlug}.json`;

  const available = manifest.status !== "unavailable";
  if (available === (manifest.unavailable_reason !== undefined)) {
    yield "unavailable_reason: belongs to unavailable connectors, and every one of them needs it";
  }
  if (available && !manifest.test_connection) yield "test_connection: an available connector needs one";
  const test = manifest.test_connection;
  if (test?.verified === "docs" && !test.source)
    yield "test_connection.source: verified by docs needs the page's address";
  if (test?.method === "GET" && test.body !== null) yield "test_connection.body: a GET has none";

  const { enabled, provider_key, integration_key } = manifest.nango;
  if (enabled !== (provider_key !== null) || enabled !== (integration_key !== null)) {
    yield "nango: provider_key and integration_key are set exactly when it is enabled";
  }
  if (integration_key !== null && integration_key !== manifest.slug) {
    yield "nango.integration_key: is the slug; an operator who wants another sets NANGO_INTEGRATION_KEYS";
  }

  const scopes = manifest.oauth?.default_scopes ?? [];
  for (const scope of scopes)
    if (!manifest.scopes[scope]) yield `scopes: "${scope}" is asked for, but not said in words`;
  for (const scope of Object.keys(manifest.scopes)) {
    if (!scopes.includes(scope)) yield `scopes: "${scope}" is explained, but not asked for`;
  }

  if (manifest.sign_in_life && manifest.oauth === null) {
    yield "sign_in_life: belongs to connectors where somebody signs in at the provider";
  }

  for (const [key, action] of Object.entries(manifest.actions)) {
    for (const problem of checkAction(key, action)) yield `actions.${key}: ${problem}`;
    for (const scope of action.scopes ?? []) {
      if (!scopes.includes(scope)) yield `actions.${key}: needs the scope "${scope}", which is not asked for`;
    }
    if (richConnectors.includes(manifest.slug) && scopes.length > 0 && action.scopes === undefined) {
      yield `actions.${key}: says not which scopes it needs`;
    }
  }
  if (richConnectors.includes(manifest.slug) && Object.keys(manifest.actions).length < actionsOfRichConnectors) {
    yield `actions: needs at least ${actionsOfRichConnectors}`;
  }
}

function* checkAction(key: string, action: Manifest["actions"][string]): Generator<string> {
  if ((reservedActionNames as readonly string[]).includes(key)) yield "this name is reserved";
  const { request, input_schema: input } = action;
  const declared = Object.keys(input.properties);
  const required = input.required ?? [];
  const sent = [...request.path, ...request.query, ...request.body];

  for (const name of declared) if (!sent.includes(name)) yield `input "${name}" is sent nowhere`;
  for (const name of sent) if (!declared.includes(name)) yield `request sends "${name}", which the input does not have`;
  for (const name of new Set(sent.filter((name, at) => sent.indexOf(name) !== at)))
    yield `request sends "${name}" twice`;
  for (const name of required) if (!declared.includes(name)) yield `requires "${name}", which the input does not have`;

  // Nango's own ${…} placeholders are not parameters of the action.
  const inPath = [...action.endpoint.replaceAll(/\$\{[^}]*\}/g, "").matchAll(/\{([^}]*)\}/g)].map(
    (match) => match[1] ?? "",
  );
  for (const name of inPath) {
    if (!request.path.includes(name)) yield `the endpoint has {${name}}, which is not in request.path`;
    if (!required.includes(name)) yield `"${name}" is part of the path, so it must be required`;
  }
  for (const name of request.path) if (!inPath.includes(name)) yield `request.path has "${name}", the endpoint has not`;

  if ((request.encode === "graphql") !== (request.graphql !== undefined)) yield "graphql text goes with encode graphql";
  if (action.method === "GET" && (request.body.length > 0 || Object.keys(request.constants).length > 0)) {
    yield "a GET sends no body";
  }
  if (request.encode === "json" && action.method === "GET" && !action.read_only)
    yield "a GET changes nothing: read_only";
  if (action.read_only && action.destructive) yield "it cannot be both read_only and destructive";
}

function* checkAgainstProvider(manifest: Manifest, providers: ReadonlyMap<string, ProviderFacts>): Generator<string> {
  const key = manifest.nango.provider_key;
  if (key === null) return;
  const provider = providers.get(key);
  if (!provider) {
    yield `nango.provider_key: Nango has no provider "${key}" any more`;
    return;
  }
  if (provider.authMode !== manifest.auth_mode) {
    yield `auth_mode: is ${manifest.auth_mode}, at Nango it is ${provider.authMode} now`;
  }
  if (!provider.baseUrl) yield `nango.provider_key: "${key}" has no proxy base URL, so nothing could be called`;
  if ((manifest.oauth?.authorization_url ?? null) !== (manifest.oauth ? provider.authorizationUrl : null)) {
    yield "oauth.authorization_url: differs from Nango's (run manifests:generate)";
  }
  if ((manifest.oauth?.token_url ?? null) !== (manifest.oauth ? provider.tokenUrl : null)) {
    yield "oauth.token_url: differs from Nango's (run manifests:generate)";
  }
  if (manifest.oauth?.direct) yield* directProblems(manifest.oauth, manifest.oauth.direct, provider);
}

function* checkTogether(manifests: Manifest[]): Generator<Finding> {
  for (const field of ["name", "description"] as const) {
    const seen = new Map<string, string>();
    for (const manifest of manifests) {
      const value = manifest[field].toLowerCase();
      const other = seen.get(value);
      if (other) yield { slug: manifest.slug, problem: `${field}: the same as ${other}'s` };
      seen.set(value, manifest.slug);
    }
  }
  for (const { key } of categories) {
    const count = manifests.filter((manifest) => manifest.listed && manifest.category === key).length;
    if (count !== categoryCounts[key]) {
      yield { slug: "(all)", problem: `category ${key} has ${count} listed connectors, not ${categoryCounts[key]}` };
    }
  }
}
