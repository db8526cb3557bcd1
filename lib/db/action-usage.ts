import "server-only";
import { readerOf, type Tenant } from "@/lib/auth/tenant";
import { isUuid } from "@/lib/db/connections";
import { ask, systemDb } from "@/lib/db/system";
import type { ConnectionReason, ConnectionStatus, Visibility } from "@/lib/db/vocabulary";

/** A connection that an action may run on, with Nango's ids: never sent to a client. */
export type UsableConnection = {
  id: string;
  connector: string;
  integrationKey: string;
  nangoConnectionId: string;
  status: ConnectionStatus;
  reasonCode: ConnectionReason | null;
  accountName: string | null;
  label: string | null;
  isDefault: boolean;
  visibility: Visibility;
  connectedBy: string;
};

/**
 * What the tenant could run actions of these connectors on, the defaults first.
 * @param id only this one, in whatever status; without it what is disconnected is left out
 * @param orNangoId id may also be Nango's of one that is not disconnected; several services may have given out the same
 */
export async function usableConnections(
  tenant: Tenant,
  connectors: readonly string[],
  id?: string,
  orNangoId = false,
): Promise<UsableConnection[]> {
  const ours = id !== undefined && isUuid(id) ? id : null;
  const nangos = id !== undefined && orNangoId ? id : null;
  if (id !== undefined && ours === null && nangos === null) return [];
  const found = await ask(systemDb("actions")`
    select * from patchbay.usable_connections(
      ${tenant.ownerId}, ${readerOf(tenant)}, ${[...connectors]}::text[], ${ours}::uuid, ${nangos}::text)`);
  return found.map((row) => ({
    id: row.id,
    connector: row.connector,
    integrationKey: row.integration_key,
    nangoConnectionId: row.nango_connection_id,
    status: row.status,
    reasonCode: row.reason_code,
    accountName: row.account_name,
    label: row.label,
    isDefault: row.is_default,
    visibility: row.visibility,
    connectedBy: row.connected_by,
  }));
}

/** An action is being called on it. */
export async function countUse({ ownerId }: Tenant, id: string, action: string): Promise<void> {
  await ask(systemDb("actions")`select patchbay.count_use(${ownerId}, ${id}, ${action})`);
}

/** It failed. @param doubt because the provider does not take the credentials: they are looked into at once */
export async function countFailure({ ownerId }: Tenant, id: string, action: string, doubt: boolean): Promise<void> {
  await ask(systemDb("actions")`select patchbay.count_failure(${ownerId}, ${id}, ${action}, ${doubt})`);
}
