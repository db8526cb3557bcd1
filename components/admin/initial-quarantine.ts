import "server-only";
import { quarantineListSchema } from "@/lib/api/quarantine-views";
import type { Tenant } from "@/lib/auth/tenant";
import { quarantineListView } from "@/lib/connect/quarantine-view";
import { listQuarantine } from "@/lib/db/quarantine";
import { quarantinePageSize } from "./quarantine-page-size";
import type { InitialQuarantine } from "./use-quarantine";

/** The first page of what waits, for a page to be drawn with, in the shape that the API gives later. */
export async function initialQuarantine(tenant: Tenant): Promise<InitialQuarantine> {
  const at = Date.now();
  const page = await listQuarantine(tenant, { limit: quarantinePageSize });
  const list = quarantineListSchema.parse(quarantineListView(page));
  return { ownerId: tenant.ownerId, at, list };
}
