import * as calls from "@/lib/api/operations/connections";
import { rememberPerson } from "@/lib/auth/remember-person";
import { reconnect } from "@/lib/connect/start";
import { route } from "@/lib/http";

/** A session in which somebody signs in again. What works now goes on working until that is done. */
export const POST = route(calls.reconnectConnection, ({ tenant, params, answerHeaders }) => {
  void rememberPerson(tenant.userId);
  return reconnect(tenant, params.id, answerHeaders);
});

export { notAllowed as GET, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
