import "server-only";
import { keyListSchema } from "@/lib/api/key-views";
import type { Tenant } from "@/lib/auth/tenant";
import { listApiKeys } from "@/lib/db/api-keys";
import { keyListView } from "@/lib/keys/view";
import { keyPageSize } from "./key-page-size";
import type { InitialKeys } from "./use-keys";

/** The first page of keys, for a page to be drawn with, in the shape that the API gives later. */
export async function initialKeys(tenant: Tenant): Promise<InitialKeys> {
  const at = Date.now();
  const list = keyListSchema.parse(keyListView(await listApiKeys(tenant, { limit: keyPageSize })));
  return { ownerId: tenant.ownerId, at, list };
}
