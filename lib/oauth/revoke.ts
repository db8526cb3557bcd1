import "server-only";
import { manifests } from "@/lib/catalogue/manifests";
import { credentialsOf } from "@/lib/db/oauth";
import type { UpstreamResult } from "@/lib/db/vocabulary";
import { directOf } from "./clients";
import { unsealTokens } from "./seal-tokens";
import { revokeToken } from "./token-endpoint";

/**
 * Takes a connection's access back at its provider, where that can be done. A refresh token takes the access tokens that
 * came of it along (RFC 7009, 2.1).
 * @returns null when there are no tokens any more
 * @throws AppError direct_unreachable, connector_not_configured, misconfigured
 */
export async function revokeDirect(connection: { id: string; connector: string }): Promise<UpstreamResult | null> {
  const stored = await credentialsOf(connection.id);
  if (!stored) return null;
  const endpoint = manifests.get(connection.connector)?.oauth?.direct?.revocation_endpoint;
  if (!endpoint) return "not_supported";
  const { access, refresh } = unsealTokens(stored);
  const hint = refresh === null ? "access_token" : "refresh_token";
  return (await revokeToken(directOf(connection.connector), endpoint, refresh ?? access, hint)) ? "revoked" : "failed";
}
