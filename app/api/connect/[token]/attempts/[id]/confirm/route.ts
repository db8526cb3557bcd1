import { linkAttemptParamsSchema } from "@/lib/api/link-views";
import { confirmAnswerSchema, confirmAttemptSchema } from "@/lib/api/views";
import { settleAttempt } from "@/lib/connect/attempts";
import { attemptTenant } from "@/lib/connect/links";
import { attemptView } from "@/lib/connect/views";
import { route } from "@/lib/http";

/** The connection itself belongs to somebody else, so the answer does not show it. */
export const POST = route(
  { params: linkAttemptParamsSchema, body: confirmAttemptSchema, answer: confirmAnswerSchema },
  async ({ tenant, params: { token, id }, body }) => {
    const attempt = await settleAttempt(await attemptTenant(tenant.userId, token, id), id, body.connectionId);
    return { attempt: attemptView(attempt), connection: null };
  },
);

export { notAllowed as GET, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
