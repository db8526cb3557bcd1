import type { Locator, Page } from "@playwright/test";
import { haveBrokenAccount } from "./support/arranging";
import { accounts, bell, condition, connectBar, connectButton, reconnectButton, toasts } from "./support/connecting";
import { expect, test } from "./support/test";
import { visit } from "./support/visiting";

/** Presses Tab until something has the focus, as far as a patient person would. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    if (await target.evaluate((element) => element === element.ownerDocument.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  await expect(target).toBeFocused();
}

test("an account is found, connected, labelled, disconnected and brought back with the keyboard alone", async ({
  ada,
}) => {
  await visit(ada, "/connectors");
  await expect(ada.locator(".cl-organizationSwitcherTrigger")).toBeVisible();
  await ada.keyboard.press("/");
  await ada.keyboard.type("openai");
  await expect(ada.locator("[data-connector]").first()).toHaveAttribute("data-connector", "openai");
  await tabTo(ada, connectButton(ada, "openai"));
  await ada.keyboard.press("Enter");

  const frame = ada.frameLocator("iframe#connect-ui");
  await expect(frame.getByLabel("API Key", { exact: true })).toBeVisible();
  await tabTo(ada, frame.getByLabel("API Key", { exact: true }));
  await ada.keyboard.type("sk-standin");
  await ada.keyboard.press("Enter");
  const manage = ada.getByRole("link", { name: "Manage OpenAI" });
  await expect(manage).toBeFocused();
  await ada.keyboard.press("Enter");
  await expect(ada).toHaveURL(/\/connectors\/openai$/);
  await expect(accounts(ada, "OpenAI 1")).toBeVisible();

  const menuButton = ada.getByRole("button", { name: /^Actions for/ });
  await tabTo(ada, menuButton);
  await ada.keyboard.press("Enter");
  await expect(ada.getByRole("menuitem", { name: "History and details" })).toBeFocused();
  await ada.keyboard.press("ArrowDown");
  await expect(ada.getByRole("menuitem", { name: "Edit label" })).toBeFocused();
  await ada.keyboard.press("Enter");
  const label = ada.getByRole("dialog", { name: "Edit label" }).getByRole("textbox");
  await tabTo(ada, label);
  await ada.keyboard.type("Research");
  await ada.keyboard.press("Enter");
  await expect(accounts(ada, "Research")).toBeVisible();
  await expect(menuButton).toBeFocused();

  await ada.keyboard.press("Enter");
  await expect(ada.getByRole("menuitem", { name: "History and details" })).toBeFocused();
  await ada.keyboard.press("ArrowUp");
  await expect(ada.getByRole("menuitem", { name: "Disconnect" })).toBeFocused();
  await ada.keyboard.press("Enter");
  const dialog = ada.getByRole("dialog", { name: "Disconnect Research?" });
  await expect(dialog).toBeVisible();
  await tabTo(ada, dialog.getByRole("button", { name: "Disconnect", exact: true }));
  await ada.keyboard.press("Enter");
  await expect(accounts(ada)).toHaveCount(0);

  await expect(toasts(ada).filter({ hasText: "Research is disconnected" })).toBeVisible();
  await ada.keyboard.press("Alt+T");
  await tabTo(ada, toasts(ada).getByRole("button", { name: "Undo" }));
  await ada.keyboard.press("Enter");
  await expect(accounts(ada, "Research")).toContainText("Connected");
});

test("a broken account is found by its notice and reconnected with the keyboard alone", async ({
  ada,
  organization,
}) => {
  const account = await haveBrokenAccount(ada, organization);
  await visit(ada, "/connectors");
  await tabTo(ada, bell(ada));
  await ada.keyboard.press("Enter");
  const notice = ada.getByRole("dialog", { name: "Notices" }).getByRole("link");
  await expect(notice).toBeVisible();
  await tabTo(ada, notice);
  await ada.keyboard.press("Enter");
  await expect(ada).toHaveURL(new RegExp(`/connections/${account.id}$`));

  await tabTo(ada, reconnectButton(condition(ada), account.name));
  await ada.keyboard.press("Enter");
  const key = ada.frameLocator("iframe#connect-ui").getByLabel("API Key", { exact: true });
  await expect(key).toBeVisible();
  await tabTo(ada, key);
  await ada.keyboard.type("sk-standin-new");
  await ada.keyboard.press("Enter");
  await expect(condition(ada)).toHaveAttribute("data-condition", "healthy");
  await expect(ada.getByRole("heading", { level: 1 })).toBeFocused();
});

test("Escape leaves the try to connect, from the frame and from the page", async ({ ada }) => {
  await visit(ada, "/connectors/openai");
  const button = connectButton(ada, "openai");
  const frame = ada.frameLocator("iframe#connect-ui");
  await tabTo(ada, button);
  await ada.keyboard.press("Enter");
  await expect(frame.getByRole("heading", { name: "Connect OpenAI" })).toBeFocused();
  // Not waited for: the frame that gets the key is gone before it could confirm it.
  ada.keyboard.press("Escape").catch(() => {});
  await expect(connectBar(ada)).toHaveCount(0);
  await expect(button).toBeFocused();

  await ada.keyboard.press("Enter");
  await expect(frame.getByRole("heading", { name: "Connect OpenAI" })).toBeVisible();
  await connectBar(ada).getByRole("button", { name: "Cancel" }).focus();
  await ada.keyboard.press("Escape");
  await expect(connectBar(ada)).toHaveCount(0);
  await expect(button).toBeFocused();
});

test("the first Tab on a page offers to skip to the content", async ({ page, ada }) => {
  await page.goto("/integrations");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeInViewport();
  await visit(ada, "/connections");
  await ada.keyboard.press("Tab");
  await expect(ada.getByRole("link", { name: "Skip to content" })).toBeFocused();
});
