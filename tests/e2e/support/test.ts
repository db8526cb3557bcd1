/**
 * The browser tests' own `test`: every page watches its console, every worker has an organisation and people of its own,
 * and a person is signed in by Clerk's own client, without the form.
 */
import AxeBuilder from "@axe-core/playwright";
import { type BrowserContext, test as base, expect, type Page } from "@playwright/test";
import { addOrganization, addPerson, description, type Organization, type Person } from "./product";

export { expect } from "@playwright/test";

type Team = { organization: Organization; admin: Person; member: Person };

type Fixtures = {
  console: { seen: string[]; expected: RegExp[] };
  /** Names console messages that a test causes on purpose; anything else fails it. */
  expectConsole: (pattern: RegExp) => void;
  watch: (page: Page) => void;
  /** Another person's browser. */
  browserOf: (person: Person, organization?: Organization | null) => Promise<Page>;
};

export const test = base.extend<Fixtures, { team: Team }>({
  baseURL: async ({ browserName: _ }, use) => use(description().app),

  team: [
    async ({ browserName: _ }, use, worker) => {
      const organization = await addOrganization(`Team ${worker.workerIndex}`);
      const admin = await addPerson("Ada", "Lovelace", [{ organization, role: "admin" }]);
      const member = await addPerson("Grace", "Hopper", [{ organization, role: "member" }]);
      await use({ organization, admin, member });
    },
    { scope: "worker" },
  ],

  console: async ({ browserName: _ }, use) => {
    const seen: string[] = [];
    const expected: RegExp[] = [];
    await use({ seen, expected });
    const unexpected = seen.filter((line) => !expected.some((pattern) => pattern.test(line)));
    expect(unexpected, "console errors and policy violations").toEqual([]);
  },

  expectConsole: async ({ console }, use) => use((pattern) => void console.expected.push(pattern)),

  watch: async ({ console }, use) =>
    use((page) => {
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") {
          console.seen.push(`${message.type()}: ${message.text()} (${message.location().url})`);
        }
      });
      page.on("pageerror", (error) => console.seen.push(`page error: ${error.message}`));
    }),

  page: async ({ page, watch }, use) => {
    watch(page);
    await use(page);
  },

  browserOf: async ({ browser, baseURL, watch }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (person, organization = null) => {
      const context = await browser.newContext({ baseURL });
      contexts.push(context);
      const page = await context.newPage();
      watch(page);
      await signIn(page, person, organization);
      return page;
    });
    for (const context of contexts) await context.close();
  },
});

/** Signs a person in with Clerk's own client and makes the organisation (or none) active. */
export async function signIn(page: Page, person: Person, organization: Organization | null): Promise<void> {
  await page.goto("/sign-in");
  await page.waitForFunction(() => window.Clerk?.loaded);
  await page.evaluate(
    async ({ email, password, organizationId }) => {
      const clerk = window.Clerk;
      const attempt = await clerk.client.signIn.create({ identifier: email, password });
      await clerk.setActive({ session: attempt.createdSessionId, organization: organizationId });
    },
    { email: person.email, password: person.password, organizationId: organization?.id ?? null },
  );
}

/** No accessibility finding on the page as it is, in either theme. Clerk's and Nango's own frames are theirs. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { violations } = await new AxeBuilder({ page })
      .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
      .exclude(".cl-rootBox")
      .exclude("iframe")
      .analyze();
    const findings = violations.map(
      ({ id, nodes }) => `${colorScheme} ${id}: ${nodes.map((node) => node.target).join(", ")}`,
    );
    expect(findings).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}

declare global {
  interface Window {
    Clerk: {
      loaded: boolean;
      client: { signIn: { create(input: object): Promise<{ createdSessionId: string }> } };
      setActive(input: { session: string; organization: string | null }): Promise<void>;
    };
  }
}
