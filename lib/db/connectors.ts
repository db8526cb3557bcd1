import "server-only";
import { ask, systemDb } from "@/lib/db/system";

/** A connector as it is registered; `manifest` is kept whole. */
export type ConnectorRegistration = {
  slug: string;
  name: string;
  category: string;
  status: "stable" | "beta" | "unavailable";
  listed: boolean;
  version: string;
  auth_mode: string | null;
  provider_key: string | null;
  integration_key: string | null;
  manifest: unknown;
};

/** Adds and updates connectors and unlists those left out. @returns how many changed: 0 the second time */
export async function registerConnectors(connectors: readonly ConnectorRegistration[]): Promise<number> {
  const sql = systemDb("registration");
  const given = JSON.parse(JSON.stringify(connectors)) as Parameters<typeof sql.json>[0];
  const [row] = await ask(sql`select patchbay.register_connectors(${sql.json(given)}) as changed`);
  return Number(row?.changed ?? 0);
}

export type RegisteredConnector = { id: string; slug: string; createdAt: string };

/** Every connector that was ever registered, by its slug. */
export async function registeredConnectors(): Promise<Map<string, RegisteredConnector>> {
  const found = await ask(systemDb("registration")`select * from patchbay.registered_connectors()`);
  return new Map(found.map(({ id, slug, created_at: createdAt }) => [slug, { id, slug, createdAt }]));
}
