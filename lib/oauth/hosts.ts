import "server-only";
import { env } from "@/lib/env";

/**
 * Threat: a setting that sends a provider's traffic, tokens included, to another host.
 * Invariant: outside the demo every address is the real one, whatever PROVIDER_HOSTS says; lib/start-checks.ts refuses
 * the setting there besides. Guarded by lib/oauth/hosts.test.ts.
 */

/**
 * Where an address of a provider's really is: as it stands, or at the embedded stack's stand-in.
 * `*` among the hosts stands for all that are not named; the real host is then the first part of the path.
 */
export function reach(realUrl: string): string {
  const { demo, oauth } = env();
  if (!demo) return realUrl;
  const url = new URL(realUrl);
  const standIn = oauth.providerHosts[url.host];
  const rest = `${url.pathname}${url.search}`;
  if (standIn !== undefined) return `${standIn}${rest}`;
  const anywhere = oauth.providerHosts["*"];
  return anywhere === undefined ? realUrl : `${anywhere}/${url.host}${rest}`;
}
