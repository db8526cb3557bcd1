import type { Page } from "@playwright/test";
import { expectAccessible, expectNoSidewaysScroll } from "./support/accessibility";
import { beginnings, expect, goOn, onlyAccount, questions, shopField, test } from "./support/asking";
import { accounts, connectBar, connectButton, connectDirectly, toasts } from "./support/connecting";
import { attemptsOf } from "./support/database";
import { visit } from "./support/visiting";

// One process beside the product's is enough for all of them.
test.describe.configure({ mode: "serial" });

test("pressed twice it is one try, and a try that was refused keeps what was typed", async ({
  member,
  organization,
}) => {
  const begun = beginnings(member);
  const windows: Page[] = [];
  member.on("popup", (window) => windows.push(window));
  await visit(member, "/connectors/shopify");
  await connectButton(member, "shopify").click();
  await shopField(member).fill("acme");
  await goOn(member, "Shopify").dblclick();
  await expect.poll(() => windows.length).toBe(1);
  const [window] = windows as [Page];
  await expect(window.getByRole("button", { name: "Deny" })).toBeVisible();
  const closed = window.waitForEvent("close");
  await window.getByRole("button", { name: "Deny" }).click();
  await closed;
  await expect(connectButton(member, "shopify")).toHaveText("Try again");
  expect(begun).toHaveLength(1);
  expect(windows).toHaveLength(1);
  expect(await attemptsOf(organization.id)).toBe(1);

  await connectButton(member, "shopify").click();
  await expect(shopField(member)).toHaveValue("acme");
  await questions(member, "Shopify").getByRole("button", { name: "Cancel" }).click();
  await expect(connectButton(member, "shopify")).toBeFocused();
});

/** Continues with a shop's name while the server's answer is held. @returns the window, and what lets the answer go */
async function openHeld(member: Page): Promise<{ window: Page; answer: () => void }> {
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await member.route("**/api/nango/session", async (route) => {
    await held;
    await route.continue();
  });
  await visit(member, "/connectors/shopify");
  await connectButton(member, "shopify").click();
  await shopField(member).fill("acme");
  const opened = member.waitForEvent("popup");
  await goOn(member, "Shopify").click();
  const window = await opened;
  await expect(questions(member, "Shopify").getByRole("button", { name: "Opening" })).toHaveAttribute(
    "aria-disabled",
    "true",
  );
  return { window, answer };
}

test("left while the server has not answered, the window goes as well, and nothing is connected", async ({
  member,
  organization,
}) => {
  const { window, answer } = await openHeld(member);
  await member.keyboard.press("Escape");
  await expect(questions(member, "Shopify")).toHaveCount(0);
  await expect(connectButton(member, "shopify")).toBeFocused();
  expect(window.isClosed()).toBe(true);

  const cancelled = member.waitForResponse((response) => response.url().endsWith("/cancel"));
  answer();
  expect((await cancelled).ok()).toBe(true);
  await expect(connectBar(member)).toHaveCount(0);
  await expect(accounts(member)).toHaveCount(0);
  expect(await attemptsOf(organization.id)).toBe(1);
});

// Apart: looking takes time, and the page gives up on an answer after fifteen seconds.
test("axe finds nothing while the window opens", async ({ member }) => {
  const { answer } = await openHeld(member);
  await expectAccessible(member);
  answer();
});

test("what only the server finds wrong is said beside the field, and the window goes", async ({
  member,
  expectConsole,
}) => {
  expectConsole(/status of 422 .*\/api\/nango\/session/);
  await visit(member, "/connectors/shopify");
  await member.route("**/api/nango/session", async (route) => {
    const body = route.request().postDataJSON();
    // As if the page were older than the server's rule for it.
    await route.continue({ postData: { ...body, connection_config: { subdomain: "no.shop" } } });
  });
  await connectButton(member, "shopify").click();
  await shopField(member).fill("acme");
  const opened = member.waitForEvent("popup");
  await goOn(member, "Shopify").click();
  const window = await opened;
  if (!window.isClosed()) await window.waitForEvent("close");
  await expect(shopField(member)).toHaveAccessibleDescription(/does not look right/);
  await expect(shopField(member)).toHaveValue("acme");
  await expect(shopField(member)).toBeFocused();

  await member.unroute("**/api/nango/session");
  await connectDirectly(goOn(member, "Shopify")).allowAs("Ada Lovelace");
  await onlyAccount(member);
});

test("questions that do not load say so, and load at the next click", async ({ member, expectConsole }) => {
  expectConsole(/ERR_FAILED/);
  await visit(member, "/connectors/shopify");
  const chunks = "**/_next/static/chunks/*.js*";
  // The dialog's own alone: the words that say so are loaded late as well.
  await member.route(chunks, async (route) => {
    const response = await route.fetch();
    if ((await response.text()).includes("malformedLike")) await route.abort();
    else await route.fulfill({ response });
  });
  await connectButton(member, "shopify").click();
  await expect(toasts(member)).toContainText("No answer came.");
  await expect(connectButton(member, "shopify")).toHaveText("Connect Shopify");
  await member.unroute(chunks);
  await connectButton(member, "shopify").click();
  await expect(shopField(member)).toBeFocused();
});

test("axe finds nothing on the questions, which fit a phone and move nothing", async ({ member }) => {
  for (const [slug, name] of [
    ["shopify", "Shopify"],
    ["bigcommerce", "BigCommerce"],
    ["zoho-crm", "Zoho CRM"],
  ] as const) {
    await member.setViewportSize({ width: 1280, height: 800 });
    await visit(member, `/connectors/${slug}`);
    await expect(member.locator(".cl-organizationSwitcherTrigger")).toBeVisible();
    await connectButton(member, slug).click();
    const dialog = questions(member, name);
    await expect(dialog).toBeVisible();
    await expectAccessible(member);
    const before = await dialog.boundingBox();
    if (slug !== "zoho-crm") {
      await dialog.getByRole("textbox").fill("not / one");
      await goOn(member, name).click();
      await expect(dialog.getByRole("textbox")).toHaveAttribute("aria-invalid", "true");
      await expectAccessible(member);
      expect(await dialog.boundingBox()).toEqual(before);
    }
    await member.setViewportSize({ width: 360, height: 740 });
    await expect(dialog).toBeInViewport({ ratio: 1 });
    await expectNoSidewaysScroll(member);
    const overflows = await dialog.evaluate((element) => element.scrollWidth > element.clientWidth);
    expect(overflows).toBe(false);
    await expectAccessible(member);
  }
});
