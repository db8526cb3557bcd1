import { sessionAnswerSchema, startConnectSchema } from "@/lib/api/views";
import { rememberPerson } from "@/lib/auth/remember-person";
import { startConnect } from "@/lib/connect/start";
import { route } from "@/lib/http";

export const POST = route(
  { body: startConnectSchema, answer: sessionAnswerSchema, status: 201 },
  ({ tenant, body, answerHeaders }) => {
    void rememberPerson(tenant.userId);
    const { connector, visibility, oauth_method: oauthMethod, connection_config: connectionConfig } = body;
    return startConnect(tenant, { connector, visibility, oauthMethod, connectionConfig }, answerHeaders);
  },
);

export { notAllowed as GET, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
