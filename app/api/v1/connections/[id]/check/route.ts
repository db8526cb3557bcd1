import { connectionAnswerSchema, idParamsSchema, ownerOnlySchema } from "@/lib/api/views";
import { checkConnection } from "@/lib/connect/check";
import { connectionView } from "@/lib/connect/views";
import { route } from "@/lib/http";

export const POST = route({
  params: idParamsSchema,
  body: ownerOnlySchema,
  answer: connectionAnswerSchema,
  handle: async ({ tenant, params }) => ({ connection: connectionView(await checkConnection(tenant, params.id)) }),
});

export { notAllowed as GET, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
