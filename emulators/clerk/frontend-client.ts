import { Hono } from "hono";
import { findMembership, requirePerson } from "./directory";
import { environmentView } from "./environment";
import {
  answer,
  clientAnswer,
  currentClient,
  endSessions,
  publicOrigin,
  requireSession,
  type Standin,
  sessionAnswer,
  sessionToken,
  setHandshakeCookies,
} from "./exchange";
import { ClerkError, notFound } from "./faults";
import { readFields } from "./fields";

/** The browser's client and its session: load, refresh, switch organisation, sign out, handshake. */
export function clientRoutes(standin: Standin): Hono {
  const { store } = standin;
  const app = new Hono();

  app.get("/environment", (c) => c.json(environmentView(standin.applicationName, publicOrigin(c, standin.appOrigin))));

  app.get("/client", (c) => {
    const client = currentClient(c, standin);
    return c.json({ response: client && clientAnswer(c, standin, client), client: null });
  });

  app.get("/client/sessions/:id", (c) => {
    return answer(c, standin, sessionAnswer(c, standin, requireSession(c, standin, c.req.param("id"))));
  });

  app.post("/client/sessions/:id/touch", async (c) => {
    const fields = await readFields(c);
    const session = requireSession(c, standin, c.req.param("id"));
    if (fields.has("active_organization_id")) {
      const organizationId = fields.text("active_organization_id") || null;
      if (organizationId && !findMembership(store, organizationId, session.userId)) throw notMember();
      session.organizationId = organizationId;
      requirePerson(store, session.userId).lastOrganizationId = organizationId;
    }
    session.lastActiveAt = Date.now();
    store.changed();
    return answer(c, standin, sessionAnswer(c, standin, session));
  });

  app.post("/client/sessions/:id/tokens/:template?", async (c) => {
    const fields = await readFields(c);
    const session = requireSession(c, standin, c.req.param("id"));
    const asked = fields.has("organization_id") ? fields.text("organization_id") || null : session.organizationId;
    if (asked && asked !== session.organizationId && !findMembership(store, asked, session.userId)) throw notMember();
    return c.json({ object: "token", jwt: sessionToken(c, standin, session, asked) });
  });

  for (const action of ["end", "remove"]) {
    app.post(`/client/sessions/:id/${action}`, (c) => {
      const client = currentClient(c, standin);
      const session = requireSession(c, standin, c.req.param("id"));
      const view = sessionAnswer(c, standin, session);
      if (client) endSessions(c, standin, client, session.id);
      return answer(c, standin, { ...view, status: action === "end" ? "ended" : "removed", last_active_token: null });
    });
  }

  for (const path of ["/client/sessions", "/client"]) {
    app.delete(path, (c) => {
      const client = currentClient(c, standin);
      if (!client) throw notFound("client");
      endSessions(c, standin, client);
      return c.json({ response: clientAnswer(c, standin, client), client: null });
    });
  }

  // The middleware sends documents here when their session token is missing or old. Everything is on one origin, so
  // the cookies go out with the redirect and no handshake token is needed.
  app.get("/client/handshake", (c) => {
    const target = c.req.query("redirect_url") ?? "";
    const origin = publicOrigin(c, standin.appOrigin);
    if (!URL.canParse(target, origin) || new URL(target, origin).origin !== origin) {
      throw new ClerkError(400, "origin_invalid", "Invalid redirect", "The redirect_url is not on the app's origin.");
    }
    setHandshakeCookies(c, standin);
    c.header("cache-control", "no-store");
    return c.redirect(new URL(target, origin).toString(), 307);
  });

  return app;
}

function notMember(): ClerkError {
  return new ClerkError(
    404,
    "resource_not_found",
    "Organization not found",
    "The session's person is not a member of that organisation.",
  );
}
