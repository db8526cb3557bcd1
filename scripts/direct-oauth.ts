import { type DirectOAuth, directSchema } from "@/lib/catalogue/manifest-direct";
import { alternativesOf, isTemplate, namesIn } from "@/lib/oauth/templates";
import type { ProviderEntry, ProviderFacts } from "./provider-catalogue";

/** What Nango's catalogue says of a provider, before what is written by hand in the manifest. Texts may be templates. */
export type DirectDraft = Pick<
  DirectOAuth,
  | "api_base_url"
  | "api_headers"
  | "scope_separator"
  | "pkce"
  | "token_encoding"
  | "authorization_params"
  | "token_params"
  | "refresh_params"
  | "client_id_name"
  | "code_name"
  | "response_type"
> & {
  client_auth: "body" | "basic";
  /** What the catalogue would ask. A pattern is null where it has none. */
  questions: Record<string, Omit<DirectOAuth["connection_config"][string], "pattern"> & { pattern: string | null }>;
  /** Nango has code of its own for it: not to be derived, but to be written by hand. */
  needs: "secret_basic" | "long_lived" | null;
};

/** Providers whose token call or token life is like nobody else's, where the catalogue does not say so. */
const peculiar: Record<string, DirectDraft["needs"]> = {
  "stripe-app": "secret_basic",
  facebook: "long_lived",
};

/** TikTok hashes the verifier into hexadecimal digits, and asks only apps on devices to; Nango sends it no verifier. */
const hasOtherPkce = new Set(["tiktok-personal"]);

/** The protocol's own fields, which the OAuth client sets. */
const ownFields = new Set([
  ...["response_type", "grant_type", "client_id", "client_secret"],
  ...["redirect_uri", "scope", "state"],
]);

type Parameters = ProviderEntry["authorization_params"];
/** Null where one is no plain value: only Nango knows how to send such. */
function extra(given: Parameters): Record<string, string> | null {
  const entries = Object.entries(given ?? {}).filter(([name]) => !ownFields.has(name));
  if (entries.some(([, value]) => typeof value === "object")) return null;
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      // Not of a connection but of the application, which the operator knows.
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder
      String(value).replaceAll("${connectionConfig.applicationId}", "${applicationId}"),
    ]),
  );
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function questionsIn(entry: ProviderEntry): DirectDraft["questions"] {
  return Object.fromEntries(
    Object.entries(entry.connection_config ?? {})
      .filter(([, { automated }]) => automated !== true)
      .map(([name, field]) => [
        name,
        {
          title: field.title || name,
          description: field.description ?? "",
          example: field.example ?? null,
          prefix: field.prefix ?? null,
          suffix: field.suffix ?? null,
          pattern: field.pattern ?? (field.enum ? `^(?:${field.enum.map(escaped).join("|")})$` : null),
          options: field.enum ?? null,
          optional: field.optional === true,
        },
      ]),
  );
}

/**
 * How a provider can be signed in to without Nango, as far as its catalogue knows; null where that is not enough to begin
 * with.
 * @param tokenUrl the provider's, for a plain OAuth2 sign-in
 */
export function directOAuth(key: string, entry: ProviderEntry, tokenUrl: string | null): DirectDraft | null {
  const { proxy, authorization_url_replacements: renamed = {} } = entry;
  const [authorization_params, token_params, refresh_params] = [
    extra(entry.authorization_params),
    extra(entry.token_params),
    extra(entry.refresh_params),
  ];
  const { client_id = "client_id", response_type, ...otherNames } = renamed;
  const unfit =
    entry.auth_mode !== "OAUTH2" ||
    !(entry.authorization_url && tokenUrl && proxy?.base_url) ||
    Object.keys(otherNames).length > 0 ||
    (response_type !== undefined && response_type !== "");
  if (unfit || !authorization_params || !token_params || !refresh_params) return null;
  const basic = entry.authorization_method === "header" || entry.token_request_auth_method === "basic";
  return {
    api_base_url: (proxy?.base_url ?? "").replace(/\/+$/, ""),
    api_headers: Object.fromEntries(
      Object.entries(proxy?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    ),
    scope_separator: entry.scope_separator ?? " ",
    pkce: entry.disable_pkce !== true && !hasOtherPkce.has(key),
    client_auth: basic ? "basic" : "body",
    token_encoding: entry.body_format === "json" ? "json" : "form",
    ...{ authorization_params, token_params, refresh_params },
    client_id_name: client_id,
    code_name: entry.authorization_code_param_in_callback ?? "code",
    response_type: response_type === "" ? null : "code",
    questions: questionsIn(entry),
    // Renewed elsewhere than at the token endpoint.
    needs: peculiar[key] ?? (entry.refresh_url === undefined ? null : "long_lived"),
  };
}

/**
 * A template with the alternatives that are made of what the provider says before those made of what a person said, who may
 * be wrong about where their account is.
 */
function answersFirst(template: string, fromAnswer: object): string {
  const isAnswer = (each: string) => {
    const names = namesIn(each);
    return names.length > 0 && names.every((name) => Object.hasOwn(fromAnswer, name));
  };
  const all = alternativesOf(template);
  return [...all.filter(isAnswer), ...all.filter((each) => !isAnswer(each))].join(" || ");
}

/** A template without the alternatives that hold other names; null where none is left. */
function reduced(template: string, known: ReadonlySet<string>): string | null {
  const left = alternativesOf(template).filter(
    // What Nango calls itself by is not for us to say.
    (each) => namesIn(each).every((name) => known.has(name)) && !each.includes("nango.dev"),
  );
  return left.length > 0 ? left.join(" || ") : null;
}

function reducedAll(templates: Record<string, string>, known: ReadonlySet<string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(templates).flatMap(([name, template]) => {
      const text = reduced(template, known);
      return text === null ? [] : [[name, text] as const];
    }),
  );
}

