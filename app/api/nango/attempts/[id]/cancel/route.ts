import { attemptAnswerSchema, cancelAttemptSchema, idParamsSchema } from "@/lib/api/views";
import { closeAttempt } from "@/lib/connect/attempts";
import { attemptView } from "@/lib/connect/views";
import { route } from "@/lib/http";

export const POST = route(
  { params: idParamsSchema, body: cancelAttemptSchema, answer: attemptAnswerSchema },
  async ({ tenant, params, body }) => ({
    attempt: attemptView(await closeAttempt(tenant, params.id, body.reason)),
  }),
);

export { notAllowed as GET, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
