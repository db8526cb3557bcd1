import type { BrowserContext, Page } from "@playwright/test";
import { expectAccessible } from "./support/accessibility";
import { haveAccount, haveBrokenAccount } from "./support/arranging";
import { accounts, connect, disconnect, history, menuOf, openNotices, relabel } from "./support/connecting";
import { addMember, addOrganization } from "./support/product";
import { expect, type Organization, test, uniqueName } from "./support/test";
import { visit } from "./support/visiting";

test("a colleague sees an account that is for everyone, and who connected it, but may not disconnect it", async ({
  ada,
  grace,
}) => {
  const account = await haveAccount(ada, { connector: "vercel" });
  await visit(grace, "/connections");
  await expect(accounts(grace, account.name)).toContainText("Ada Lovelace");
  await expect(grace.getByRole("button", { name: /^Actions for/ })).toHaveCount(0);
});

test("an admin may disconnect what a member connected for everyone", async ({ ada, grace }) => {
  const account = await haveAccount(grace);
  await visit(ada, "/connectors/openai");
  await expect(accounts(ada, account.name)).toContainText("connected by Grace Hopper");
  await disconnect(ada, account.name);
  await visit(grace, "/connectors/openai");
  await expect(accounts(grace)).toHaveCount(0);
});

test("an account that is only mine is seen by nobody else, admins included", async ({ ada, grace }) => {
  await visit(grace, "/connectors/openai");
  await grace.getByRole("radio", { name: /^Only me/ }).check();
  await connect(grace, "openai").fill({ "API Key": "sk-standin-grace" });
  await expect(accounts(grace, "OpenAI 1")).toContainText("Only me");

  await visit(ada, "/connections");
  await expect(ada.getByRole("heading", { name: "Nothing is connected yet" })).toBeVisible();
});

test("an admin learns how many accounts others keep to themselves, and nothing else of them", async ({
  ada,
  grace,
}) => {
  await haveAccount(grace, { connector: "vercel", visibility: "only_me" });
  await haveAccount(ada);
  const sentence = "1 more account belongs to somebody who keeps it to themselves.";
  await visit(ada, "/connections");
  await expect(ada.getByText(sentence)).toBeVisible();
  await expect(accounts(ada)).toHaveCount(1);
  await visit(grace, "/connections");
  await expect(accounts(grace)).toHaveCount(2);
  await expect(grace.getByText(sentence)).toHaveCount(0);
});

test("whoever connected an account opens it to everyone and closes it again, says so before, and it is recorded", async ({
  ada,
  grace,
  organization,
}) => {
  const account = await haveAccount(grace, { connector: "vercel", visibility: "only_me" });
  await visit(grace, `/connections/${account.id}`);
  const change = async (choice: RegExp) => {
    await (await menuOf(grace, account.name)).getByRole("menuitem", { name: "Who may use it" }).click();
    const dialog = grace.getByRole("dialog", { name: `Who may use ${account.name}?` });
    await dialog.getByRole("radio", { name: choice }).check();
    return dialog;
  };
  const opening = await change(new RegExp(`^Everyone in ${organization.name}`));
  await expect(opening.getByRole("status")).toContainText(
    `Everyone in ${organization.name} will be able to see and use ${account.name} at Vercel.`,
  );
  await expectAccessible(grace);
  await opening.getByRole("button", { name: "Save" }).click();
  await expect(opening).toHaveCount(0);
  await expect(grace.getByRole("region", { name: "Facts" })).toContainText(`Everyone in ${organization.name}`);
  await expect(history(grace, "Grace Hopper opened it to everyone in the organisation")).toBeVisible();

  // An admin may do much with it now, but not that.
  await visit(ada, `/connections/${account.id}`);
  const menu = await menuOf(ada, account.name);
  await expect(menu.getByRole("menuitem", { name: "Disconnect" })).toBeVisible();
  await expect(menu.getByRole("menuitem", { name: "Who may use it" })).toHaveCount(0);

  const closing = await change(/^Only me/);
  await expect(closing.getByRole("status")).toContainText("it stops working at once");
  await closing.getByRole("button", { name: "Save" }).click();
  await expect(history(grace, "Grace Hopper made it theirs alone")).toBeVisible();
  await visit(ada, "/connections");
  await expect(accounts(ada)).toHaveCount(0);
});

test("every card, row and warning says who may use what is behind it", async ({ ada, organization }) => {
  const everyone = `Everyone in ${organization.name}`;
  const account = await haveBrokenAccount(ada, organization, { connector: "vercel" });
  await haveAccount(ada, { visibility: "only_me" });
  await visit(ada, "/connectors");
  await expect(ada.locator('[data-connector="vercel"]')).toContainText(everyone);
  await expect(ada.locator('[data-connector="openai"]')).toContainText("Only me");
  await expect(ada.getByRole("region", { name: "Needs attention" })).toContainText(everyone);
  await expect((await openNotices(ada)).getByRole("listitem")).toContainText(everyone);
  await visit(ada, "/connections");
  await expect(accounts(ada, account.name)).toContainText(everyone);
  await visit(ada, "/connectors/openai");
  await expect(accounts(ada)).toContainText("Only me");
});

