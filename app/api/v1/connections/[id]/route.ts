import * as calls from "@/lib/api/operations/connections";
import { connectionView } from "@/lib/connect/views";
import { disconnectConnection, getConnection, setDefault, setLabel } from "@/lib/db/connections";
import { AppError } from "@/lib/errors";
import { route } from "@/lib/http";

export const GET = route(calls.getConnection, async ({ tenant, params }) => {
  const connection = await getConnection(tenant, params.id);
  if (!connection) throw new AppError("not_found");
  return { connection: connectionView(connection) };
});

export const PATCH = route(calls.updateConnection, async ({ tenant, params, body }) => {
  const { label = null } = body;
  const done = body.is_default ? setDefault(tenant, params.id, body.label) : setLabel(tenant, params.id, label);
  return { connection: connectionView(await done) };
});

/** Takes effect at once; Nango's part follows after the undo time, and is retried until it is done. */
export const DELETE = route(calls.disconnectConnection, async ({ tenant, params }) => ({
  connection: connectionView(await disconnectConnection(tenant, params.id)),
}));

export { notAllowed as POST, notAllowed as PUT } from "@/lib/http";
