import { ClerkError, fieldMissing, fieldWrong, notFound } from "./faults";
import { hashPassword } from "./password";
import type { SeedOrganization, SeedPerson } from "./seed";
import { type Membership, type MembershipRole, newId, type Organization, type Person, type Store } from "./store";

/** People, organisations and memberships: what every door (browser, backend, control, seed) does to them. */

export const MIN_PASSWORD_LENGTH = 8;

export type NewPerson = {
  id?: string;
  email: string;
  password?: string;
  passwordHash?: string;
  firstName?: string | null;
  lastName?: string | null;
};

export function findPersonByEmail(store: Store, email: string): Person | null {
  const wanted = normalEmail(email);
  return Object.values(store.state.people).find((person) => person.email === wanted) ?? null;
}

/** Adds a person. @throws ClerkError when the address is malformed or taken, or the password too short. */
export async function addPerson(store: Store, input: NewPerson): Promise<Person> {
  const email = checkedEmail(store, input.email);
  const passwordHash = input.passwordHash ?? (await hashPassword(checkedPassword(input.password ?? "")));
  const now = Date.now();
  const person: Person = {
    id: input.id ?? newId("user"),
    emailId: newId("idn"),
    email,
    passwordHash,
    firstName: input.firstName || null,
    lastName: input.lastName || null,
    image: null,
    unsafeMetadata: {},
    lastOrganizationId: null,
    lastSignInAt: null,
    createdAt: now,
    updatedAt: now,
  };
  store.state.people[person.id] = person;
  store.changed();
  store.tell("user.created", { person });
  return person;
}

export function checkedEmail(store: Store, value: string): string {
  const email = normalEmail(value);
  if (!email) throw fieldMissing("email_address");
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) {
    throw fieldWrong("email_address", "form_param_format_invalid", "Email address must be a valid email address.");
  }
  if (findPersonByEmail(store, email)) {
    throw fieldWrong("email_address", "form_identifier_exists", "That email address is taken. Please try another.");
  }
  return email;
}

export function checkedPassword(password: string): string {
  if (!password) throw fieldMissing("password");
  if (password.length < MIN_PASSWORD_LENGTH) {
    const message = `Passwords must be ${MIN_PASSWORD_LENGTH} characters or more.`;
    throw fieldWrong("password", "form_password_length_too_short", message);
  }
  return password;
}

/** Deletes a person with their memberships and ends their sessions. */
export function removePerson(store: Store, userId: string): void {
  requirePerson(store, userId);
  for (const membership of membershipsOf(store, userId)) {
    store.tell("organizationMembership.deleted", { membership });
    delete store.state.memberships[membership.id];
  }
  for (const session of Object.values(store.state.sessions)) {
    if (session.userId === userId) delete store.state.sessions[session.id];
  }
  delete store.state.people[userId];
  store.changed();
  store.tell("user.deleted", { deleted: "user", id: userId });
}

export function addOrganization(
  store: Store,
  input: { id?: string; name: string; slug?: string | null; createdBy?: string | null },
): Organization {
  const name = input.name.trim();
  if (!name) throw fieldMissing("name");
  const slug = input.slug ? checkedSlug(store, input.slug, null) : freeSlug(store, name);
  const now = Date.now();
  const organization: Organization = {
    id: input.id ?? newId("org"),
    name,
    slug,
    image: null,
    createdBy: input.createdBy ?? null,
    createdAt: now,
    updatedAt: now,
  };
  store.state.organizations[organization.id] = organization;
  store.changed();
  return organization;
}

/** @param ownId the organisation that may keep the slug it has */
export function checkedSlug(store: Store, value: string, ownId: string | null): string {
  const slug = value.trim();
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(slug)) {
    const message = "Slug can only include lowercase letters, numbers and dashes.";
    throw fieldWrong("slug", "form_param_format_invalid", message);
  }
  const holder = Object.values(store.state.organizations).find((organization) => organization.slug === slug);
  if (holder && holder.id !== ownId) throw fieldWrong("slug", "form_identifier_exists", "This slug is already taken.");
  return slug;
}

