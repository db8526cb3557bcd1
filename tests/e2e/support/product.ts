/** The running product as the tests see it: its description, and what its stand-ins are told and asked behind its back. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { StackDescription } from "../../../emulators/stack";

export type Organization = { id: string; name: string; slug: string };
export type Person = { id: string; email: string; password: string; firstName: string; lastName: string };

const state = () => {
  const folder = process.env.PATCHBAY_E2E_STATE;
  if (!folder) throw new Error("The product is not running: start the tests with `npx playwright test`.");
  return folder;
};
const read = <T>(file: string): T => JSON.parse(readFileSync(join(state(), file), "utf8")) as T;

export const description = (): Required<StackDescription> => read("stack.json");
/** The settings under which the product's app runs. */
export const appEnvironment = (): Record<string, string> => read("app-env.json");
const controls = (): { clerk: string; nango: string; providers: string } => read("controls.json");

/** Calls a control API. @throws when it refuses */
async function control<T>(url: string, method: string, body?: unknown): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

const clerk = <T>(path: string, body: unknown) => control<T>(`${controls().clerk}/_control/${path}`, "POST", body);

export const addOrganization = (name: string) => clerk<Organization>("organizations", { name });

export const addMember = (organization: Organization, person: Person, role: "admin" | "member") =>
  clerk("memberships", { organizationId: organization.id, userId: person.id, role });

/** Clerk ends a membership, and tells the app. */
export const removeMember = (organization: Organization, person: Person) =>
  control(`${controls().clerk}/_control/memberships/${organization.id}/${person.id}`, "DELETE");

/** Somebody deletes their account at Clerk. */
export const removePerson = (person: Person) => control(`${controls().clerk}/_control/people/${person.id}`, "DELETE");

/** Adds a person with a password, who is in no organisation yet. */
export async function addPerson(firstName: string, lastName: string): Promise<Person> {
  const email = `${firstName}-${Math.random().toString(36).slice(2, 8)}@example.test`.toLowerCase();
  const password = `patchbay-${firstName.toLowerCase()}-1`;
  const { id } = await clerk<{ id: string }>("people", { email, password, firstName, lastName });
  return { id, email, password, firstName, lastName };
}

/**
 * Takes Clerk away from the browsers whose User-Agent contains a word, and from nobody else, until the returned
 * function is called.
 */
export async function breakClerkFor(agent: string): Promise<() => Promise<unknown>> {
  await clerk("fault", { mode: "error", door: "frontend", agent });
  return () => clerk("fault", { mode: "none" });
}

export type NangoConnection = { connectionId: string; integrationKey: string; tags: Record<string, string> };
export type NangoFault = {
  on: "webhook" | "api" | "refresh";
  effect: "drop" | "delay" | "status" | "slow" | "hangup" | "garbage";
  status?: number;
  ms?: number;
  method?: string;
  path?: string;
};

const nango = <T>(method: string, path: string, body?: unknown) =>
  control<T>(`${controls().nango}${path}`, method, body);
const belongsTo =
  (organization: Organization) =>
  ({ tags }: { tags: Record<string, string> }) =>
    tags.organization_id === organization.id;

/** What Nango holds for an organisation. */
export async function connectionsAtNango(organization: Organization): Promise<NangoConnection[]> {
  const { connections } = await nango<{ connections: NangoConnection[] }>("GET", "/connections");
  return connections.filter(belongsTo(organization));
}

/** How many connect sessions Nango was asked for on behalf of an organisation and still has. */
export async function sessionsAtNango(organization: Organization): Promise<number> {
  const { sessions } = await nango<{ sessions: { tags: Record<string, string> }[] }>("GET", "/state");
  return sessions.filter(belongsTo(organization)).length;
}

/** Deliveries of an organisation's events, with what became of each. */
export async function deliveriesFor(organization: Organization): Promise<{ outcome: string }[]> {
  const { deliveries } = await nango<{ deliveries: { body: string; outcome: string }[] }>("GET", "/webhooks");
  return deliveries.filter(({ body }) => body.includes(organization.id));
}

/** Orders a fault that strikes one organisation alone. */
export async function breakNangoFor(organization: Organization, fault: NangoFault) {
  const tag = { key: "organization_id", value: organization.id };
  const { id } = await nango<{ id: number }>("POST", "/faults", { ...fault, tag });
  return {
    /** Lets Nango work again. */
    mend: () => nango("DELETE", `/faults/${id}`),
    /** How often it struck so far. */
    strikes: async () => {
      const { faults } = await nango<{ faults: { id: number; struck: number }[] }>("GET", "/faults");
      return faults.find((each) => each.id === id)?.struck ?? 0;
    },
  };
}

/** Deletes a connection at Nango, as somebody does in its dashboard. Nobody is told. */
export const vanishAtNango = (connectionId: string) => nango("POST", `/connections/${connectionId}/vanish`);

/** A print of each credential that Nango holds for an organisation: another one whenever the credential is. */
export async function credentialsAtNango(organization: Organization): Promise<string[]> {
  type Dump = { connections: { tags: Record<string, string>; credential_hash: string }[] };
  const { connections } = await nango<Dump>("GET", "/dump");
  return connections.filter(belongsTo(organization)).map(({ credential_hash }) => credential_hash);
}

/** A provider takes back the credentials of an organisation's accounts, and Nango notices and says so. */
export async function loseAccess(organization: Organization, integration: string): Promise<void> {
  for (const { connectionId, integrationKey } of await connectionsAtNango(organization)) {
    if (integrationKey !== integration) continue;
    await nango("POST", `/connections/${connectionId}/kill`);
    await nango("POST", `/connections/${connectionId}/break`);
  }
}

type Grant = {
  clientId: string;
  accessTokens: { token: string }[];
  refreshTokens: { token: string }[];
  revoked: boolean;
};

/** The tokens of the sign-ins that are alive at a provider through the app's own OAuth app, without Nango. */
export async function directTokens(connector: string): Promise<string[]> {
  const { grants } = await control<{ grants: Grant[] }>(`${controls().providers}/grants`, "GET");
  return grants
    .filter(({ clientId, revoked }) => clientId === `standin-direct-${connector}` && !revoked)
    .flatMap(({ accessTokens, refreshTokens }) => [...accessTokens, ...refreshTokens].map(({ token }) => token));
}

/** Lets an access token come to its end, or takes back the whole sign-in that a refresh token belongs to. */
export const atProvider = (deed: "expire" | "revoke", token: string) =>
  control(`${controls().providers}/${deed}`, "POST", { token });

/** How long the sign-ins last that a provider grants from now on, in days; none of them can be renewed. */
export const letSignInsLast = (providerKey: string, days: number) =>
  control(`${controls().providers}/tokens`, "POST", {
    providerKey,
    seconds: Math.round(days * 86_400),
    refresh: false,
  });
