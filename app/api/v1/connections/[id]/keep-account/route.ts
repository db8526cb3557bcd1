import { connectionAnswerSchema, idParamsSchema, keepAccountSchema } from "@/lib/api/views";
import { connectionView } from "@/lib/connect/views";
import { keepAccount } from "@/lib/db/connections";
import { route } from "@/lib/http";

export const POST = route({
  params: idParamsSchema,
  body: keepAccountSchema,
  answer: connectionAnswerSchema,
  handle: async ({ tenant, params, body }) => ({
    connection: connectionView(await keepAccount(tenant, params.id, body.account)),
  }),
});

export { notAllowed as GET, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
