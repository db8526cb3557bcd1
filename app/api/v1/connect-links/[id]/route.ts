import { linkAnswerSchema } from "@/lib/api/link-views";
import { idParamsSchema, ownerOnlySchema } from "@/lib/api/views";
import { linkView } from "@/lib/connect/link-view";
import { revokeLink } from "@/lib/db/links";
import { route } from "@/lib/http";

/** Revokes it. What is under way through it is cancelled. */
export const DELETE = route({
  params: idParamsSchema,
  body: ownerOnlySchema,
  answer: linkAnswerSchema,
  handle: async ({ tenant, params }) => ({ link: linkView(await revokeLink(tenant, params.id)) }),
});

export { notAllowed as GET, notAllowed as POST, notAllowed as PUT, notAllowed as PATCH } from "@/lib/http";
