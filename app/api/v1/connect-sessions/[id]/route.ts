import * as calls from "@/lib/api/operations/authorize";
import { boundLinkStatus } from "@/lib/connect/bound-links";
import { route } from "@/lib/http";

export const GET = route(calls.getConnectSession, async ({ tenant, params }) => {
  const { id, connector, status, connectionId, expiresAt } = await boundLinkStatus(tenant, params.id);
  return { id, connector, status, connection_id: connectionId, expires_at: expiresAt };
});

export { notAllowed as POST, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
