import "server-only";
import { departureListSchema } from "@/lib/api/departure-views";
import type { Tenant } from "@/lib/auth/tenant";
import { departureListView } from "@/lib/connect/departure-view";
import { listDepartures } from "@/lib/db/departures";
import { departurePageSize } from "./departure-page-size";
import type { InitialDepartures } from "./use-departures";

/**
 * The first page of the report, for a page to be drawn with, in the shape that the API gives later.
 * @throws AppError forbidden for members
 */
export async function initialDepartures(tenant: Tenant): Promise<InitialDepartures> {
  const at = Date.now();
  const page = await listDepartures(tenant, { limit: departurePageSize });
  return { ownerId: tenant.ownerId, at, list: departureListSchema.parse(departureListView(page)) };
}
