import { attemptAnswerSchema, idParamsSchema } from "@/lib/api/views";
import { readAttempt } from "@/lib/connect/attempts";
import { attemptView } from "@/lib/connect/views";
import { route } from "@/lib/http";

export const GET = route({ params: idParamsSchema, answer: attemptAnswerSchema }, async ({ tenant, params }) => ({
  attempt: attemptView(await readAttempt(tenant, params.id)),
}));

// Next would answer HEAD with GET, which changes something here.
export {
  notAllowed as DELETE,
  notAllowed as HEAD,
  notAllowed as PATCH,
  notAllowed as POST,
  notAllowed as PUT,
} from "@/lib/http";
