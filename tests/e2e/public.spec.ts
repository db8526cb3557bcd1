import type { Page } from "@playwright/test";
import { expect, test } from "./support/test";

/** What a page asks for of Clerk, from now on. */
function callsToClerk(page: Page): string[] {
  const calls: string[] = [];
  page.on("request", (request) => {
    if (/clerk/i.test(request.url())) calls.push(request.url());
  });
  return calls;
}

test("the public pages work without Clerk: landing, catalogue, category, connector", async ({ page, context }) => {
  const calls = callsToClerk(page);
  await page.goto("/");
  await page.getByRole("link", { name: "Browse 99 integrations" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Integrations" })).toBeVisible();
  await page.getByRole("navigation", { name: "Categories" }).getByRole("link", { name: "Development" }).click();
  await expect(page.getByRole("main").getByRole("listitem").filter({ hasText: "GitHub" })).toBeVisible();
  await page.getByRole("link", { name: "GitHub" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "GitHub" })).toBeVisible();
  await expect(page.getByRole("region", { name: "What it can do" })).toContainText("Create an issue");
  await expect(page.getByRole("link", { name: "Connect GitHub" })).toHaveAttribute("href", "/connectors/github");
  expect(calls).toEqual([]);
  expect(await context.cookies()).toEqual([]);
});

test("the public search finds by name with a typo and by what can be done, and lives in the URL", async ({ page }) => {
  const calls = callsToClerk(page);
  await page.goto("/integrations");
  const search = page.getByRole("searchbox", { name: "Search integrations" });
  const rows = page.getByRole("main").getByRole("listitem");
  await search.fill("slakc");
  await expect(rows.first()).toContainText("Slack");
  await search.fill("send sms");
  await expect(rows.filter({ hasText: "Twilio" })).toBeVisible();
  await expect(page).toHaveURL(/\?q=send\+sms$/);
  await page.reload();
  await expect(search).toHaveValue("send sms");
  await expect(rows.filter({ hasText: "Twilio" })).toBeVisible();
  await search.fill("zzzzqqqq");
  await expect(page.getByText("Nothing matches.")).toBeVisible();
  expect(calls).toEqual([]);
});

test("the public catalogue is whole without scripts", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ baseURL, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto("/integrations");
  await page.getByRole("link", { name: /^All 15 .*Communication/ }).click();
  await expect(page.getByRole("main").locator("ul.rows > li")).toHaveCount(15);
  await page.getByRole("link", { name: "Twilio" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Twilio" })).toBeVisible();
  await context.close();
});

test("the theme can be switched and stays", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/");
  await page.getByRole("button", { name: "Use dark theme" }).click();
  await expect(page.locator("html")).toHaveClass(/\bdark\b/);
  await page.goto("/integrations");
  await expect(page.locator("html")).toHaveClass(/\bdark\b/);
});

for (const path of ["/no/such/page", "/integrations/no-such-connector", "/integrations/categories/no-such-category"]) {
  test(`${path} is answered with 404 and a way on`, async ({ page, expectConsole }) => {
    expectConsole(/status of 404 /);
    const answer = await page.goto(path);
    expect(answer?.status()).toBe(404);
    await expect(page.getByRole("heading", { name: "There is nothing at this address" })).toBeVisible();
    await page.getByRole("link", { name: "Go to the start page" }).click();
    await expect(page).toHaveURL(/\/$/);
  });
}

test("a connector that does not exist is answered with 404 and a way to all of them", async ({
  ada,
  expectConsole,
}) => {
  expectConsole(/status of 404 /);
  const answer = await ada.goto("/connectors/no-such-connector");
  expect(answer?.status()).toBe(404);
  await expect(ada.getByRole("heading", { name: "There is no such connector" })).toBeVisible();
  await ada.getByRole("link", { name: "All connectors" }).click();
  await expect(ada.locator("[data-connector]")).toHaveCount(60);
});
