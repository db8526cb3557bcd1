import { confirmAnswerSchema, confirmAttemptSchema, idParamsSchema } from "@/lib/api/views";
import { confirmAttempt } from "@/lib/connect/attempts";
import { attemptView, connectionView } from "@/lib/connect/views";
import { route } from "@/lib/http";

export const POST = route(
  { params: idParamsSchema, body: confirmAttemptSchema, answer: confirmAnswerSchema },
  async ({ tenant, params, body }) => {
    const { attempt, connection } = await confirmAttempt(tenant, params.id, body.connectionId);
    return { attempt: attemptView(attempt), connection: connection && connectionView(connection) };
  },
);

export { notAllowed as GET, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
