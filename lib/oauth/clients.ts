import "server-only";
import type { Manifest } from "@/lib/catalogue/manifest";
import { manifests } from "@/lib/catalogue/manifests";
import { env, type OAuthClient } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { hasKeys } from "./keyring";
import { type DirectProvider, directProvider, directWay, needsApplicationId } from "./providers";
import type { Values } from "./templates";

/** The operator's application at a provider, by the names OAUTH_<SLUG>_CLIENT_ID, _CLIENT_SECRET and _APPLICATION_ID. */
function clientOf(slug: string): OAuthClient | undefined {
  return env().oauth.clients[slug.toUpperCase().replaceAll("-", "_")];
}

/**
 * Whether a connector can be connected without Nango here. not_configured: the operator has entered no application of
 * theirs, or no key to encrypt tokens with. unsupported: there is no such way to its provider.
 */
export function directState(manifest: Manifest): "available" | "not_configured" | "unsupported" {
  const way = directWay(manifest);
  if (!way) return "unsupported";
  const client = clientOf(manifest.slug);
  const isComplete = client && (!needsApplicationId(way) || client.applicationId !== undefined);
  return isComplete && hasKeys() ? "available" : "not_configured";
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

/** A connection's provider, also where the operator's application there is gone. Null: it has no direct way (any more). */
export function providerOf(slug: string, values: Values): DirectProvider | null {
  const manifest = manifests.get(slug);
  return manifest ? directProvider(manifest, values, clientOf(slug)) : null;
}

export type Direct = { provider: DirectProvider; client: OAuthClient };

/**
 * A connection's provider, with the operator's application there.
 * @param values what the connection knows of its account
 * @throws AppError connector_unavailable, connector_not_configured
 */
export function directOf(slug: string, values: Values): Direct {
  const manifest = manifests.get(slug);
  const state = manifest ? directState(manifest) : "unsupported";
  if (!manifest || state === "unsupported") throw new AppError("connector_unavailable");
  const client = clientOf(slug);
  const provider = client && directProvider(manifest, values, client);
  if (state !== "available" || !provider) throw new AppError("connector_not_configured");
  return { provider, client };
}
