import { sessionAnswerSchema, startConnectSchema } from "@/lib/api/views";
import { rememberPerson } from "@/lib/auth/remember-person";
import { startConnect } from "@/lib/connect/start";
import { route } from "@/lib/http";

export const POST = route({
  body: startConnectSchema,
  answer: sessionAnswerSchema,
  status: 201,
  handle: ({ tenant, body }) => {
    void rememberPerson(tenant.userId);
    return startConnect(tenant, { connector: body.connector, visibility: body.visibility });
  },
});

export { notAllowed as GET, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
