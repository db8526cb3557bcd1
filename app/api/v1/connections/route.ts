import * as calls from "@/lib/api/operations/connections";
import { connectionView } from "@/lib/connect/views";
import { countOthersOnlyMe, listConnections } from "@/lib/db/connections";
import { route } from "@/lib/http";

export const GET = route(calls.listConnections, async ({ tenant, query }) => {
  const [page, othersOnlyMe] = await Promise.all([listConnections(tenant, query), countOthersOnlyMe(tenant)]);
  return {
    connections: page.connections.map(connectionView),
    total_count: page.totalCount,
    others_only_me_count: othersOnlyMe,
    next_cursor: page.nextCursor,
  };
});

export { notAllowed as POST, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
