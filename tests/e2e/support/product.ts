/** The running product as the tests see it: its description and the control APIs of its stand-ins. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { StackDescription } from "../../../emulators/stack";

export type Person = { id: string; email: string; password: string; firstName: string };
export type Organization = { id: string; name: string; slug: string };

const state = () => {
  const folder = process.env.PATCHBAY_E2E_STATE;
  if (!folder) throw new Error("The product is not running: start the tests with `npx playwright test`.");
  return folder;
};
const read = <T>(file: string): T => JSON.parse(readFileSync(join(state(), file), "utf8")) as T;

export const description = (): Required<StackDescription> => read("stack.json");
export const controls = (): { clerk: string; nango: string; providers: string } => read("controls.json");

/** Calls a control API. @throws when it refuses */
export async function control<T = unknown>(url: string, method: string, body?: unknown): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

export async function addOrganization(name: string): Promise<Organization> {
  return control(`${controls().clerk}/_control/organizations`, "POST", { name });
}

/** Adds a person with a password, as a member of the organisations given. */
export async function addPerson(
  firstName: string,
  lastName: string,
  memberships: { organization: Organization; role: "admin" | "member" }[] = [],
): Promise<Person> {
  const email = `${firstName}-${Math.random().toString(36).slice(2, 8)}@example.test`.toLowerCase();
  const password = `patchbay-${firstName.toLowerCase()}-1`;
  const { id } = await control<{ id: string }>(`${controls().clerk}/_control/people`, "POST", {
    email,
    password,
    firstName,
    lastName,
  });
  for (const { organization, role } of memberships) {
    await control(`${controls().clerk}/_control/memberships`, "POST", {
      organizationId: organization.id,
      userId: id,
      role,
    });
  }
  return { id, email, password, firstName };
}
