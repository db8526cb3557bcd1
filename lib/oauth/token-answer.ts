import { z } from "zod";
import { pickValues } from "./templates";

/**
 * Brings what token endpoints really answer into the form of RFC 6749, section 5, which the OAuth client expects: errors
 * with status 200 (GitHub, Slack) or as Meta words them, forms instead of JSON, scopes as a list, types of their own.
 * Of the rest of an answer only what the manifest names is kept, and only where it looks as the manifest says: it may
 * become part of an address. An id_token, for one, is neither asked for nor believed.
 */

/** Words of their own for what the protocol has a word for. */
const sameAs: Record<string, string> = {
  bad_verification_code: "invalid_grant",
  bad_refresh_token: "invalid_grant",
  invalid_refresh_token: "invalid_grant",
  invalid_code: "invalid_grant",
  code_already_used: "invalid_grant",
  code_expired: "invalid_grant",
  token_revoked: "invalid_grant",
  token_expired: "invalid_grant",
  incorrect_client_credentials: "invalid_client",
  bad_client_secret: "invalid_client",
  invalid_client_secret: "invalid_client",
  invalid_client_id: "invalid_client",
};

/**
 * What a header can carry (RFC 6750, 2.1, and more). Anything else, a line break above all, would make the call fail in
 * which it is sent, with an error that names it.
 */
const token = z
  .string()
  .max(64_000)
  .regex(/^[\x21-\x7e]+$/);

/** How providers call a token that whoever has it may use: as the protocol does, Slack, and eBay. */
const bearer = new Set(["bearer", "bot", "user access token"]);

const seconds = z.number().nonnegative();
const scopes = z
  .union([z.string(), z.array(z.string()).transform((list) => list.join(" "))])
  .nullish()
  .catch(null);
const tokens = z.looseObject({
  access_token: token,
  refresh_token: token.nullish(),
  token_type: z
    .string()
    .refine((type) => bearer.has(type.toLowerCase()))
    .nullish(),
  expires_in: seconds
    .or(
      z
        .string()
        .regex(/^\d+(\.\d+)?$/)
        .transform(Number)
        .pipe(seconds),
    )
    .nullish()
    .catch(null),
  scope: scopes,
  /** Instagram's word for scopes. */
  permissions: scopes,
});

const word = z.string().regex(/^[\w.-]{1,100}$/);
/** Tokens were given, whatever they are like. */
const given = z.object({ access_token: z.string().min(1) });

/**
 * Meta's errors by their numbers: a token that is over or was taken back, a code that is no good, an application that
 * does not exist. What is not here, such as too many calls, says nothing about what was sent.
 */
const metaErrors: Record<number, string> = { 100: "invalid_request", 101: "invalid_client", 190: "invalid_grant" };
const metaError = z.object({
  error: z.object({ type: z.literal("OAuthException"), code: z.number(), is_transient: z.literal(false).optional() }),
});
/** As Instagram says it of a code: the number is that of the status. */
const instagramError = z.object({ error_type: z.literal("OAuthException"), code: z.literal(400) });

const refusal = z
  .object({ error: word })
  .or(metaError.transform(({ error: { code } }) => ({ error: metaErrors[code] ?? "unknown_error" })))
  .or(instagramError.transform(() => ({ error: "invalid_request" })))
  .or(z.object({ status: word }).transform(({ status }) => ({ error: status })));

/** The first of a list that is the whole answer, as Instagram wraps it. */
const wrapped = z.object({ data: z.tuple([z.looseObject({ access_token: z.unknown() })]) });

/** A body as an object; null when it is neither JSON nor a form. */
function readBody(body: string, contentType: string): unknown {
  try {
    const read: unknown = JSON.parse(body);
    const inner = wrapped.safeParse(read);
    return inner.success ? inner.data.data[0] : read;
  } catch {
    const form = /x-www-form-urlencoded|text\/plain/.test(contentType) && /(^|&)(access_token|error)=/.test(body);
    return form ? Object.fromEntries(new URLSearchParams(body)) : null;
  }
}

/**
 * @param wanted what else is kept of an answer that grants tokens, by name and pattern: the member `extra`
 * @returns the answer in the protocol's form; "unusable" when it gives tokens that cannot be used as bearer tokens; null
 *   when it makes no sense, or leads elsewhere. Neither of these says anything about the credentials that were sent.
 */
export function standardAnswer(
  status: number,
  contentType: string,
  body: string,
  wanted: Readonly<Record<string, string>> = {},
): Response | "unusable" | null {
  if (status >= 300 && status < 400) return null;
  const read = readBody(body, contentType);
  if (status >= 200 && status < 300) {
    const granted = tokens.safeParse(read);
    if (granted.success) {
      const { access_token, refresh_token, expires_in, scope, permissions } = granted.data;
      const extra = pickValues(granted.data, wanted);
      return Response.json({
        access_token,
        token_type: "bearer",
        ...(refresh_token && { refresh_token }),
        ...(expires_in != null && { expires_in }),
        ...((scope || permissions) && { scope: scope || permissions }),
        ...(Object.keys(extra).length > 0 && { extra }),
      });
    }
    if (given.safeParse(read).success) return "unusable";
  }
  const refused = refusal.safeParse(read);
  if (!refused.success) return null;
  const said = refused.data.error.toLowerCase();
  return Response.json({ error: sameAs[said] ?? said }, { status: 400 });
}
