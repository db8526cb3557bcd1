import { linkParamsSchema, startFromLinkSchema } from "@/lib/api/link-views";
import { sessionAnswerSchema } from "@/lib/api/views";
import { rememberPerson } from "@/lib/auth/remember-person";
import { startFromLink } from "@/lib/connect/links";
import { route } from "@/lib/http";

export const POST = route(
  { params: linkParamsSchema, body: startFromLinkSchema, answer: sessionAnswerSchema, status: 201 },
  ({ tenant, params, body, answerHeaders }) => {
    void rememberPerson(tenant.userId);
    const { oauth_method: oauthMethod, connection_config: connectionConfig } = body;
    return startFromLink(tenant.userId, params.token, { oauthMethod, connectionConfig }, answerHeaders);
  },
);

export { notAllowed as GET, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
