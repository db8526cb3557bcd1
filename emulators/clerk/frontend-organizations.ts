import { type Context, Hono } from "hono";
import {
  addOrganization,
  checkedSlug,
  findMembership,
  membersOf,
  putMembership,
  removeMembership,
  removeOrganization,
  requireOrganization,
  requireOtherAdmin,
} from "./directory";
import { answer, requireSignedInPerson, type Standin } from "./exchange";
import { ClerkError, fieldMissing, forbidden, notFound } from "./faults";
import { readFields } from "./fields";
import { readPicture } from "./picture";
import { type MembershipRole, newId } from "./store";
import { invitationView, listView, membershipView, organizationView, pendingInvitations, roleViews } from "./views";

/** Organisations as their members see and manage them: creation, the profile window, members, invitations. */
export function organizationRoutes(standin: Standin): Hono {
  const { store } = standin;
  const app = new Hono();

  /** The caller's own membership of the organisation in the path: what is not theirs does not exist for them. */
  function member(c: Context, organizationId: string) {
    const { person } = requireSignedInPerson(c, standin);
    const membership = findMembership(store, organizationId, person.id);
    if (!membership) throw notFound("organization");
    return { person, membership, organization: requireOrganization(store, organizationId) };
  }

  function admin(c: Context, organizationId: string) {
    const found = member(c, organizationId);
    if (found.membership.role !== "org:admin") throw forbidden();
    return found;
  }

  app.post("/organizations", async (c) => {
    const { person } = requireSignedInPerson(c, standin);
    const fields = await readFields(c);
    const name = fields.text("name") ?? "";
    const organization = addOrganization(store, { name, slug: fields.text("slug"), createdBy: person.id });
    putMembership(store, organization.id, person.id, "org:admin");
    return answer(c, standin, organizationView(store, organization));
  });

  app.get("/organizations/:id", (c) => {
    return answer(c, standin, organizationView(store, member(c, c.req.param("id")).organization));
  });

  app.patch("/organizations/:id", async (c) => {
    const { organization } = admin(c, c.req.param("id"));
    const fields = await readFields(c);
    const slug = fields.text("slug");
    const name = fields.text("name")?.trim();
    if (slug) organization.slug = checkedSlug(store, slug, organization.id);
    if (name) organization.name = name;
    organization.updatedAt = Date.now();
    store.changed();
    return answer(c, standin, organizationView(store, organization));
  });

  app.delete("/organizations/:id", (c) => {
    const { organization } = admin(c, c.req.param("id"));
    removeOrganization(store, organization.id);
    return answer(c, standin, { object: "organization", id: organization.id, slug: organization.slug, deleted: true });
  });

  app.put("/organizations/:id/logo", async (c) => {
    const { organization } = admin(c, c.req.param("id"));
    organization.image = await readPicture(await readFields(c));
    store.changed();
    return answer(c, standin, organizationView(store, organization));
  });

  app.delete("/organizations/:id/logo", (c) => {
    const { organization } = admin(c, c.req.param("id"));
    organization.image = null;
    store.changed();
    return answer(c, standin, organizationView(store, organization));
  });

  app.get("/organizations/:id/roles", (c) => {
    member(c, c.req.param("id"));
    return answer(c, standin, { ...listView(roleViews()), has_role_set_migration: false });
  });

  app.get("/organizations/:id/memberships", (c) => {
    const { organization } = member(c, c.req.param("id"));
    const query = (c.req.query("query") ?? "").toLowerCase();
    const memberships = membersOf(store, organization.id)
      .map((membership) => membershipView(store, membership))
      .filter(({ public_user_data: user }) =>
        `${user?.first_name} ${user?.last_name} ${user?.identifier}`.toLowerCase().includes(query),
      );
    const offset = Number(c.req.query("offset") ?? 0);
    const limit = Number(c.req.query("limit") ?? 10);
    const page = memberships.slice(offset, offset + limit);
    return answer(c, standin, { data: page, total_count: memberships.length });
  });

  app.patch("/organizations/:id/memberships/:userId", async (c) => {
    const { organization } = admin(c, c.req.param("id"));
    const membership = findMembership(store, organization.id, c.req.param("userId"));
    if (!membership) throw notFound("membership");
    const role = parseRole((await readFields(c)).text("role"));
    if (role !== "org:admin") requireOtherAdmin(store, membership);
    return answer(c, standin, membershipView(store, putMembership(store, organization.id, membership.userId, role)));
  });

  app.delete("/organizations/:id/memberships/:userId", (c) => {
    const { organization } = admin(c, c.req.param("id"));
    const membership = findMembership(store, organization.id, c.req.param("userId"));
    if (!membership) throw notFound("membership");
    requireOtherAdmin(store, membership);
    const view = membershipView(store, membership);
    removeMembership(store, membership);
    return answer(c, standin, view);
  });

  app.get("/organizations/:id/invitations", (c) => {
    const { organization } = admin(c, c.req.param("id"));
    const invitations = pendingInvitations(store, organization.id);
    return answer(c, standin, listView(invitations.map((invitation) => invitationView(store, invitation))));
  });

  for (const path of ["/organizations/:id/invitations", "/organizations/:id/invitations/bulk"]) {
    app.post(path, async (c) => {
      const { organization } = admin(c, c.req.param("id") ?? "");
      const fields = await readFields(c);
      const emails = (fields.text("email_address") ?? "").split(/[\s,]+/).filter(Boolean);
      if (emails.length === 0) throw fieldMissing("email_address");
      const role = parseRole(fields.text("role"));
      const views = emails.map((email) => invitationView(store, invite(organization.id, email.toLowerCase(), role)));
      return answer(c, standin, path.endsWith("bulk") ? views : views[0]);
    });
  }

  app.post("/organizations/:id/invitations/:invitationId/revoke", (c) => {
    const { organization } = admin(c, c.req.param("id"));
    const invitation = store.state.invitations[c.req.param("invitationId")];
    if (invitation?.organizationId !== organization.id) throw notFound("invitation");
    invitation.status = "revoked";
    store.changed();
    return answer(c, standin, invitationView(store, invitation));
  });

  // Domains and requests to join are off; the profile window asks for them all the same.
  for (const empty of ["domains", "membership_requests"]) {
    app.get(`/organizations/:id/${empty}`, (c) => {
      member(c, c.req.param("id"));
      return answer(c, standin, listView([]));
    });
  }

  /** No mail goes out: the invited person finds the invitation in the organisation switcher. */
  function invite(organizationId: string, email: string, role: MembershipRole) {
    const now = Date.now();
    const invitation = {
      id: newId("orginv"),
      organizationId,
      email,
      role,
      status: "pending" as const,
      createdAt: now,
      updatedAt: now,
    };
    store.state.invitations[invitation.id] = invitation;
    store.changed();
    return invitation;
  }

  return app;
}

export function parseRole(value: string | null): MembershipRole {
  if (value === "org:admin" || value === "admin") return "org:admin";
  if (value === null || value === "org:member" || value === "member") return "org:member";
  throw new ClerkError(422, "form_param_value_invalid", "Role not found", `There is no role "${value}".`, "role");
}