type Own = Partial<
  Pick<
    DirectOAuth,
    | "authorization_url"
    | "connection_config"
    | "from_answer"
    | "hosts"
    | "long_lived"
    | "looked_up"
    | "revocation_endpoint"
    | "token_url"
  > & { client_auth: string }
>;

/** What a person has to be asked; null where nobody has said what a good answer is. */
function asked(names: Set<string>, addresses: string[], own: Own, draft: DirectDraft) {
  const written = own.connection_config ?? {};
  const from = Object.keys(written).length > 0 ? written : draft.questions;
  const used = Object.entries(from).filter(([name]) => names.has(name));
  const needed = (name: string) =>
    addresses.some((address) => alternativesOf(address).every((each) => namesIn(each).includes(name)));
  const questions = used.map(
    ([name, question]) => [name, { ...question, optional: question.optional && !needed(name) }] as const,
  );
  return questions.every(([, { pattern }]) => pattern !== null) ? Object.fromEntries(questions) : null;
}

/**
 * The direct part of a manifest: the draft with what is written by hand. What is as it is everywhere is left out.
 * @param own the part as it stands; of it, what only a person can know is kept
 * @returns null where it cannot be signed in to without Nango, or something has to be written by hand first
 */
export function finishDirect(
  provider: Pick<ProviderFacts, "direct" | "authorizationUrl" | "tokenUrl">,
  own: Own,
): Record<string, unknown> | null {
  const { direct: draft } = provider;
  const tokenUrl = own.token_url ?? provider.tokenUrl;
  const authorizationUrl = own.authorization_url ?? provider.authorizationUrl;
  if (!draft || !authorizationUrl || !tokenUrl) return null;
  const secretBasic = own.client_auth === "secret_basic";
  if (draft.needs === "secret_basic" && !secretBasic) return null;
  if (draft.needs === "long_lived" && !own.long_lived) return null;

  const { questions: _, needs: __, ...settings } = draft;
  const fromAnswer = own.from_answer ?? {};
  const texts = [draft.authorization_params, draft.token_params, draft.refresh_params, draft.api_headers];
  const all = [authorizationUrl, tokenUrl, draft.api_base_url, ...texts.flatMap((each) => Object.values(each))];
  const names = new Set(all.flatMap(namesIn).filter((name) => !Object.hasOwn(fromAnswer, name)));
  const addresses = [authorizationUrl, tokenUrl, draft.api_base_url];
  const connection_config = asked(names, addresses, own, draft);
  if (connection_config === null) return null;

  const known = new Set([...Object.keys(connection_config), ...Object.keys(fromAnswer)]);
  const api_base_url = reduced(answersFirst(draft.api_base_url, fromAnswer), known);
  const hosts = own.hosts ?? [];
  const isLost = [authorizationUrl, tokenUrl].some((address) => reduced(address, known) === null);
  if (api_base_url === null || isLost) return null;
  if ([authorizationUrl, tokenUrl, api_base_url].some(isTemplate) && hosts.length === 0) return null;

  const finished: Record<string, unknown> = {
    ...settings,
    authorization_url: own.authorization_url,
    token_url: own.token_url,
    client_auth: secretBasic ? "secret_basic" : draft.client_auth,
    api_base_url,
    api_headers: reducedAll(draft.api_headers, new Set([...known, "accessToken", "clientId", "clientSecret"])),
    authorization_params: reducedAll(draft.authorization_params, new Set([...known, "applicationId"])),
    token_params: reducedAll(draft.token_params, known),
    refresh_params: reducedAll(draft.refresh_params, known),
    connection_config,
    from_answer: own.from_answer,
    hosts: own.hosts,
    long_lived: own.long_lived,
    looked_up: own.looked_up,
    revocation_endpoint: own.revocation_endpoint ?? null,
  };
  return Object.fromEntries(
    Object.entries(directSchema.shape).flatMap(([name, field]) => {
      const byDefault = field.safeParse(undefined);
      const usual = byDefault.success && JSON.stringify(byDefault.data) === JSON.stringify(finished[name]);
      return finished[name] === undefined || usual ? [] : [[name, finished[name]] as const];
    }),
  );
}
