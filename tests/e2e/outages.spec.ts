import type { Locator, Page } from "@playwright/test";
import { haveAccount } from "./support/arranging";
import { accounts } from "./support/connecting";
import { breakClerkFor } from "./support/product";
import { expect, test } from "./support/test";
import { reload, visit } from "./support/visiting";

/** Marks the browsers that Clerk is away for, so that those of other tests go on. */
const agent = "patchbay-without-clerk";

// One fault at a time is what the stand-in of Clerk can have.
test.describe.configure({ mode: "serial" });

test("public pages stay up while Clerk is down", async ({ browserOf }) => {
  const mend = await breakClerkFor(agent);
  const page = await browserOf(null, null, agent);
  for (const path of ["/", "/integrations", "/integrations/github"]) {
    expect((await page.goto(path))?.status()).toBe(200);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  }
  await mend();
});

test("while Clerk is down the sign-in page says so, and works when it is back", async ({
  browserOf,
  expectConsole,
}) => {
  expectConsole(/\/__clerk\//);
  const mend = await breakClerkFor(agent);
  const page = await browserOf(null, null, agent);
  await page.goto("/sign-in");
  await expect(page.getByRole("alert").filter({ hasText: "Signing in is not possible just now" })).toBeVisible();
  await mend();
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.locator("input[name=identifier]")).toBeVisible();
});

test("while Clerk is down a signed-in page that would need it is closed, with a page that says why", async ({
  browserOf,
  sessionOf,
  organization,
  ada,
  expectConsole,
}) => {
  expectConsole(/status of 50\d/);
  const account = await haveAccount(ada);
  const page = await browserOf(await sessionOf("Ada Lovelace"), organization, agent);
  const mend = await breakClerkFor(agent);
  const answer = await page.goto("/connections");
  expect(answer?.status()).toBeGreaterThanOrEqual(500);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.locator("body")).not.toContainText('{"');
  await expect(accounts(page)).toHaveCount(0);

  await mend();
  await page
    .getByRole("link", { name: "Try again" })
    .or(page.getByRole("button", { name: "Try again" }))
    .click();
  await expect(accounts(page, account.name)).toBeVisible();
});

test("a page that is open already goes on while Clerk is down", async ({
  browserOf,
  sessionOf,
  organization,
  ada,
  expectConsole,
}) => {
  expectConsole(/\/__clerk\//);
  await haveAccount(ada);
  const page = await browserOf(await sessionOf("Ada Lovelace"), organization, agent);
  await visit(page, "/connectors/openai");
  const mend = await breakClerkFor(agent);
  await reload(page);
  await expect(accounts(page, "OpenAI 1")).toContainText("Connected");
  await mend();
});

test("where Clerk's scripts do not come, the catalogue is there all the same and the sign-in page says why not", async ({
  page,
  ada,
  browserOf,
  expectConsole,
}) => {
  expectConsole(/__clerk\/npm|Failed to load Clerk JS/);
  const visitor = await browserOf(null);
  for (const each of [page, visitor]) {
    await each.route("**/__clerk/npm/**", (route) => route.abort());
    // Clerk tries for half a minute before it gives up.
    await each.clock.install();
  }
  await ada.goto("/connectors");
  await sooner(ada, ada.getByText("Your account could not be loaded."));
  await expect(ada.locator("[data-connector]")).toHaveCount(60);
  await visitor.goto("/sign-in");
  await sooner(visitor, visitor.getByRole("heading", { name: "Signing in is not possible just now" }));
});

/** Waits for something that takes long by the page's clock. */
const sooner = (page: Page, target: Locator) =>
  expect(async () => {
    await page.clock.runFor(5_000);
    await expect(target).toBeVisible({ timeout: 200 });
  }).toPass();
