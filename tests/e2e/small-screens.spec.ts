import { expectNoSidewaysScroll } from "./support/accessibility";
import { giveLabel, haveAccount, haveBrokenAccount, signInTwice, waitingInQuarantine } from "./support/arranging";
import {
  accounts,
  condition,
  connect,
  connectBar,
  disconnectDialog,
  history,
  openNotices,
  reconnect,
} from "./support/connecting";
import { expect, test } from "./support/test";
import { visit } from "./support/visiting";

test.use({ viewport: { width: 320, height: 640 } });

test("public pages fit a window of 320 px", async ({ page }) => {
  for (const path of [
    "/",
    "/integrations",
    "/integrations/categories/e-commerce",
    "/integrations/github",
    "/sign-in",
  ]) {
    await page.goto(path);
    await expect(page.getByRole("heading").first()).toBeVisible();
    await expectNoSidewaysScroll(page);
  }
});

test("signed-in pages, their menu, dialog and bar fit a window of 320 px", async ({ ada, organization }) => {
  const account = await haveAccount(ada, { connector: "vercel" });
  await visit(ada, "/connectors");
  await expect(ada.locator('[data-connector="vercel"]')).toBeVisible();
  await expectNoSidewaysScroll(ada);

  await ada.getByRole("button", { name: "Open menu" }).click();
  await expect(ada.locator("#mobile-menu").getByText(organization.name)).toBeVisible();
  await expectNoSidewaysScroll(ada);
  await ada.locator("#mobile-menu").getByRole("link", { name: "Connections" }).click();
  await expect(accounts(ada, account.name)).toContainText("Connected");
  await expect(ada.locator("#mobile-menu")).toBeHidden();
  await expectNoSidewaysScroll(ada);

  await visit(ada, "/connectors/vercel");
  await expectNoSidewaysScroll(ada);
  const dialog = await disconnectDialog(ada, account.name);
  await expectNoSidewaysScroll(ada);
  await dialog.getByRole("button", { name: "Keep it" }).click();
  await connect(ada, "vercel").open();
  await expect(connectBar(ada)).toBeInViewport({ ratio: 1 });
  await expectNoSidewaysScroll(ada);
});

test("a connection's page, its choice of accounts, notices and the quarantine fit a window of 320 px", async ({
  ada,
  organization,
}) => {
  const account = await haveBrokenAccount(ada, organization, { connector: "vercel", key: "vcp_right" });
  await giveLabel(ada, account.id, "Averyverylonglabelthathasnoplacewhereitcouldbebroken");
  await visit(ada, "/connectors");
  await expect(ada.getByRole("region", { name: "Needs attention" })).toBeVisible();
  await expectNoSidewaysScroll(ada);
  await expect((await openNotices(ada)).getByRole("listitem")).toHaveCount(1);
  await expectNoSidewaysScroll(ada);
  await ada.keyboard.press("Escape");

  await visit(ada, `/connections/${account.id}`);
  await expect(history(ada).first()).toBeVisible();
  await expectNoSidewaysScroll(ada);
  await reconnect(condition(ada)).fill({ Token: "vcp_wrong" });
  await expect(condition(ada)).toHaveAttribute("data-condition", "account_mismatch");
  await expectNoSidewaysScroll(ada);
  await ada.getByRole("button", { name: /^Keep / }).click();
  await expect(ada.getByRole("dialog", { name: "Which account should stay?" })).toBeInViewport({ ratio: 1 });
  await expectNoSidewaysScroll(ada);

  await signInTwice(ada);
  await expect.poll(() => waitingInQuarantine(ada)).toBe(1);
  await visit(ada, "/admin/quarantine");
  await expect(ada.locator("[data-quarantined]")).toBeVisible();
  await expectNoSidewaysScroll(ada);
});
