import * as calls from "@/lib/api/operations/quarantine";
import { quarantineListView } from "@/lib/connect/quarantine-view";
import { listQuarantine } from "@/lib/db/quarantine";
import { route } from "@/lib/http";

/** What completed at Nango without an attempt to claim it, for whoever may decide about it. */
export const GET = route(calls.listQuarantine, async ({ tenant, query }) =>
  quarantineListView(await listQuarantine(tenant, query)),
);

export { notAllowed as POST, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