test("somebody in another organisation sees none of it", async ({ ada, katherine }) => {
  await haveAccount(ada);
  await visit(katherine, "/connections");
  await expect(katherine.getByRole("heading", { name: "Nothing is connected yet" })).toBeVisible();
  await visit(katherine, "/connectors?q=openai");
  await expect(katherine.getByRole("button", { name: "Connect OpenAI" })).toBeVisible();
});

test("switching organisation changes the list at once, and back", async ({ sessionOf, browserOf }) => {
  const joan = await sessionOf("Joan Clarke");
  const [first, second] = [await addOrganization(uniqueName()), await addOrganization(uniqueName())];
  for (const organization of [first, second]) await addMember(organization, joan.person, "member");
  const page = await browserOf(joan, first);
  await haveAccount(page);
  await visit(page, "/connections");
  await expect(accounts(page, "OpenAI 1")).toBeVisible();
  await expect(accounts(page, "OpenAI 1")).toContainText(`Everyone in ${first.name}`);

  const switchTo = async (name: string) => {
    await page.locator(".cl-organizationSwitcherTrigger").click();
    await page.locator(".cl-organizationSwitcherPopoverCard").getByText(name, { exact: true }).click();
  };
  await switchTo(second.name);
  await expect(page.getByRole("heading", { name: "Nothing is connected yet" })).toBeVisible();
  await expect(accounts(page)).toHaveCount(0);
  await switchTo(first.name);
  await expect(accounts(page, "OpenAI 1")).toBeVisible();
});

/** A tab that is not in front and hears nothing from Clerk. Pages of a test all believe that they are in front. */
async function fallAsleep(page: Page): Promise<void> {
  await expect(page.locator(".cl-organizationSwitcherTrigger")).toBeVisible();
  await page.evaluate(() => {
    document.hasFocus = () => false;
  });
  await page.route("**/__clerk/**", () => {});
}

/** Switches organisation in a second tab of a browser. */
async function switchInAnotherTab(context: BrowserContext, organization: Organization): Promise<void> {
  const tab = await context.newPage();
  await visit(tab, "/connectors");
  await tab.waitForFunction(() => window.Clerk?.loaded);
  await tab.evaluate((id) => window.Clerk.setActive({ organization: id }), organization.id);
  await expect(tab.locator(".cl-organizationSwitcherTrigger")).toContainText(organization.name);
}

test("a tab that missed the switch in another changes nothing, and says so", async ({
  ada,
  context,
  sessionOf,
  expectConsole,
}) => {
  expectConsole(/status of 409 .*\/api\/v1\/(connections|notices|quarantine)/);
  const account = await haveAccount(ada);
  const other = await addOrganization(uniqueName());
  await addMember(other, (await sessionOf("Ada Lovelace")).person, "admin");
  await visit(ada, "/connectors/openai");
  await fallAsleep(ada);
  // Nor does it ask for its list again before it is used.
  await ada.route(/\/api\/v1\/connections\?/, () => {});
  await switchInAnotherTab(context, other);

  await relabel(ada, account.name, "Sales");
  const dialog = ada.getByRole("dialog", { name: "You switched organisation in another tab" });
  await expect(dialog).toBeVisible();
  await ada.unrouteAll();
  await dialog.getByRole("button", { name: "Reload" }).click();
  await expect(ada.getByText("No account of OpenAI is connected yet.")).toBeVisible();
});

test("a tab never shows the accounts of one organisation under the name of another", async ({
  ada,
  context,
  sessionOf,
  expectConsole,
}) => {
  expectConsole(/status of 409 .*\/api\/v1\/(connections|notices|quarantine)/);
  await haveAccount(ada);
  const other = await addOrganization(uniqueName());
  await addMember(other, (await sessionOf("Ada Lovelace")).person, "admin");
  await visit(ada, "/connections");
  await fallAsleep(ada);
  await switchInAnotherTab(context, other);

  // Coming back to a tab makes it ask for its list again.
  await ada.evaluate(() => window.dispatchEvent(new Event("visibilitychange")));
  await expect(ada.getByRole("dialog", { name: "You switched organisation in another tab" })).toBeVisible();
  await expect(accounts(ada, "OpenAI 1")).toBeVisible();
});

test("somebody without an organisation owns what they connect", async ({ sessionOf, browserOf }) => {
  const joan = await browserOf(await sessionOf("Joan Clarke"), null);
  await visit(joan, "/connectors/openai");
  await expect(joan.getByText("Who may use it")).toHaveCount(0);
  await connect(joan, "openai").fill({ "API Key": "sk-standin-joan" });
  await expect(accounts(joan, "OpenAI 1")).toContainText("Only me");
});
