import { z } from "zod";

/**
 * The part of a manifest that our own OAuth client goes by (`oauth.direct`).
 *
 * Addresses, headers and parameters may be templates: `${connectionConfig.name}` stands for a value of the connection's
 * own, and of alternatives, parted by ` || `, the first one counts whose values are all there. What may come of an address
 * is bounded by `hosts`; lib/oauth/templates.ts fills them in and says how.
 */

export const webAddress = z.url({ protocol: /^https$/, hostname: z.regexes.domain });

/** Provider URLs may hold `${connectionConfig.x}` and ` || ` alternatives. */
export const providerUrl = z
  .string()
  .regex(
    /^(https:\/\/|\$\{connectionConfig\.)\S+( \|\| (https:\/\/|\$\{connectionConfig\.)\S+)*$/,
    "an https URL, placeholders allowed",
  );

/** Extra fields of a request; never ones that the protocol itself sets. */
const oauthParameters = z.record(z.string().regex(/^[a-z_]+$/), z.string());

const valueName = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,49}$/);

/** A regular expression for a whole value, from its first character to its last. */
const anchoredPattern = z
  .string()
  .max(500)
  .regex(/^\^.*\$$/, "begins with ^ and ends with $")
  .refine((text) => {
    try {
      // Without the group, `^a|b$` would be anchored on neither side of the bar.
      return new RegExp(`^(?:${text})$`, "u") instanceof RegExp;
    } catch {
      return false;
    }
  }, "a regular expression");

/** What a person is asked before the sign-in begins. `prefix` and `suffix` are shown around the field, and not part of it. */
const questionSchema = z.strictObject({
  title: z.string().trim().min(1).max(60),
  description: z.string().trim().max(300),
  example: z.string().max(100).nullable().default(null),
  prefix: z.string().max(60).nullable().default(null),
  suffix: z.string().max(60).nullable().default(null),
  pattern: anchoredPattern,
  /** The only answers there are; null: anything that fits the pattern. */
  options: z.array(z.string().min(1).max(100)).min(1).nullable().default(null),
  optional: z.boolean().default(false),
});

/** A host name of two parts or more, in lower case. */
const hostName = z.string().regex(/^([a-z0-9-]+\.)+[a-z]{2,}$/);

const parameterName = z.string().regex(/^[a-z_]+$/);

/** All but what is said to be written by hand follows from the provider. */
export const directSchema = z.strictObject({
  /** By hand. Where the sign-in begins, in place of the address that Nango's catalogue has. */
  authorization_url: providerUrl.nullable().default(null),
  /** By hand. Where tokens are asked for, in place of the address that Nango's catalogue has. */
  token_url: providerUrl.nullable().default(null),
  /** Every call goes there and nowhere else. */
  api_base_url: providerUrl,
  /** Sent with each call; `authorization: Bearer` is there without saying. May hold `${accessToken}`, `${clientId}` and `${clientSecret}`. */
  api_headers: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), z.string()),
  scope_separator: z.string().min(1).max(3),
  /** PKCE with S256. False where the provider refuses it. */
  pkce: z.boolean(),
  /** How the application says who it is at the token endpoint. secret_basic, by hand: with its secret alone, as the user. */
  client_auth: z.enum(["body", "basic", "secret_basic"]),
  token_encoding: z.enum(["form", "json"]),
  /** May hold `${applicationId}`: the operator's OAUTH_<SLUG>_APPLICATION_ID. */
  authorization_params: oauthParameters,
  token_params: oauthParameters,
  refresh_params: oauthParameters,
  /** What the provider calls the application's id, at its sign-in page and its token endpoint. */
  client_id_name: parameterName.default("client_id"),
  /** What the provider calls the code that it sends the browser back with. */
  code_name: parameterName.default("code"),
  /** null: the provider's sign-in page takes none. */
  response_type: z.literal("code").nullable().default("code"),
  /** What is asked before the sign-in; derived from Nango's catalogue where it is not written by hand. */
  connection_config: z.record(valueName, questionSchema).default({}),
  /** By hand. Values that come with the tokens, or with the browser that comes back, and the pattern that each must fit. */
  from_answer: z.record(valueName, anchoredPattern).default({}),
  /** By hand. Once filled in, the host of a templated address is one of these, or below one. */
  hosts: z.array(hostName).default([]),
  /**
   * By hand. The token of the code lives for an hour, and is exchanged at once, by a GET, for one that lives long. That one
   * is renewed by a GET of the same kind, with itself as what to renew with.
   */
  long_lived: z
    .strictObject({
      exchange_url: webAddress,
      exchange_grant: parameterName,
      refresh_url: webAddress,
      refresh_grant: parameterName,
      /** The parameter that holds the present token. */
      token_name: parameterName.default("access_token"),
    })
    .nullable()
    .default(null),
  /** Values of endpoints that the provider lists: where, and in which field of an entry. Taken when there is one alone. */
  looked_up: z
    .record(valueName, z.object({ endpoint: z.string().regex(/^\/[\w/.-]*$/), field: z.string() }))
    .default({}),
  /** RFC 7009. null: the provider has none. By hand, since Nango does not know it. */
  revocation_endpoint: providerUrl.nullable(),
});
export type DirectOAuth = z.infer<typeof directSchema>;
