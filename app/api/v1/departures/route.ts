import * as calls from "@/lib/api/operations/departures";
import { departureListView } from "@/lib/connect/departure-view";
import { listDepartures } from "@/lib/db/departures";
import { route } from "@/lib/http";

/** Who left, and what became of what they had connected, for whoever decides for the owner. */
export const GET = route(calls.listDepartures, async ({ tenant, query }) =>
  departureListView(await listDepartures(tenant, query)),
);

export { notAllowed as POST, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
