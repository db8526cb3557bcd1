import { emptyBodySchema, leaveAnswerSchema } from "@/lib/api/authorize-views";
import { linkParamsSchema } from "@/lib/api/link-views";
import { leaveByLink } from "@/lib/connect/link-return";
import { route } from "@/lib/http";

/** Takes the person of a link back to the program that asked for it. The answer holds a code, so it is their browser's alone. */
export const POST = route(
  { params: linkParamsSchema, body: emptyBodySchema, answer: leaveAnswerSchema },
  async ({ tenant, params }) => ({ redirect_to: await leaveByLink(tenant.userId, params.token) }),
);

export { notAllowed as GET, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
