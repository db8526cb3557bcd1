/** Connect links for tests: making one, and following it, through the handlers. */
import { expect } from "vitest";
import { POST as cancelRoute } from "@/app/api/connect/[token]/attempts/[id]/cancel/route";
import { POST as confirmRoute } from "@/app/api/connect/[token]/attempts/[id]/confirm/route";
import { GET as readRoute } from "@/app/api/connect/[token]/attempts/[id]/route";
import { POST as sessionRoute } from "@/app/api/connect/[token]/session/route";
import { DELETE as revokeRoute } from "@/app/api/v1/connect-links/[id]/route";
import { GET as listRoute, POST as makeRoute } from "@/app/api/v1/connect-links/route";
import type { LinkView } from "@/lib/api/link-views";
import type { NangoSession } from "@/lib/api/views";
import type { SignedIn } from "./people";
import type { Server } from "./server";

export type Link = { link: LinkView; token: string };

export function linksOf(server: Server) {
  const make = (as: SignedIn, body: object) => server.call(makeRoute, "/api/v1/connect-links", { as, body });
  const list = (as: SignedIn, query = "") => server.call(listRoute, `/api/v1/connect-links${query}`, { as });
  const revoke = (as: SignedIn, id: string, body: object = {}) =>
    server.call(revokeRoute, `/api/v1/connect-links/${id}`, { as, method: "DELETE", params: { id }, body });

  async function ask(as: SignedIn, email: string, connector = "openai"): Promise<Link> {
    const answer = await make(as, { email, connector });
    expect(answer.status, answer.text).toBe(201);
    const { link, url } = answer.json;
    return { link, token: String(new URL(url).pathname.split("/").at(-1)) };
  }

  const open = (as: SignedIn | undefined, token: string, body: object = {}) =>
    server.call(sessionRoute, `/api/connect/${token}/session`, { ...(as && { as }), params: { token }, body });
  async function start(as: SignedIn, token: string): Promise<NangoSession> {
    const answer = await open(as, token);
    expect(answer.status, answer.text).toBe(201);
    return answer.json;
  }
  const at = (token: string, id: string) => `/api/connect/${token}/attempts/${id}`;
  const read = (as: SignedIn, token: string, id: string) =>
    server.call(readRoute, at(token, id), { as, params: { token, id } });
  const confirm = (as: SignedIn, token: string, id: string, connectionId?: string) =>
    server.call(confirmRoute, `${at(token, id)}/confirm`, {
      as,
      params: { token, id },
      body: connectionId ? { connectionId } : {},
    });
  const cancel = (as: SignedIn, token: string, id: string, reason = "cancelled") =>
    server.call(cancelRoute, `${at(token, id)}/cancel`, { as, params: { token, id }, body: { reason } });
  const finish = (session: NangoSession, key = "sk-good") => server.complete(session, "openai", { apiKey: key });

  /** Follows a link to its end. */
  async function follow(as: SignedIn, token: string) {
    const session = await start(as, token);
    const nangoId = await finish(session);
    const answer = await confirm(as, token, session.attemptId, nangoId);
    expect(answer.status, answer.text).toBe(200);
    return { ...session, nangoId, answer };
  }
  return { make, list, revoke, ask, open, start, read, confirm, cancel, finish, follow };
}
