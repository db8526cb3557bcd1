import "server-only";
import { linkListSchema } from "@/lib/api/link-views";
import type { Tenant } from "@/lib/auth/tenant";
import { linkListView } from "@/lib/connect/link-view";
import { listLinks } from "@/lib/db/links";
import { linkPageSize } from "./link-page-size";
import type { InitialLinks } from "./use-links";

/** The first page of links, for a page to be drawn with, in the shape that the API gives later. */
export async function initialLinks(tenant: Tenant): Promise<InitialLinks> {
  const at = Date.now();
  const list = linkListSchema.parse(linkListView(await listLinks(tenant, { limit: linkPageSize })));
  return { ownerId: tenant.ownerId, at, list };
}
