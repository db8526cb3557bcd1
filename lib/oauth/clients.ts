import "server-only";
import type { Manifest } from "@/lib/catalogue/manifest";
import { manifests } from "@/lib/catalogue/manifests";
import { env, type OAuthClient } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { hasKeys } from "./keyring";
import { type DirectProvider, directProvider } from "./providers";

/** The operator's application at a provider, by the names OAUTH_<SLUG>_CLIENT_ID and _SECRET. */
function clientOf(slug: string): OAuthClient | undefined {
  return env().oauth.clients[slug.toUpperCase().replaceAll("-", "_")];
}

/**
 * Whether a connector can be connected without Nango here. not_configured: the operator has entered no application of
 * theirs, or no key to encrypt tokens with. unsupported: there is no such way to its provider.
 */
export function directState(manifest: Manifest): "available" | "not_configured" | "unsupported" {
  if (!directProvider(manifest)) return "unsupported";
  return clientOf(manifest.slug) && hasKeys() ? "available" : "not_configured";
}

/**
 * The connectors that use the same application of the operator's and are taken back at the same address, this one among
 * them. Google, for one, forgets all that a person let an application do, whichever token is named.
 */
export function revokedTogether(slug: string): string[] {
  const endpointOf = (each: Manifest | undefined) => each?.oauth?.direct?.revocation_endpoint;
  const [client, endpoint] = [clientOf(slug)?.clientId, endpointOf(manifests.get(slug))];
  const others = [...manifests.values()].filter(
    (each) => endpoint && endpointOf(each) === endpoint && client && clientOf(each.slug)?.clientId === client,
  );
  return [...new Set([slug, ...others.map((each) => each.slug)])];
}

export type Direct = { provider: DirectProvider; client: OAuthClient };

/**
 * A provider with the operator's application there.
 * @throws AppError connector_unavailable, connector_not_configured
 */
export function directOf(slug: string): Direct {
  const manifest = manifests.get(slug);
  const provider = manifest && directProvider(manifest);
  if (!provider) throw new AppError("connector_unavailable");
  const client = clientOf(slug);
  if (!client || !hasKeys()) throw new AppError("connector_not_configured");
  return { provider, client };
}
