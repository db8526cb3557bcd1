import { z } from "zod";
import { categoryKeys } from "./categories";
import { directSchema, providerUrl, webAddress } from "./manifest-direct";

/**
 * The shape of `manifests/<slug>.json`: everything Patchbay knows about a connector before anybody connects it.
 * This schema is the only definition; `manifests/schema.json` is generated from it for editors.
 * What needs more than one field or the provider catalogue to judge is in scripts/manifests-rules.ts.
 */

/** Words that routes under /api/integrations/{slug}/ already use. An action of that name could never be reached. */
export const reservedActionNames = ["list", "authorize", "callback", "refresh", "actions", "triggers"] as const;

/** How a person proves who they are, as Nango names it. */
const authModes = [
  "OAUTH2",
  "OAUTH1",
  "OAUTH2_CC",
  "API_KEY",
  "BASIC",
  "TWO_STEP",
  "AWS_SIGV4",
  "APP",
  "APP_STORE",
  "BILL",
  "CUSTOM",
  "JWT",
  "MCP_OAUTH2",
  "MCP_OAUTH2_GENERIC",
  "NONE",
  "SIGNATURE",
  "TBA",
] as const;
export type AuthMode = (typeof authModes)[number];

const sentence = z.string().trim().min(1).max(300);
/** Relative to the provider's base URL at Nango, so that a manifest can never send a credential to another host. */
const endpoint = z
  .string()
  .max(500)
  .regex(/^\/(?!\/)(?!.*\.\.)(?!.*:\/\/)\S*$/, "a path that begins with / and stays on the provider's host");

/** Where a value sits in an answer: `user.id`, arrays by index (`data.0.id`). */
const answerPath = z.string().regex(/^[A-Za-z0-9_$@-]+(\.[A-Za-z0-9_$@-]+)*$/, "a dot path such as data.0.id");

const parameterName = z.string().regex(/^[A-Za-z_$][A-Za-z0-9_.$-]*$/);
const headers = z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9-]*$/), z.string());
const method = z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]);

const testConnectionSchema = z.strictObject({
  method: z.enum(["GET", "POST"]),
  endpoint,
  headers: headers.default({}),
  body: z
    .union([z.record(z.string(), z.json()), z.string()])
    .nullable()
    .default(null),
  /** null: the service has no call that says whose account this is; the account is then named "SendGrid 1". */
  account: z.strictObject({ id: answerPath, name: answerPath }).nullable(),
  /** standin: exercised against a stand-in. docs: read in the provider's documentation (source). none: neither. */
  verified: z.enum(["standin", "docs", "none"]),
  source: webAddress.nullable().default(null),
});

/** JSON Schema of an action's input: always a closed object, so that a caller's typo is an error and not ignored. */
const inputSchema = z.strictObject({
  type: z.literal("object"),
  properties: z.record(parameterName, z.record(z.string(), z.json())),
  required: z.array(parameterName).optional(),
  additionalProperties: z.literal(false),
});

const actionFields = z.strictObject({
  name: z.string().trim().min(1).max(60),
  description: sentence,
  method,
  endpoint,
  /** True when the call changes nothing at the provider: agents may then use it without asking. */
  read_only: z.boolean(),
  /** True when it can change or take away what is there, rather than only add to it. Left out: as DELETE does. */
  destructive: z.boolean().optional(),
  /** How long the provider may take, where it is slow by nature, such as a language model. Left out: as any request. */
  max_seconds: z.number().int().min(5).max(55).optional(),
  /** Which of the connector's default scopes it needs, all of them. Left out: not known; empty: none. */
  scopes: z.array(z.string().min(1)).optional(),
  input_schema: inputSchema,
  request: z.strictObject({
    path: z.array(parameterName).default([]),
    query: z.array(parameterName).default([]),
    body: z.array(parameterName).default([]),
    encode: z.enum(["json", "form", "graphql", "mime"]).default("json"),
    graphql: z.string().min(1).optional(),
    /** Body fields that are always sent as they stand here. */
    constants: z.record(z.string(), z.json()).default({}),
    headers: headers.optional(),
  }),
});
const actionSchema = actionFields.transform(({ destructive, ...action }) => ({
  ...action,
  destructive: destructive ?? action.method === "DELETE",
}));

export const manifestSchema = z.strictObject({
  $schema: z.literal("./schema.json"),
  slug: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  name: z.string().trim().min(1).max(40),
  description: z
    .string()
    .trim()
    .min(10)
    .max(90)
    .refine((text) => !/integration with/i.test(text), "says what it is for, not that it is an integration"),
  category: z.enum(categoryKeys),
  status: z.enum(["stable", "beta", "unavailable"]),
  unavailable_reason: sentence.optional(),
  /** False: registered and usable, but not on the catalogue pages. */
  listed: z.boolean(),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  aliases: z.array(z.string().trim().min(1).max(40)).max(12),
  nango: z.strictObject({
    enabled: z.boolean(),
    provider_key: z.string().min(1).nullable(),
    integration_key: z.string().min(1).nullable(),
    /** What the operator must set on the integration itself, for providers that serve many services. */
    integration_config: z.record(z.string(), z.string()).optional(),
  }),
  auth_mode: z.enum(authModes).nullable(),
  oauth: z
    .strictObject({
      default_scopes: z.array(z.string().min(1)),
      /** null where the provider starts the sign-in on its own site, or has no sign-in page at all. */
      authorization_url: providerUrl.nullable(),
      token_url: providerUrl.nullable(),
      /** null: it cannot be connected without Nango. */
      direct: directSchema.nullable().default(null),
    })
    .nullable(),
  /** Each scope as the end of "it will ask to …". */
  scopes: z.record(z.string().min(1), sentence),
  /**
   * How long a sign-in lasts where the provider ends it at a set age, whatever Nango renews until then, and the page that
   * says so. Counts where Nango names no earlier end itself, as it does for a token that comes without a refresh token.
   * Left out: it goes on for as long as it is used, or that is not known.
   */
  sign_in_life: z.strictObject({ days: z.number().int().min(1).max(3650), source: webAddress }).nullish(),
  prerequisites: z.array(z.strictObject({ title: z.string().trim().min(1).max(80), detail: sentence })),
  docs_url: webAddress,
  /** Where a person takes the access away at the provider itself. */
  revocation_url: webAddress.nullable(),
  test_connection: testConnectionSchema.nullable(),
  actions: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), actionSchema),
  triggers: z.array(z.strictObject({ name: z.string().trim().min(1).max(60), description: sentence })),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type { DirectOAuth } from "./manifest-direct";
