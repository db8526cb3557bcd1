import "server-only";
import type { Tenant } from "@/lib/auth/tenant";
import { type Door, read } from "@/lib/db/reading";

/** May the tenant's owner start new connections of this connector? */
export async function mayConnect(tenant: Tenant, connector: string, door?: Door): Promise<boolean> {
  const answer = await read(tenant, "may_connect", { p_connector: connector }, { door, withUser: false });
  return typeof answer === "boolean" ? answer : firstValue(answer) === true;
}

/** Slugs of the connectors that the owner's rules block. */
export async function blockedConnectors(tenant: Tenant, door?: Door): Promise<string[]> {
  const answer: unknown = await read(tenant, "blocked_connectors", {}, { door, withUser: false });
  return (answer as unknown[]).map((row) => (typeof row === "string" ? row : String(Object.values(row as object)[0])));
}

/** A function that returns one value comes back as a row with one column over the direct connection. */
function firstValue(answer: unknown): unknown {
  const [row] = answer as Record<string, unknown>[];
  return row ? Object.values(row)[0] : null;
}
