import { linkAttemptParamsSchema } from "@/lib/api/link-views";
import { attemptAnswerSchema, cancelAttemptSchema } from "@/lib/api/views";
import { closeAttempt } from "@/lib/connect/attempts";
import { attemptTenant } from "@/lib/connect/links";
import { attemptView } from "@/lib/connect/views";
import { route } from "@/lib/http";

export const POST = route(
  { params: linkAttemptParamsSchema, body: cancelAttemptSchema, answer: attemptAnswerSchema },
  async ({ tenant, params: { token, id }, body }) => ({
    attempt: attemptView(await closeAttempt(await attemptTenant(tenant.userId, token, id), id, body.reason)),
  }),
);

export { notAllowed as GET, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
