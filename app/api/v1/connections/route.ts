import { connectionListSchema, listConnectionsSchema } from "@/lib/api/views";
import { connectionView } from "@/lib/connect/views";
import { listConnections } from "@/lib/db/connections";
import { route } from "@/lib/http";

export const GET = route({
  query: listConnectionsSchema,
  answer: connectionListSchema,
  handle: async ({ tenant, query }) => {
    const page = await listConnections(tenant, query);
    return {
      connections: page.connections.map(connectionView),
      total_count: page.totalCount,
      next_cursor: page.nextCursor,
    };
  },
});

export { notAllowed as POST, notAllowed as PUT, notAllowed as PATCH, notAllowed as DELETE } from "@/lib/http";
