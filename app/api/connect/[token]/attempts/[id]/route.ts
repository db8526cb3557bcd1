import { linkAttemptParamsSchema } from "@/lib/api/link-views";
import { attemptAnswerSchema } from "@/lib/api/views";
import { readAttempt } from "@/lib/connect/attempts";
import { attemptTenant } from "@/lib/connect/links";
import { attemptView } from "@/lib/connect/views";
import { route } from "@/lib/http";

export const GET = route(
  { params: linkAttemptParamsSchema, answer: attemptAnswerSchema },
  async ({ tenant, params: { token, id } }) => ({
    attempt: attemptView(await readAttempt(await attemptTenant(tenant.userId, token, id), id)),
  }),
);

// Next would answer HEAD with GET, which changes something here.
export {
  notAllowed as DELETE,
  notAllowed as HEAD,
  notAllowed as PATCH,
  notAllowed as POST,
  notAllowed as PUT,
} from "@/lib/http";
