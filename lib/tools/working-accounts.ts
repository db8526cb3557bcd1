import "server-only";
import type { Tenant } from "@/lib/auth/tenant";
import { manifests } from "@/lib/catalogue/manifests";
import { actionsAffected, missingScopes } from "@/lib/catalogue/scopes";
import { type ConnectionRow, listConnections } from "@/lib/db/connections";

/** Of each connector with an account that works: the actions for which none of its accounts was given the permissions. */
export type WorkingAccounts = ReadonlyMap<string, ReadonlySet<string>>;

/** As many accounts as are read at once. */
const PAGE = 200;

function closedActions(row: ConnectionRow): Set<string> {
  const manifest = manifests.get(row.connector);
  const missing = missingScopes(row.scopesRequested, row.scopesGranted);
  return new Set(manifest && missing.length > 0 ? actionsAffected(manifest, missing) : []);
}

/** Nobody but the database is asked. */
export async function workingAccounts(tenant: Tenant): Promise<WorkingAccounts> {
  const working = new Map<string, Set<string>>();
  let cursor: string | null | undefined;
  do {
    const page = await listConnections(tenant, { status: "connected", limit: PAGE, ...(cursor && { cursor }) });
    for (const row of page.connections) {
      const closed = closedActions(row);
      const before = working.get(row.connector);
      working.set(row.connector, before ? new Set([...before].filter((action) => closed.has(action))) : closed);
    }
    cursor = page.nextCursor;
  } while (cursor);
  return working;
}
