/** People and rows that the tests of the data share. */
import type { Tenant } from "@/lib/auth/tenant";
import { closeSystemDb } from "@/lib/db/system";
import { resetEnv } from "@/lib/env";
import { openTestDatabase, type TestDatabase } from "./database";

/** Connectors of the tests: one plain, one in another category, one upstream-dead, one unlisted. */
export const testConnectors = [
  { slug: "github", category: "development", status: "stable", listed: true },
  { slug: "sendgrid", category: "communication", status: "stable", listed: true },
  { slug: "when2meet", category: "calendar", status: "unavailable", listed: true },
  { slug: "bamboohr", category: "crm", status: "beta", listed: false },
].map((connector) => ({
  ...connector,
  name: connector.slug,
  version: "1.0.0",
  auth_mode: "OAUTH2",
  provider_key: connector.slug,
  integration_key: connector.slug,
  manifest: { slug: connector.slug },
}));

/** The settings that the application would have beside the database's own. */
export const testSettings = {
  APP_URL: "http://localhost:3999",
  PATCHBAY_DEMO: "1",
  PATCHBAY_INSTANCE: "test",
  NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY: "pk_live_c3RhbmRpbi5wYXRjaGJheS50ZXN0JA",
  CLERK_SECRET_KEY: "sk_live_standin_test",
  NANGO_SECRET_KEY: "00000000-0000-4000-8000-000000000000",
};

export type DataFixture = TestDatabase & {
  tenant(ownerId: string, userId: string, role?: "admin" | "member" | null): Tenant;
};

/** A database behind lib/db: environment set, connectors registered, gateway listening. */
export async function openDataFixture(): Promise<DataFixture> {
  const db = await openTestDatabase();
  await db.gateway();
  Object.assign(process.env, testSettings, db.environment);
  resetEnv();
  await db.sql`select patchbay.register_connectors(${db.sql.json(testConnectors)})`;
  return {
    ...db,
    tenant: (ownerId, userId, role = ownerId.startsWith("org_") ? "member" : null) => {
      const orgId = ownerId.startsWith("org_") ? ownerId : null;
      return {
        ownerId,
        userId,
        orgId,
        role,
        caller: { kind: "session" },
        token: () => db.tokens.sign({ sub: userId, ...(orgId ? { o: { id: orgId, rol: role } } : {}) }),
      };
    },
    close: async () => {
      await closeSystemDb();
      await db.close();
    },
  };
}

/** The same person's rights as a key of theirs has them. */
export const asKey = (tenant: Tenant): Tenant => ({
  ...tenant,
  role: tenant.orgId === null ? null : "member",
  caller: { kind: "key", id: "00000000-0000-4000-8000-000000000000", prefix: "pby_abcdef", scopes: [] },
  token: () => Promise.reject(new Error("a key has no token")),
});
