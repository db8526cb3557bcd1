import * as calls from "@/lib/api/operations/quarantine";
import { deleteQuarantined } from "@/lib/db/quarantine";
import { route } from "@/lib/http";

/** Settled at once; Nango's part is a job, retried until it is done. */
export const DELETE = route(calls.deleteQuarantined, async ({ tenant, params }) => {
  await deleteQuarantined(tenant, params.id);
  return { deleted: true as const };
});

export { notAllowed as GET, notAllowed as POST, notAllowed as PUT, notAllowed as PATCH } from "@/lib/http";
