import * as calls from "@/lib/api/operations/connections";
import { eventView } from "@/lib/connect/views";
import { getConnection } from "@/lib/db/connections";
import { listConnectionEvents } from "@/lib/db/events";
import { AppError } from "@/lib/errors";
import { route } from "@/lib/http";

/** The history of one connection, newest first. */
export const GET = route(calls.listConnectionEvents, async ({ tenant, params, query }) => {
  if (!(await getConnection(tenant, params.id))) throw new AppError("not_found");
  const { events, nextCursor } = await listConnectionEvents(tenant, params.id, query);
  return { events: events.map(eventView), next_cursor: nextCursor };
});

export { notAllowed as POST, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
