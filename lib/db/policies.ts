import "server-only";
import type { Tenant } from "@/lib/auth/tenant";
import { type Door, read } from "@/lib/db/reading";

/** May the tenant's owner start new connections of this connector? */
export async function mayConnect(tenant: Tenant, connector: string, door: Door = "token"): Promise<boolean> {
  const answer = await read(tenant, door, "may_connect", { p_connector: connector }, false);
  return door === "token" ? answer === true : firstValue(answer) === true;
}

/** Slugs of the connectors that the owner's rules block. */
export async function blockedConnectors(tenant: Tenant, door: Door = "token"): Promise<string[]> {
  const answer: unknown = await read(tenant, door, "blocked_connectors", {}, false);
  return (answer as unknown[]).map((row) => (typeof row === "string" ? row : String(Object.values(row as object)[0])));
}

/** A function that returns one value comes back as a row with one column over the direct connection. */
function firstValue(answer: unknown): unknown {
  const [row] = answer as Record<string, unknown>[];
  return row ? Object.values(row)[0] : null;
}
