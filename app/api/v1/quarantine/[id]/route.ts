import { deleteAnswerSchema } from "@/lib/api/quarantine-views";
import { idParamsSchema, ownerOnlySchema } from "@/lib/api/views";
import { deleteQuarantined } from "@/lib/db/quarantine";
import { route } from "@/lib/http";

/** Settled at once; Nango's part is a job, retried until it is done. */
export const DELETE = route({
  params: idParamsSchema,
  body: ownerOnlySchema,
  answer: deleteAnswerSchema,
  handle: async ({ tenant, params }) => {
    await deleteQuarantined(tenant, params.id);
    return { deleted: true as const };
  },
});

export { notAllowed as GET, notAllowed as POST, notAllowed as PUT, notAllowed as PATCH } from "@/lib/http";
