import { z } from "zod";

/**
 * Brings what token endpoints really answer into the form of RFC 6749, section 5, which the OAuth client expects: errors
 * with status 200 (GitHub, Slack), forms instead of JSON, scopes as a list, types of their own. Nothing else of an answer
 * is kept: an id_token, for one, is neither asked for nor believed.
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
const tokens = z.object({
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
  scope: z
    .union([z.string(), z.array(z.string()).transform((list) => list.join(" "))])
    .nullish()
    .catch(null),
});

const word = z.string().regex(/^[\w.-]{1,100}$/);
/** Tokens were given, whatever they are like. */
const given = z.object({ access_token: z.string().min(1) });

const refusal = z.object({ error: word }).or(z.object({ status: word }).transform(({ status }) => ({ error: status })));

/** A body as an object; null when it is neither JSON nor a form. */
function readBody(body: string, contentType: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    const form = /x-www-form-urlencoded|text\/plain/.test(contentType) && /(^|&)(access_token|error)=/.test(body);
    return form ? Object.fromEntries(new URLSearchParams(body)) : null;
  }
}

/**
 * @returns the answer in the protocol's form; "unusable" when it gives tokens that cannot be used as bearer tokens; null
 *   when it makes no sense, or leads elsewhere. Neither of these says anything about the credentials that were sent.
 */
export function standardAnswer(status: number, contentType: string, body: string): Response | "unusable" | null {
  if (status >= 300 && status < 400) return null;
  const read = readBody(body, contentType);
  if (status >= 200 && status < 300) {
    const granted = tokens.safeParse(read);
    if (granted.success) {
      const { access_token, refresh_token, expires_in, scope } = granted.data;
      return Response.json({
        access_token,
        token_type: "bearer",
        ...(refresh_token && { refresh_token }),
        ...(expires_in != null && { expires_in }),
        ...(scope && { scope }),
      });
    }
    if (given.safeParse(read).success) return "unusable";
  }
  const refused = refusal.safeParse(read);
  if (!refused.success) return null;
  const said = refused.data.error.toLowerCase();
  return Response.json({ error: sameAs[said] ?? said }, { status: 400 });
}
