import "server-only";
import { pickConnection } from "@/lib/actions/pick";
import type { OAuthMethod } from "@/lib/api/views";
import type { Tenant } from "@/lib/auth/tenant";
import { manifests } from "@/lib/catalogue/manifests";
import { canRenew, isDirect, renewed } from "@/lib/connect/credentials";
import { doubt } from "@/lib/db/oauth";
import { AppError } from "@/lib/errors";

export type Renewal = {
  connectionId: string;
  /** Seconds until the new access token ends; null: it has no end, or nobody says. */
  expiresIn: number | null;
  oauthMethod: OAuthMethod;
};

/**
 * Renews the sign-in of one of the caller's connections at once. One that cannot be renewed is looked into, as after any
 * other refusal, and counts as broken only then.
 * @param connectionId left out: the default, or the only one
 * @throws AppError unknown_connector, not_renewable, connection_needs_attention, connection_gone, what pickConnection()
 *   throws, and nango_*, direct_unreachable: nothing is known
 */
export async function renewConnection(
  tenant: Tenant,
  { connector, connectionId }: { connector: string; connectionId?: string | undefined },
): Promise<Renewal> {
  if (!manifests.has(connector)) throw new AppError("unknown_connector");
  const connection = await pickConnection(tenant, { connectors: [connector], connectionId });
  if (!canRenew(connection)) throw new AppError("not_renewable", { details: { connector } });
  const { word, tokenEndsAt } = await renewed(connection);
  if (word !== "fine") {
    await doubt(connection.id);
    if (word === "gone") throw new AppError("connection_gone", { details: { connector } });
    const details = { reason_code: "refresh_failed", next_step: "reconnect", connector };
    throw new AppError("connection_needs_attention", { details });
  }
  return {
    connectionId: connection.id,
    expiresIn: tokenEndsAt === null ? null : Math.max(0, Math.round((Date.parse(tokenEndsAt) - Date.now()) / 1000)),
    oauthMethod: isDirect(connection) ? "direct" : "nango",
  };
}
