import { expectAccessible } from "./support/accessibility";
import {
  breakAccount,
  haveAccount,
  haveBrokenAccount,
  readConnection,
  signInTwice,
  waitingInQuarantine,
} from "./support/arranging";
import {
  accounts,
  condition,
  connect,
  connectBar,
  connectButton,
  disconnect,
  disconnectDialog,
  history,
  menuOf,
  openNotices,
  receipt,
  reconnect,
  toasts,
} from "./support/connecting";
import { letSignInEndIn, letUndoTimePass } from "./support/database";
import { breakNangoFor } from "./support/product";
import { expect, test } from "./support/test";
import { reload, visit } from "./support/visiting";

const publicPages = {
  "the landing page": "/",
  "the public catalogue": "/integrations",
  "a category": "/integrations/categories/ai",
  "a connector's public page": "/integrations/github",
  "a connector that cannot be connected": "/integrations/when2meet",
};
for (const [name, path] of Object.entries(publicPages)) {
  test(`axe finds nothing on ${name}`, async ({ page }) => {
    await page.goto(path);
    await expectAccessible(page);
  });
}

test("axe finds nothing on the public search", async ({ page }) => {
  await page.goto("/integrations?q=mail");
  await expect(page.getByRole("main").getByText("Gmail")).toBeVisible();
  await expectAccessible(page);
});

test("axe finds nothing on a page that does not exist", async ({ page, expectConsole }) => {
  expectConsole(/status of 404 /);
  await page.goto("/no/such/page");
  await expectAccessible(page);
});

for (const path of ["/sign-in", "/sign-up"]) {
  test(`axe finds nothing on ${path} around Clerk's form`, async ({ page }) => {
    await page.goto(path);
    await expect(page.locator(".cl-rootBox")).toBeVisible();
    await expectAccessible(page);
  });
}

test("axe finds nothing on the catalogue: all of it, what needs attention, nothing found", async ({
  ada,
  organization,
}) => {
  await haveBrokenAccount(ada, organization);
  await visit(ada, "/connectors");
  await expect(ada.locator(".cl-organizationSwitcherTrigger")).toBeVisible();
  await expectAccessible(ada);
  await ada.getByRole("searchbox").fill("zzzzqqqq");
  await expect(ada.getByRole("heading", { name: "Nothing found for “zzzzqqqq”" })).toBeVisible();
  await expectAccessible(ada);
});

test("axe finds nothing on a connector's page: empty, connected, menu, dialogs, toast", async ({ ada }) => {
  await visit(ada, "/connectors/vercel");
  await expect(ada.locator(".cl-organizationSwitcherTrigger")).toBeVisible();
  await expectAccessible(ada);

  const account = await haveAccount(ada, { connector: "vercel" });
  await reload(ada);
  await expect(ada.locator(".cl-organizationSwitcherTrigger")).toBeVisible();
  const menu = await menuOf(ada, account.name);
  await expectAccessible(ada);
  await menu.getByRole("menuitem", { name: "Edit label" }).click();
  const rename = ada.getByRole("dialog", { name: "Edit label" });
  await expect(rename).toBeVisible();
  await expectAccessible(ada);
  await rename.getByRole("button", { name: "Cancel" }).click();

  const dialog = await disconnectDialog(ada, account.name);
  await expectAccessible(ada);
  await dialog.getByRole("button", { name: "Disconnect", exact: true }).click();
  await expect(toasts(ada)).toBeVisible();
  await expectAccessible(ada);
});

test("axe finds nothing while connecting, and when it failed", async ({ ada, organization, expectConsole }) => {
  expectConsole(/status of 503 .*\/api\/nango\/session/);
  await visit(ada, "/connectors/openai");
  const connecting = await connect(ada, "openai").open();
  await expect(connectBar(ada)).toBeVisible();
  await expectAccessible(ada);
  await connecting.closeFrame();

  await breakNangoFor(organization, { on: "api", effect: "status", status: 500, path: "/connect/sessions" });
  await connectButton(ada, "openai").click();
  await expect(connectButton(ada, "openai")).toHaveText("Try again");
  await expect(toasts(ada)).toBeVisible();
  await expectAccessible(ada);
});

