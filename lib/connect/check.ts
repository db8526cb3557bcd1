import "server-only";
import type { Tenant } from "@/lib/auth/tenant";
import { type ConnectionRow, getConnection, requestCheck } from "@/lib/db/connections";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";

/**
 * Has a connection looked at now. Asking again within ten seconds changes nothing.
 * @throws AppError not_found, forbidden, connection_disconnected; nango_disabled for what is at Nango where Nango is not
 *   used: nobody could look
 */
export async function checkConnection(tenant: Tenant, id: string): Promise<ConnectionRow> {
  const row = await getConnection(tenant, id);
  const nobodyLooks = row?.authMethod === "nango" && !env().nango.enabled;
  if (nobodyLooks && row.status !== "disconnected") throw new AppError("nango_disabled");
  return requestCheck(tenant, id);
}
