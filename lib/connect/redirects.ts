import "server-only";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";

/**
 * Threat: an address that comes with a request sends people, and what came of their sign-in, to a stranger's site.
 * Invariant: only what the operator listed in REDIRECT_URIS, compared as text, when the link is made and once more when
 * somebody leaves by it. Guarded by tests/integration/authorize-redirects.test.ts.
 */

/** @throws AppError redirect_not_allowed */
export function requireAllowedRedirect(uri: string): void {
  if (!env().redirectUris.includes(uri)) throw new AppError("redirect_not_allowed");
}

/** The address with what we have to say added to it. */
export function redirectWith(uri: string, answer: Record<string, string>): string {
  const url = new URL(uri);
  for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
  return url.href;
}
