import { type Context, Hono } from "hono";
import {
  addOrganization,
  addPerson,
  findMembership,
  putMembership,
  removeMembership,
  removeOrganization,
  removePerson,
  requirePerson,
} from "./directory";
import type { Standin } from "./exchange";
import { ClerkError, fieldMissing, notFound } from "./faults";
import { type Fields, readFields } from "./fields";
import { parseRole } from "./frontend-organizations";

/**
 * How Clerk fails: `error` answers 500 at once, `hang` answers 500 after `seconds`. `left` counts down; null goes on
 * until it is lifted. `door` is the API it concerns; with an `agent`, only browsers whose User-Agent contains it.
 */
type Fault = {
  mode: "error" | "hang";
  door: "frontend" | "backend" | "both";
  seconds: number;
  left: number | null;
  agent: string | null;
};

export type FaultSwitch = { current: Fault | null };

/**
 * What tests steer the stand-in with. JSON in, JSON out, under `/_control`:
 *
 * - `POST people` {email, password, firstName?, lastName?, id?} adds a person; `DELETE people/:id` removes one
 * - `PATCH people/:id` {firstName?, lastName?} renames one
 * - `POST organizations` {name, slug?, id?} adds an organisation; `DELETE organizations/:id` removes one
 * - `POST memberships` {organizationId, userId, role: "admin" | "member"} adds a membership or changes its role
 * - `DELETE memberships/:organizationId/:userId` ends one
 * - `DELETE sessions/:userId` signs a person out everywhere
 * - `GET webhooks` says what became of each; `POST webhooks` {mode: "hold" | "send"} keeps those to come, or lets them go;
 *   `POST webhooks/:id/resend` sends one again
 * - `POST fault` {mode: "error" | "hang" | "none", door?: "frontend" | "backend", seconds?, times?, agent?}
 *
 * It has no key, so it answers only programs on this machine that call the port directly: never a page (anything with
 * an Origin or Sec-Fetch-Site header), never through the app's proxy.
 */
export function controlRoutes(standin: Standin, faults: FaultSwitch): Hono {
  const { store } = standin;
  const app = new Hono();

  app.use("*", async (c, next) => {
    if (["origin", "sec-fetch-site", "clerk-proxy-url"].some((header) => c.req.header(header))) return c.notFound();
    await next();
  });

  app.post("/people", async (c) => {
    const fields = await readFields(c);
    const person = await addPerson(store, {
      id: fields.text("id") ?? undefined,
      email: required(fields, "email"),
      password: required(fields, "password"),
      firstName: fields.text("firstName"),
      lastName: fields.text("lastName"),
    });
    return c.json({ id: person.id, email: person.email }, 201);
  });

  app.delete("/people/:id", (c) => {
    removePerson(store, c.req.param("id"));
    return c.json({});
  });

  app.patch("/people/:id", async (c) => {
    const person = requirePerson(store, c.req.param("id"));
    const fields = await readFields(c);
    if (fields.has("firstName")) person.firstName = fields.text("firstName");
    if (fields.has("lastName")) person.lastName = fields.text("lastName");
    person.updatedAt = Date.now();
    store.changed();
    store.tell("user.updated", { person });
    return c.json({ id: person.id });
  });

  app.delete("/organizations/:id", (c) => {
    removeOrganization(store, c.req.param("id"));
    return c.json({});
  });

  app.get("/webhooks", (c) => c.json({ deliveries: standin.webhooks.deliveries() }));

  app.post("/webhooks", async (c) => {
    const mode = (await readFields(c)).text("mode");
    if (mode === "hold") standin.webhooks.hold();
    else if (mode === "send") standin.webhooks.release();
    else throw fieldMissing("mode");
    return c.json({ mode });
  });

  app.post("/webhooks/:id/resend", (c) => {
    if (!standin.webhooks.resend(c.req.param("id"))) throw notFound("webhook");
    return c.json({});
  });

  app.post("/organizations", async (c) => {
    const fields = await readFields(c);
    const { id, name, slug } = addOrganization(store, {
      id: fields.text("id") ?? undefined,
      name: required(fields, "name"),
      slug: fields.text("slug"),
    });
    return c.json({ id, name, slug }, 201);
  });

  app.post("/memberships", async (c) => {
    const fields = await readFields(c);
    const role = parseRole(fields.text("role"));
    const { id } = putMembership(store, required(fields, "organizationId"), required(fields, "userId"), role);
    return c.json({ id, role }, 201);
  });

  app.delete("/memberships/:organizationId/:userId", (c) => {
    const membership = findMembership(store, c.req.param("organizationId"), c.req.param("userId"));
    if (!membership) throw notFound("membership");
    removeMembership(store, membership);
    return c.json({});
  });

  app.delete("/sessions/:userId", (c) => {
    for (const session of Object.values(store.state.sessions)) {
      if (session.userId === c.req.param("userId")) delete store.state.sessions[session.id];
    }
    store.changed();
    return c.json({});
  });

  app.post("/fault", async (c) => {
    const fields = await readFields(c);
    faults.current = parseFault(fields);
    return c.json({ fault: faults.current });
  });

  return app;
}

/** Answers in place of a route while a fault is on. @returns null when there is none for this door */
export async function failAsTold(
  c: Context,
  faults: FaultSwitch,
  door: "frontend" | "backend",
): Promise<Response | null> {
  const fault = faults.current;
  if (!fault || (fault.door !== "both" && fault.door !== door)) return null;
  if (fault.agent && !c.req.header("user-agent")?.includes(fault.agent)) return null;
  if (fault.left !== null && --fault.left <= 0) faults.current = null;
  if (fault.mode === "hang") await new Promise((resolve) => setTimeout(resolve, fault.seconds * 1000).unref());
  const error = new ClerkError(500, "internal_clerk_error", "Oops, an unexpected error occurred");
  return c.json(error.body(), error.status);
}

function parseFault(fields: Fields): Fault | null {
  const mode = fields.text("mode");
  if (mode === "none") return null;
  if (mode !== "error" && mode !== "hang") throw fieldMissing("mode");
  const door = fields.text("door");
  const times = fields.text("times");
  return {
    mode,
    door: door === "frontend" || door === "backend" ? door : "both",
    seconds: Number(fields.text("seconds") ?? 60),
    left: times === null ? null : Number(times),
    agent: fields.text("agent"),
  };
}

function required(fields: Fields, name: string): string {
  const value = fields.text(name);
  if (!value) throw fieldMissing(name);
  return value;
}
