import { type Context, Hono } from "hono";
import {
  checkedPassword,
  findMembership,
  membershipsOf,
  putMembership,
  removeMembership,
  removePerson,
  requireOtherAdmin,
} from "./directory";
import { answer, requireSignedInPerson, type Standin } from "./exchange";
import { fieldWrong, notFound } from "./faults";
import { readFields } from "./fields";
import { hashPassword, passwordMatches } from "./password";
import { readPicture } from "./picture";
import { invitationView, listView, membershipView, sessionView, userView } from "./views";

/** What a signed-in person sees and changes about themselves: the profile window and the organisation lists. */
export function meRoutes(standin: Standin): Hono {
  const { store } = standin;
  const app = new Hono();
  const me = (c: Context) => requireSignedInPerson(c, standin);

  app.get("/me", (c) => answer(c, standin, userView(store, me(c).person)));

  app.patch("/me", async (c) => {
    const { person } = me(c);
    const fields = await readFields(c);
    if (fields.has("first_name")) person.firstName = fields.text("first_name") || null;
    if (fields.has("last_name")) person.lastName = fields.text("last_name") || null;
    person.updatedAt = Date.now();
    store.changed();
    store.tell("user.updated", { person });
    return answer(c, standin, userView(store, person));
  });

  app.delete("/me", (c) => {
    const { person } = me(c);
    removePerson(store, person.id);
    return answer(c, standin, { object: "user", id: person.id, deleted: true });
  });

  app.post("/me/change_password", async (c) => {
    const { person, session } = me(c);
    const fields = await readFields(c);
    if (!(await passwordMatches(fields.text("current_password") ?? "", person.passwordHash))) {
      throw fieldWrong("current_password", "form_password_incorrect", "Password is incorrect. Try again.");
    }
    person.passwordHash = await hashPassword(checkedPassword(fields.text("new_password") ?? ""));
    person.updatedAt = Date.now();
    if (fields.text("sign_out_of_other_sessions") === "true") {
      for (const other of Object.values(store.state.sessions)) {
        if (other.userId === person.id && other.id !== session.id) delete store.state.sessions[other.id];
      }
    }
    store.changed();
    return answer(c, standin, userView(store, person));
  });

  app.post("/me/profile_image", async (c) => {
    const { person } = me(c);
    person.image = await readPicture(await readFields(c));
    person.updatedAt = Date.now();
    store.changed();
    return answer(c, standin, { object: "image", id: `img_${person.id}`, name: "", public_url: person.image });
  });

  app.delete("/me/profile_image", (c) => {
    const { person } = me(c);
    person.image = null;
    store.changed();
    return answer(c, standin, { object: "image", id: `img_${person.id}`, deleted: true });
  });

  app.get("/me/sessions/active", (c) => {
    const { person } = me(c);
    const sessions = Object.values(store.state.sessions).filter((session) => session.userId === person.id);
    const activity = {
      object: "session_activity",
      id: "activity_standin",
      browser_name: "Browser",
      ip_address: "127.0.0.1",
      city: "this machine",
      is_mobile: false,
    };
    return c.json(sessions.map((session) => ({ ...sessionView(store, session, null), latest_activity: activity })));
  });

  // The other browsers of this person, as listed under "Active devices".
  app.post("/me/sessions/:id/revoke", (c) => {
    const { person } = me(c);
    const session = store.state.sessions[c.req.param("id")];
    if (!session || session.userId !== person.id) throw notFound("session");
    delete store.state.sessions[session.id];
    store.changed();
    return answer(c, standin, { ...sessionView(store, session, null), status: "revoked" });
  });

  app.get("/me/organization_memberships", (c) => {
    const { person } = me(c);
    const memberships = membershipsOf(store, person.id).map((membership) => membershipView(store, membership));
    return answer(c, standin, listView(memberships));
  });

  app.delete("/me/organization_memberships/:id", (c) => {
    const { person } = me(c);
    const membership = findMembership(store, c.req.param("id"), person.id);
    if (!membership) throw notFound("membership");
    requireOtherAdmin(store, membership);
    removeMembership(store, membership);
    return answer(c, standin, { object: "organization_membership", id: membership.id, deleted: true });
  });

  app.get("/me/organization_invitations", (c) => {
    const { person } = me(c);
    const status = c.req.query("status") ?? "pending";
    const mine = Object.values(store.state.invitations).filter(
      (invitation) => invitation.email === person.email && invitation.status === status,
    );
    return answer(c, standin, listView(mine.map((invitation) => invitationView(store, invitation))));
  });

  app.post("/me/organization_invitations/:id/accept", (c) => {
    const { person } = me(c);
    const invitation = store.state.invitations[c.req.param("id")];
    if (invitation?.email !== person.email || invitation.status !== "pending") throw notFound("invitation");
    putMembership(store, invitation.organizationId, person.id, invitation.role);
    invitation.status = "accepted";
    invitation.updatedAt = Date.now();
    return answer(c, standin, invitationView(store, invitation));
  });

  // Suggestions come from verified domains, which are off.
  app.get("/me/organization_suggestions", (c) => {
    me(c);
    return answer(c, standin, listView([]));
  });

  app.get("/me/organization_creation_defaults", (c) => {
    me(c);
    return answer(c, standin, { advisory: null, form: { name: "", slug: "", logo: null, blur_hash: null } });
  });

  app.get("/me/enterprise_connections", (c) => {
    me(c);
    return answer(c, standin, []);
  });

  return app;
}
