import { timingSafeEqual } from "node:crypto";
import { type Context, Hono } from "hono";
import {
  addOrganization,
  addPerson,
  findMembership,
  membershipsOf,
  membersOf,
  putMembership,
  removeMembership,
  removeOrganization,
  removePerson,
  requireOrganization,
  requirePerson,
} from "./directory";
import { type Standin, sessionToken } from "./exchange";
import { ClerkError, notFound } from "./faults";
import { readFields } from "./fields";
import { parseRole } from "./frontend-organizations";
import { newId } from "./store";
import { membershipView, organizationView, sessionView, userView } from "./views";

const TICKET_LIFETIME_MS = 30 * 86_400_000;

/** Clerk's Backend API as far as `clerkClient()` is used: every call carries the secret key. */
export function backendRoutes(standin: Standin): Hono {
  const { store, keys } = standin;
  const app = new Hono();

  app.use("*", async (c, next) => {
    requireSecretKey(c, keys.secretKey);
    await next();
  });
  const id = (c: Context) => c.req.param("id") ?? "";

  app.get("/jwks", (c) => c.json(keys.jwks));

  app.get("/users", (c) => c.json(page(c, filteredPeople(c)).map((person) => userView(store, person))));
  app.get("/users/count", (c) => c.json({ object: "total_count", total_count: filteredPeople(c).length }));
  app.get("/users/:id", (c) => c.json(userView(store, requirePerson(store, id(c)))));
  app.delete("/users/:id", (c) => {
    removePerson(store, id(c));
    return c.json({ object: "user", id: id(c), deleted: true });
  });
  for (const deed of ["ban", "unban"]) {
    app.post(`/users/:id/${deed}`, (c) => {
      const person = requirePerson(store, id(c));
      person.banned = deed === "ban";
      store.changed();
      return c.json(userView(store, person));
    });
  }
  app.get("/users/:id/organization_memberships", (c) => {
    const memberships = membershipsOf(store, requirePerson(store, id(c)).id);
    return c.json(paged(c, memberships, (membership) => membershipView(store, membership)));
  });

  app.get("/organizations", (c) => {
    return c.json(paged(c, Object.values(store.state.organizations), (item) => organizationView(store, item)));
  });
  app.post("/organizations", async (c) => {
    const fields = await readFields(c);
    const createdBy = fields.text("created_by");
    if (createdBy) requirePerson(store, createdBy);
    const organization = addOrganization(store, {
      name: fields.text("name") ?? "",
      slug: fields.text("slug"),
      createdBy,
    });
    if (createdBy) putMembership(store, organization.id, createdBy, "org:admin");
    return c.json(organizationView(store, organization));
  });
  // By id or by slug, as Clerk has it.
  app.get("/organizations/:id", (c) => {
    const bySlug = Object.values(store.state.organizations).find(({ slug }) => slug === id(c));
    return c.json(organizationView(store, bySlug ?? requireOrganization(store, id(c))));
  });
  app.delete("/organizations/:id", (c) => {
    removeOrganization(store, id(c));
    return c.json({ object: "organization", id: id(c), deleted: true });
  });
  app.get("/organizations/:id/memberships", (c) => {
    const memberships = membersOf(store, requireOrganization(store, id(c)).id);
    return c.json(paged(c, memberships, (membership) => membershipView(store, membership)));
  });
  app.post("/organizations/:id/memberships", async (c) => {
    const fields = await readFields(c);
    const role = parseRole(fields.text("role"));
    return c.json(membershipView(store, putMembership(store, id(c), fields.text("user_id") ?? "", role)));
  });
  app.delete("/organizations/:id/memberships/:userId", (c) => {
    const membership = findMembership(store, id(c), c.req.param("userId") ?? "");
    if (!membership) throw notFound("membership");
    const view = membershipView(store, membership);
    removeMembership(store, membership);
    return c.json(view);
  });

  app.get("/sessions", (c) => {
    const sessions = Object.values(store.state.sessions).filter(
      (session) => session.userId === c.req.query("user_id") && session.expireAt > Date.now(),
    );
    return c.json(page(c, sessions).map((session) => sessionView(store, session, null)));
  });
  app.post("/sessions/:id/tokens", (c) =>
    c.json({ object: "token", jwt: sessionToken(c, standin, requireAnySession(id(c))) }),
  );
  app.get("/sessions/:id", (c) => c.json(sessionView(store, requireAnySession(id(c)), null)));
  app.post("/sessions/:id/revoke", (c) => {
    const view = sessionView(store, requireAnySession(id(c)), null);
    delete store.state.sessions[id(c)];
    store.changed();
    return c.json({ ...view, status: "revoked" });
  });

  app.post("/users", async (c) => {
    const fields = await readFields(c);
    const body: { email_address?: unknown } = await c.req.json();
    const email = Array.isArray(body.email_address) ? String(body.email_address[0] ?? "") : "";
    const person = await addPerson(store, {
      email,
      password: fields.text("password") ?? "",
      firstName: fields.text("first_name"),
      lastName: fields.text("last_name"),
    });
    return c.json(userView(store, person));
  });

  app.post("/sign_in_tokens", async (c) => {
    const fields = await readFields(c);
    const person = requirePerson(store, fields.text("user_id") ?? "");
    const lifetime = Number(fields.text("expires_in_seconds") ?? 0) * 1000 || TICKET_LIFETIME_MS;
    const ticket = { token: newId("ticket"), userId: person.id, expireAt: Date.now() + lifetime };
    store.state.tickets[ticket.token] = ticket;
    store.changed();
    return c.json({
      object: "sign_in_token",
      id: newId("sit"),
      status: "pending",
      user_id: person.id,
      token: ticket.token,
      url: "",
      created_at: Date.now(),
      updated_at: Date.now(),
    });
  });
  app.post("/testing_tokens", (c) => {
    return c.json({
      object: "testing_token",
      token: newId("testing"),
      expires_at: Math.floor(Date.now() / 1000) + 3600,
    });
  });

  function filteredPeople(c: Context) {
    const ids = c.req.queries("user_id") ?? [];
    const emails = (c.req.queries("email_address") ?? []).map((email) => email.toLowerCase());
    const query = (c.req.query("query") ?? "").toLowerCase();
    const people = Object.values(store.state.people).filter(
      (person) =>
        (ids.length === 0 || ids.includes(person.id)) &&
        (emails.length === 0 || emails.includes(person.email)) &&
        `${person.id} ${person.email} ${person.firstName} ${person.lastName}`.toLowerCase().includes(query),
    );
    if (c.req.query("order_by") !== "-last_sign_in_at") return people;
    return people.sort((a, b) => (b.lastSignInAt ?? 0) - (a.lastSignInAt ?? 0));
  }

  function requireAnySession(sessionId: string) {
    const session = store.state.sessions[sessionId];
    if (!session) throw notFound("session");
    return session;
  }

  return app;
}

export function requireSecretKey(c: Context, secretKey: string): void {
  const given = Buffer.from(c.req.header("authorization") ?? "");
  const expected = Buffer.from(`Bearer ${secretKey}`);
  if (given.length === expected.length && timingSafeEqual(given, expected)) return;
  throw new ClerkError(401, "clerk_key_invalid", "The provided Clerk Secret Key is invalid.");
}

function page<T>(c: Context, items: T[]): T[] {
  const offset = Number(c.req.query("offset") ?? 0);
  return items.slice(offset, offset + Number(c.req.query("limit") ?? 10));
}

function paged<T, V>(c: Context, items: T[], view: (item: T) => V) {
  return { data: page(c, items).map(view), total_count: items.length };
}
