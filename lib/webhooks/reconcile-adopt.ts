import "server-only";
import type { Tenant } from "@/lib/auth/tenant";
import { factsOf } from "@/lib/connect/facts";
import type { ConnectionRow } from "@/lib/db/connections";
import { adoptQuarantined } from "@/lib/db/quarantine";
import { getConnection } from "@/lib/nango/connections";

/**
 * Adopts a quarantined connection with what Nango says of it now.
 * @throws AppError not_found, forbidden, connection_mismatch, nango_*
 */
export function adoptFromQuarantine(tenant: Tenant, id: string): Promise<ConnectionRow> {
  return adoptQuarantined(tenant, id, async ({ integrationKey, connectionId }) => {
    const connection = await getConnection(integrationKey, connectionId);
    return connection && factsOf(connection);
  });
}
