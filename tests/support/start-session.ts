import type { NangoSession, Visibility } from "@/lib/api/views";
import type { Tenant } from "@/lib/auth/tenant";
import { reconnect, startConnect } from "@/lib/connect/start";

/** Starts of connectors that go through Nango, for tests that finish them there. */

function throughNango(session: Awaited<ReturnType<typeof startConnect>>): NangoSession {
  if (session.oauth_method !== "nango") throw new Error("not through Nango");
  return session;
}

export const startSession = async (tenant: Tenant, input: { connector: string; visibility: Visibility }) =>
  throughNango(await startConnect(tenant, input, new Headers()));

export const startAgain = async (tenant: Tenant, connectionId: string) =>
  throughNango(await reconnect(tenant, connectionId, new Headers()));
