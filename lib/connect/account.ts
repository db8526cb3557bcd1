/**
 * Reads whose account a provider's answer is about, by the paths that the manifest gives.
 */

export type Account = { accountId: string; accountName: string };

/** The value at a dot path, arrays by index: `data.0.id`. */
function at(value: unknown, path: string): unknown {
  let current = value;
  for (const key of path.split(".")) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}

function shortText(value: unknown): string | null {
  if (typeof value !== "string" && typeof value !== "number") return null;
  const text = [...String(value)]
    .filter((character) => character.charCodeAt(0) >= 0x20)
    .join("")
    .trim();
  return text === "" ? null : text.slice(0, 200);
}

/**
 * The account's id and name; null when the answer does not tell its id.
 * @param body the provider's answer: parsed JSON, or text that may hold JSON
 */
export function accountOf(body: unknown, paths: { id: string; name: string }): Account | null {
  const accountId = shortText(at(body, paths.id));
  if (accountId === null) return null;
  return { accountId, accountName: shortText(at(body, paths.name)) ?? accountId };
}

/** What Slack, and others of its kind, answer with status 200. */
const refusals = new Set(["invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"]);

/**
 * Whether a provider says that the credentials are no good. 403 does not count: it is what credentials that work get
 * for something they may not do.
 */
export function refusesCredentials(status: number, body: unknown): boolean {
  if (status === 401) return true;
  const error = at(body, "error");
  // Meta says with 400 that a token is over or was taken back.
  if (status === 400 && at(error, "type") === "OAuthException" && at(error, "code") === 190) return true;
  return status === 200 && at(body, "ok") === false && typeof error === "string" && refusals.has(error);
}

/** GitHub and Google, among others, say with 403 that there were too many calls. */
export const saysBusy = (answer: { status: number; body: unknown }): boolean =>
  answer.status === 403 && /rate.?limit|too many|quota/i.test(JSON.stringify(answer.body) ?? "");
