/** The people and organisations that a fresh stand-in knows. Tests add their own through the control API. */

type Role = "admin" | "member";

export type SeedOrganization = { id: string; name: string; slug: string };

export type SeedPerson = {
  id: string;
  email: string;
  password: string;
  firstName: string;
  lastName: string;
  /** In the order in which they are offered; the first one is active after the first sign-in. */
  memberships: { organizationId: string; role: Role }[];
};

const ACME = "org_standin_acme";
const GLOBEX = "org_standin_globex";

export const seedOrganizations: SeedOrganization[] = [
  { id: ACME, name: "Acme Inc", slug: "acme" },
  { id: GLOBEX, name: "Globex", slug: "globex" },
];

export const seedPeople: SeedPerson[] = [
  person("Ada", "Lovelace", "ada@acme.test", [{ organizationId: ACME, role: "admin" }]),
  person("Grace", "Hopper", "grace@acme.test", [{ organizationId: ACME, role: "member" }]),
  person("Katherine", "Johnson", "katherine@globex.test", [{ organizationId: GLOBEX, role: "admin" }]),
  person("Joan", "Clarke", "joan@both.test", [
    { organizationId: ACME, role: "member" },
    { organizationId: GLOBEX, role: "member" },
  ]),
  person("Mary", "Somerville", "mary@nowhere.test", []),
];

function person(
  firstName: string,
  lastName: string,
  email: string,
  memberships: SeedPerson["memberships"],
): SeedPerson {
  const handle = firstName.toLowerCase();
  return { id: `user_standin_${handle}`, email, password: `patchbay-${handle}-1`, firstName, lastName, memberships };
}
