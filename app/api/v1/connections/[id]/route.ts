import { connectionAnswerSchema, idParamsSchema, ownerOnlySchema, updateConnectionSchema } from "@/lib/api/views";
import { connectionView } from "@/lib/connect/views";
import { disconnectConnection, setLabel } from "@/lib/db/connections";
import { route } from "@/lib/http";

export const PATCH = route({
  params: idParamsSchema,
  body: updateConnectionSchema,
  answer: connectionAnswerSchema,
  handle: async ({ tenant, params, body }) => ({
    connection: connectionView(await setLabel(tenant, params.id, body.label)),
  }),
});

/** Takes effect at once; Nango's part follows after the undo time, and is retried until it is done. */
export const DELETE = route({
  params: idParamsSchema,
  body: ownerOnlySchema,
  answer: connectionAnswerSchema,
  handle: async ({ tenant, params }) => ({
    connection: connectionView(await disconnectConnection(tenant, params.id)),
  }),
});

export { notAllowed as GET, notAllowed as POST, notAllowed as PUT } from "@/lib/http";
