import "server-only";
import { manifests } from "@/lib/catalogue/manifests";
import { mayShareAccess, whileHolding } from "@/lib/db/oauth";
import type { UpstreamResult } from "@/lib/db/vocabulary";
import { directOf, revokedTogether } from "./clients";
import { directKey } from "./direct-key";
import { unsealTokens } from "./seal-tokens";
import { revokeToken } from "./token-endpoint";

/**
 * Whether taking back this connection's access could end that of another one, of whichever owner and connector. Where an
 * account is not known yet, it could.
 */
export function couldEndOthers(connection: { id: string; connector: string }): Promise<boolean> {
  return mayShareAccess(connection.id, revokedTogether(connection.connector).map(directKey));
}

/**
 * Takes a connection's access back at its provider, where that can be done. A refresh token takes the access tokens that
 * came of it along (RFC 7009, 2.1). Nobody renews meanwhile: what is taken back is what is valid last.
 * @returns null when there are no tokens any more
 * @throws AppError direct_unreachable, connector_not_configured, misconfigured, database_unavailable
 */
export async function revokeDirect(connection: { id: string; connector: string }): Promise<UpstreamResult | null> {
  const endpoint = manifests.get(connection.connector)?.oauth?.direct?.revocation_endpoint;
  return whileHolding(connection.id, async ({ credentials, refuse }) => {
    if (!credentials) return null;
    if (!endpoint) return "not_supported";
    if (await couldEndOthers(connection)) return "kept_in_use";
    const { access, refresh } = unsealTokens(credentials);
    const direct = directOf(connection.connector, credentials.connectionConfig);
    const url = direct.provider.revocationUrl ?? endpoint;
    const hint = refresh === null ? "access_token" : "refresh_token";
    if (!(await revokeToken(direct, url, refresh ?? access, hint))) return "failed";
    // To whoever waits to renew: it is no good any more.
    await refuse();
    return "revoked";
  });
}
