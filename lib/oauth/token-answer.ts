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

const text = z.string().min(1).max(64_000);
const tokens = z.object({
  access_token: text,
  refresh_token: text.nullish(),
  expires_in: z.coerce.number().nonnegative().nullish().catch(null),
  scope: z
    .union([z.string(), z.array(z.string()).transform((list) => list.join(" "))])
    .nullish()
    .catch(null),
});

const word = z.string().regex(/^[\w.-]{1,100}$/);
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
 * @returns the answer in the protocol's form; null when it makes no sense, which says nothing about the credentials
 */
export function standardAnswer(status: number, contentType: string, body: string): Response | null {
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
  }
  const refused = refusal.safeParse(read);
  if (!refused.success) return null;
  const said = refused.data.error.toLowerCase();
  return Response.json({ error: sameAs[said] ?? said }, { status: 400 });
}