export function removeOrganization(store: Store, organizationId: string): void {
  requireOrganization(store, organizationId);
  for (const membership of membersOf(store, organizationId)) removeMembership(store, membership);
  for (const invitation of Object.values(store.state.invitations)) {
    if (invitation.organizationId === organizationId) delete store.state.invitations[invitation.id];
  }
  delete store.state.organizations[organizationId];
  store.changed();
  store.tell("organization.deleted", { deleted: "organization", id: organizationId });
}

/** Adds a membership, or changes the role of the one that exists. */
export function putMembership(store: Store, organizationId: string, userId: string, role: MembershipRole): Membership {
  requireOrganization(store, organizationId);
  requirePerson(store, userId);
  const now = Date.now();
  const existing = findMembership(store, organizationId, userId);
  const membership: Membership = existing
    ? { ...existing, role, updatedAt: now }
    : { id: newId("orgmem"), organizationId, userId, role, createdAt: now, updatedAt: now };
  store.state.memberships[membership.id] = membership;
  store.changed();
  store.tell(`organizationMembership.${existing ? "updated" : "created"}`, { membership });
  return membership;
}

/** Ends a membership; the person's sessions leave the organisation at once, their tokens within a minute. */
export function removeMembership(store: Store, membership: Membership): void {
  const { organizationId, userId } = membership;
  store.tell("organizationMembership.deleted", { membership });
  delete store.state.memberships[membership.id];
  for (const session of Object.values(store.state.sessions)) {
    if (session.userId === userId && session.organizationId === organizationId) session.organizationId = null;
  }
  const person = store.state.people[userId];
  if (person?.lastOrganizationId === organizationId) person.lastOrganizationId = null;
  store.changed();
}

/** @throws ClerkError when nobody else would be left to administer the organisation */
export function requireOtherAdmin(store: Store, leaving: Membership): void {
  const others = membersOf(store, leaving.organizationId).filter(({ userId }) => userId !== leaving.userId);
  if (others.some(({ role }) => role === "org:admin")) return;
  const message = "There has to be at least one other admin in the organisation.";
  throw new ClerkError(400, "organization_minimum_permissions_needed", message);
}

export function findMembership(store: Store, organizationId: string, userId: string): Membership | null {
  return membershipsOf(store, userId).find((membership) => membership.organizationId === organizationId) ?? null;
}

/** A person's memberships, oldest first. */
export function membershipsOf(store: Store, userId: string): Membership[] {
  return Object.values(store.state.memberships).filter((membership) => membership.userId === userId);
}

export function membersOf(store: Store, organizationId: string): Membership[] {
  return Object.values(store.state.memberships).filter((membership) => membership.organizationId === organizationId);
}

export function requirePerson(store: Store, userId: string): Person {
  const person = store.state.people[userId];
  if (!person) throw notFound("user");
  return person;
}

export function requireOrganization(store: Store, organizationId: string): Organization {
  const organization = store.state.organizations[organizationId];
  if (!organization) throw notFound("organization");
  return organization;
}

/** Brings in whoever of the seed has never been there. */
export async function applySeed(
  store: Store,
  seed: { people: SeedPerson[]; organizations: SeedOrganization[] },
): Promise<void> {
  const isNew = (item: { id: string }) => !store.state.seeded.includes(item.id);
  for (const organization of seed.organizations.filter(isNew)) {
    addOrganization(store, organization);
    store.state.seeded.push(organization.id);
  }
  const people = seed.people.filter(isNew);
  const hashes = await Promise.all(people.map((person) => hashPassword(person.password)));
  for (const [index, person] of people.entries()) {
    await addPerson(store, { ...person, passwordHash: hashes[index] });
    for (const { organizationId, role } of person.memberships) {
      if (store.state.organizations[organizationId]) putMembership(store, organizationId, person.id, `org:${role}`);
    }
    store.state.seeded.push(person.id);
  }
}

function normalEmail(email: string): string {
  return email.trim().replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function freeSlug(store: Store, name: string): string {
  const base =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "") || "organization";
  const taken = new Set(Object.values(store.state.organizations).map((organization) => organization.slug));
  let slug = base;
  for (let n = 2; taken.has(slug); n++) slug = `${base}-${n}`;
  return slug;
}
