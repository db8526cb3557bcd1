import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { applicationId } from "./generic/dialects";
import type { Providers } from "./start";

/**
 * The settings with which the app signs people in without Nango: an application of its own at some providers, where those
 * are, and a key to encrypt tokens with, which stays the same over restarts as the tokens do.
 * @param slugs of connectors
 * @param stateDir folder for the key
 */
export function directSettings(
  providers: Pick<Providers, "directClient" | "realAddresses">,
  slugs: string[],
  stateDir: string,
): Record<string, string> {
  const file = join(stateDir, "oauth-key");
  if (!existsSync(file)) writeFileSync(file, `demo:${randomBytes(32).toString("base64")}`, { mode: 0o600 });
  const clients = slugs.flatMap((slug) => {
    const { clientId, clientSecret } = providers.directClient(slug);
    const name = slug.toUpperCase().replaceAll("-", "_");
    return [
      [`OAUTH_${name}_CLIENT_ID`, clientId],
      [`OAUTH_${name}_CLIENT_SECRET`, clientSecret],
      // Amazon's sign-in begins with an id of its own.
      ...(slug === "amazon-seller" ? [[`OAUTH_${name}_APPLICATION_ID`, applicationId(clientId)]] : []),
    ];
  });
  return {
    OAUTH_ENCRYPTION_KEYS: readFileSync(file, "utf8").trim(),
    PROVIDER_HOSTS: JSON.stringify({ "*": providers.realAddresses }),
    ...Object.fromEntries(clients),
  };
}
