/** An installation without Nango whose operator has an application at providers that ask first, and what they ask. */
import type { Locator, Page } from "@playwright/test";
import { accounts } from "./connecting";
import { enterAs } from "./signing-in";
import { test as base, expect } from "./test";
import { directClients, startWithoutNango, type WithoutNango } from "./without-nango";

export { expect } from "@playwright/test";

type Fixtures = { member: Page };
type WorkerFixtures = { installation: WithoutNango };

export const test = base.extend<Fixtures, WorkerFixtures>({
  installation: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's shape
    async ({}, use, { workerIndex }) => {
      const clients = directClients(["shopify", "salesforce", "zoho-crm", "bigcommerce"]);
      const installation = await startWithoutNango(`product-that-asks-${workerIndex}`, clients);
      await use(installation);
      await installation.stop();
    },
    { scope: "worker", timeout: 240_000 },
  ],
  baseURL: async ({ installation }, use) => use(installation.origin),
  /** Ada's browser at that installation, with her organisation active. */
  member: async ({ ada, context, organization, sessionOf, installation }, use) => {
    await enterAs(context, await sessionOf("Ada Lovelace"), organization, installation.origin);
    await use(ada);
  },
});

export const questions = (page: Page, name: string): Locator => page.getByRole("dialog", { name: `Connect ${name}` });
export const goOn = (page: Page, name: string): Locator => page.getByRole("button", { name: `Continue to ${name}` });
export const shopField = (page: Page): Locator => questions(page, "Shopify").getByRole("textbox", { name: "Shop" });

/** The requests that would begin a try. */
export function beginnings(page: Page): string[] {
  const begun: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST" && new URL(request.url()).pathname.endsWith("/session")) begun.push(request.url());
  });
  return begun;
}

/** The only account on a page. @returns its id */
export async function onlyAccount(page: Page): Promise<string> {
  await expect(accounts(page)).toHaveCount(1);
  await expect(accounts(page)).toContainText("Connected");
  return (await accounts(page).getAttribute("data-connection")) as string;
}
