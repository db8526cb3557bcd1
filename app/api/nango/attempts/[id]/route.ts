import { attemptAnswerSchema, idParamsSchema } from "@/lib/api/views";
import { readAttempt } from "@/lib/connect/attempts";
import { attemptView } from "@/lib/connect/views";
import { route } from "@/lib/http";

export const GET = route({ params: idParamsSchema, answer: attemptAnswerSchema }, async ({ tenant, params }) => ({
  attempt: attemptView(await readAttempt(tenant, params.id)),
}));

export { notAllowed as POST, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
