/**
 * Threat: `redirect_url` is written by whoever made the link; sending a person on to another site after signing in is
 * how phishing pages get a trusted address.
 * Invariant: only a path of this site comes out. Guarded by lib/auth/return-path.test.ts and
 * tests/e2e/open-redirects.spec.ts. Safe in the browser.
 */

const BASE = "https://patchbay.invalid";
const FALLBACK = "/connectors";

/**
 * A path that is safe to go on to after signing in.
 * @param value what the address bar said
 * @returns the path with its query, or the fallback when the value leads anywhere else
 */
export function safeReturnPath(value: string | string[] | null | undefined, fallback: string = FALLBACK): string {
  if (typeof value !== "string" || value.length > 2000 || !value.startsWith("/")) return fallback;
  // Browsers drop tabs and line breaks, and read a backslash as a slash: `/\t/evil` and `/\evil` are other sites.
  if ([...value].some((character) => character.charCodeAt(0) < 0x20 || character === "\\" || character === "\u007f"))
    return fallback;
  if (value.startsWith("//")) return fallback;
  let url: URL;
  try {
    url = new URL(value, BASE);
  } catch {
    return fallback;
  }
  const path = `${url.pathname}${url.search}${url.hash}`;
  // Resolving dots can make a double slash of a harmless-looking path: `/.//evil`.
  if (url.origin !== BASE || path.startsWith("//") || path.startsWith("/__clerk")) return fallback;
  return path;
}

/** What Clerk's forms read of their address, besides `redirect_url`. */
const furtherParameters = [
  "sign_in_force_redirect_url",
  "sign_in_fallback_redirect_url",
  "sign_up_force_redirect_url",
  "sign_up_fallback_redirect_url",
] as const;

/** The path of an address of ours; Clerk's own links between its forms name whole addresses. */
const withoutOrigin = (value: string, ownOrigin: string): string =>
  value.startsWith(`${ownOrigin}/`) ? value.slice(ownOrigin.length) : value;

/**
 * Clerk's forms go wherever their address says, so nothing but paths of ours may stand there.
 * @param url the sign-in or sign-up page as it was asked for
 * @returns where to go instead; null when the address is fine
 */
export function cleanSignInAddress(url: URL, ownOrigin: string): URL | null {
  const clean = new URL(url);
  let changed = false;
  for (const name of ["redirect_url", ...furtherParameters]) {
    const [wanted, ...others] = url.searchParams.getAll(name);
    if (wanted === undefined) continue;
    const path = safeReturnPath(withoutOrigin(wanted, ownOrigin), "");
    if (path !== "" && path === wanted && others.length === 0) continue;
    changed = true;
    if (path === "" && name !== "redirect_url") clean.searchParams.delete(name);
    else clean.searchParams.set(name, path || FALLBACK);
  }
  return changed ? clean : null;
}

/** False for a path with escapes that stand for no text. */
export function isReadable(pathname: string): boolean {
  try {
    decodeURIComponent(pathname);
    return true;
  } catch {
    return false;
  }
}
