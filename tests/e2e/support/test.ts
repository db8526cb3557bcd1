/**
 * The browser tests' own `test`. Every browser's console is watched; every test has an organisation of its own, so tests
 * and workers never meet; `ada`, `grace` and `katherine` are pages of people who are signed in already.
 */
import { randomUUID } from "node:crypto";
import { type BrowserContext, test as base, type Page } from "@playwright/test";
import { type Complaints, collectComplaints } from "./console";
import { addMember, addOrganization, addPerson, description, type Organization } from "./product";
import { enterAs, type Session, signIn } from "./signing-in";

export { expect } from "@playwright/test";

type Name = "Ada Lovelace" | "Grace Hopper" | "Katherine Johnson" | "Joan Clarke";

type Fixtures = {
  complaints: Complaints;
  expectConsole: Complaints["expectConsole"];
  /** Opens a further browser, signed in as somebody or as nobody. */
  browserOf: (session: Session | null, organization?: Organization | null, agent?: string) => Promise<Page>;
  organization: Organization;
  /** Ada's browser: an admin of the test's organisation. */
  ada: Page;
  /** Grace's: a member of the same. */
  grace: Page;
  /** Katherine's: an admin of another organisation. */
  katherine: Page;
};

type WorkerFixtures = {
  /** Signs somebody in at the first call, and remembers it for the worker's other tests. */
  sessionOf: (name: Name) => Promise<Session>;
};

export const test = base.extend<Fixtures, WorkerFixtures>({
  baseURL: async ({ browserName: _ }, use) => use(description().app),

  sessionOf: [
    async ({ browser }, use) => {
      const sessions = new Map<Name, Promise<Session>>();
      const begin = async (name: Name) => {
        const [firstName = "", lastName = ""] = name.split(" ");
        return signIn(browser, await addPerson(firstName, lastName));
      };
      await use((name) => {
        const known = sessions.get(name) ?? begin(name);
        sessions.set(name, known);
        return known;
      });
    },
    { scope: "worker" },
  ],

  complaints: async ({ browserName: _ }, use) => {
    const complaints = collectComplaints();
    await use(complaints);
    complaints.check();
  },

  expectConsole: async ({ complaints }, use) => use(complaints.expectConsole),

  context: async ({ context, complaints }, use) => {
    complaints.watch(context);
    await use(context);
  },

  browserOf: async ({ browser, baseURL, complaints }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (session, organization = null, agent) => {
      const context = await browser.newContext({ baseURL, userAgent: agent });
      contexts.push(context);
      complaints.watch(context);
      if (session) await enterAs(context, session, organization);
      return context.newPage();
    });
    for (const context of contexts) await context.close();
  },

  organization: async ({ browserName: _ }, use) => use(await addOrganization(uniqueName())),

  ada: async ({ page, context, organization, sessionOf }, use) => {
    const session = await sessionOf("Ada Lovelace");
    await addMember(organization, session.person, "admin");
    await enterAs(context, session, organization);
    await use(page);
  },

  grace: async ({ organization, sessionOf, browserOf }, use) => {
    const session = await sessionOf("Grace Hopper");
    await addMember(organization, session.person, "member");
    await use(await browserOf(session, organization));
  },

  katherine: async ({ sessionOf, browserOf }, use) => {
    const session = await sessionOf("Katherine Johnson");
    const other = await addOrganization(uniqueName());
    await addMember(other, session.person, "admin");
    await use(await browserOf(session, other));
  },
});

/** A name for an organisation that no other test has, in this run or another on the same product. */
export const uniqueName = () => `Team ${randomUUID().slice(0, 8)}`;

export type { Organization };
