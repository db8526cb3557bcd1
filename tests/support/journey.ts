import { expect } from "vitest";
import { POST as cancelAttempt } from "@/app/api/nango/attempts/[id]/cancel/route";
import { POST as confirmAttempt } from "@/app/api/nango/attempts/[id]/confirm/route";
import { GET as readAttempt } from "@/app/api/nango/attempts/[id]/route";
import { POST as startSession } from "@/app/api/nango/session/route";
import { DELETE as deleteConnection } from "@/app/api/v1/connections/[id]/route";
import { GET as listConnections } from "@/app/api/v1/connections/route";
import type { ConnectionView, NangoSession } from "@/lib/api/views";
import type { SignedIn } from "./people";
import type { Server } from "./server";

/** The steps of connecting and disconnecting, through the handlers, as one person. */
export function journeyOf(server: Server) {
  const at = (id: string) => ({ params: { id } });

  async function start(as: SignedIn, connector = "openai", extra: object = {}): Promise<NangoSession> {
    const answer = await server.call(startSession, "/api/nango/session", { as, body: { connector, ...extra } });
    expect(answer.status, answer.text).toBe(201);
    return answer.json;
  }
  const confirm = (as: SignedIn, id: string, connectionId?: string) =>
    server.call(confirmAttempt, `/api/nango/attempts/${id}/confirm`, {
      as,
      ...at(id),
      body: connectionId ? { connectionId } : {},
    });
  const read = (as: SignedIn, id: string) => server.call(readAttempt, `/api/nango/attempts/${id}`, { as, ...at(id) });
  const cancel = (as: SignedIn, id: string, reason = "cancelled") =>
    server.call(cancelAttempt, `/api/nango/attempts/${id}/cancel`, { as, ...at(id), body: { reason } });
  const disconnect = (as: SignedIn, id: string) =>
    server.call(deleteConnection, `/api/v1/connections/${id}`, { as, method: "DELETE", ...at(id), body: {} });

  async function list(as: SignedIn, query = ""): Promise<ConnectionView[]> {
    const answer = await server.call(listConnections, `/api/v1/connections${query}`, { as });
    expect(answer.status, answer.text).toBe(200);
    return answer.json.connections;
  }
  async function connect(as: SignedIn, connector = "openai", extra: object = {}) {
    const session = await start(as, connector, extra);
    const nangoId = await server.complete(session, connector, { apiKey: "sk-good" });
    const answer = await confirm(as, session.attemptId, nangoId);
    expect(answer.status, answer.text).toBe(200);
    return { ...session, nangoId, connection: answer.json.connection as ConnectionView };
  }
  return { start, confirm, read, cancel, disconnect, list, connect };
}