test("axe finds nothing on the list of connections: empty, filled, filtered to nothing, tombstones", async ({
  ada,
}) => {
  await visit(ada, "/connections");
  await expect(ada.locator(".cl-organizationSwitcherTrigger")).toBeVisible();
  await expectAccessible(ada);
  await haveAccount(ada);
  await haveAccount(ada, { connector: "vercel", visibility: "only_me" });
  await reload(ada);
  await expect(accounts(ada)).toHaveCount(2);
  await expectAccessible(ada);
  await visit(ada, "/connections?status=needs_attention");
  await expect(ada.getByRole("heading", { name: "No connection matches" })).toBeVisible();
  await expectAccessible(ada);
});

test("axe finds nothing on a connection's page: works, ends soon, broken, another account, receipt", async ({
  ada,
  organization,
}) => {
  test.slow();
  const account = await haveAccount(ada, { connector: "vercel", key: "vcp_right" });
  await visit(ada, `/connections/${account.id}`);
  await expect(ada.locator(".cl-organizationSwitcherTrigger")).toBeVisible();
  await expect(history(ada).first()).toBeVisible();
  await expectAccessible(ada);

  await letSignInEndIn(account.id, 1);
  await reload(ada);
  await expect(condition(ada)).toHaveAttribute("data-condition", "expires_soon");
  await expectAccessible(ada);

  await breakAccount(ada, organization, account.id);
  await reload(ada);
  await expect(condition(ada)).toHaveAttribute("data-condition", "auth_failed");
  await expectAccessible(ada);

  await reconnect(ada, account.name).fill({ Token: "vcp_wrong" });
  await expect(toasts(ada).first()).toBeVisible();
  await expect(condition(ada)).toHaveAttribute("data-condition", "account_mismatch");
  await expectAccessible(ada);
  await ada.getByRole("button", { name: /^Keep / }).click();
  const dialog = ada.getByRole("dialog", { name: "Which account should stay?" });
  await expect(dialog).toBeVisible();
  await expectAccessible(ada);
  await dialog.getByRole("button", { name: /^Keep / }).click();
  await expect(condition(ada)).toHaveAttribute("data-condition", "healthy");

  await disconnect(ada, (await readConnection(ada, account.id)).account_name ?? "");
  await expect(receipt(ada)).toBeVisible();
  await expectAccessible(ada);
  await letUndoTimePass(account.id);
  await expect(receipt(ada)).toContainText("The credentials are deleted.");
  await expectAccessible(ada);
});

test("axe finds nothing on the notices and the quarantine: filled, dialogs, empty; on the refusal to members", async ({
  ada,
  grace,
  expectConsole,
}) => {
  test.slow();
  expectConsole(/status of 404 .*\/admin\/quarantine/);
  await signInTwice(ada);
  await expect.poll(() => waitingInQuarantine(ada)).toBe(1);
  await visit(ada, "/admin/quarantine");
  await expect(ada.locator(".cl-organizationSwitcherTrigger")).toBeVisible();
  await expectAccessible(ada);
  await ada.getByRole("button", { name: /^Adopt / }).click();
  const adopt = ada.getByRole("dialog", { name: /^Adopt / });
  await expect(adopt).toBeVisible();
  await expectAccessible(ada);
  await adopt.getByRole("button", { name: "Cancel" }).click();
  await expect((await openNotices(ada)).getByRole("listitem")).not.toHaveCount(0);
  await expectAccessible(ada);
  await ada.keyboard.press("Escape");
  await ada.getByRole("button", { name: /^Delete / }).click();
  const remove = ada.getByRole("dialog", { name: /^Delete / });
  await expect(remove).toBeVisible();
  await expectAccessible(ada);
  await remove.getByRole("button", { name: "Delete" }).click();
  await expect(ada.getByRole("heading", { name: "Nothing waits here" })).toBeVisible();
  await expectAccessible(ada);

  await grace.goto("/admin/quarantine");
  await expect(grace.locator(".cl-organizationSwitcherTrigger")).toBeVisible();
  await expectAccessible(grace);
});

test("axe finds nothing on the small-screen menu", async ({ ada }) => {
  await ada.setViewportSize({ width: 360, height: 740 });
  await visit(ada, "/connectors");
  await ada.getByRole("button", { name: "Open menu" }).click();
  await expect(ada.locator("#mobile-menu .cl-organizationSwitcherTrigger")).toBeVisible();
  await expectAccessible(ada);
});
