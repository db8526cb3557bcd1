import { brand } from "@/brand";
import {
  accounts,
  bell,
  condition,
  connect,
  finishIn,
  history,
  openNotices,
  reconnect,
  reconnectButton,
} from "./support/connecting";
import { lastWarningOf, letSignInEndIn, letWarningsBeGiven } from "./support/database";
import { letSignInsLast } from "./support/product";
import { expect, test } from "./support/test";
import { visit } from "./support/visiting";

test("the end of a sign-in is said 14, 3 and 1 days ahead wherever the account is shown, until it is renewed", async ({
  ada,
  grace,
}) => {
  test.slow();
  await letSignInsLast("linkedin", 13.5);
  await visit(ada, "/connectors/linkedin");
  await connect(ada, "linkedin").allowAs("Acme Support");
  await expect(accounts(ada, "Acme Support")).toContainText("Ends in 14 days");
  const id = (await accounts(ada).getAttribute("data-connection")) ?? "";

  const steps = [
    {
      days: 14,
      left: 13.5,
      short: "Ends in 14 days",
      cause: "ends in 14 days.",
      within: "within 14 days",
      loud: false,
    },
    { days: 3, left: 2.5, short: "Ends in 3 days", cause: "ends in 3 days.", within: "within 3 days", loud: true },
    { days: 1, left: 0.5, short: "Ends within a day", cause: "ends within a day.", within: "within a day", loud: true },
  ];
  for (const { days, left, short, cause, within, loud } of steps) {
    await test.step(`${days} days ahead`, async () => {
      await letSignInEndIn(id, left);
      await letWarningsBeGiven();
      await expect.poll(() => lastWarningOf(id)).toBe(days);

      await visit(ada, "/connectors?q=linkedin");
      const card = ada.locator('[data-connector="linkedin"]');
      await expect(card).toContainText(short);
      await expect(reconnectButton(card, "Acme Support")).toBeVisible();
      await expect(ada.getByRole("region", { name: "Needs attention" })).toHaveCount(loud ? 1 : 0);
      await visit(ada, "/connections?status=attention");
      await expect(accounts(ada, "Acme Support")).toContainText(short);
      await expect(accounts(ada)).toHaveCount(1);
      await visit(ada, `/connections/${id}`);
      await expect(condition(ada)).toHaveAttribute("data-condition", "expires_soon");
      await expect(condition(ada)).toContainText(`The sign-in to LinkedIn ${cause}`);
      await expect(reconnectButton(condition(ada), "Acme Support")).toBeVisible();
      await expect(history(ada).first()).toContainText(`${brand.name} warned that the sign-in ends ${within}`);
      await expect(bell(ada)).toHaveAccessibleName("Notices: 1 new");
      const notices = (await openNotices(ada)).getByRole("listitem");
      await expect(notices.first()).toContainText(`The sign-in ends ${within}. Reconnect it before that.`);
      await expect(bell(ada)).toHaveAccessibleName("Notices");
    });
  }

  await letWarningsBeGiven();
  await visit(grace, "/connectors?q=linkedin");
  await expect(grace.getByRole("region", { name: "Needs attention" })).toContainText("Ask Ada Lovelace or an admin");
  await expect(bell(grace)).toHaveAccessibleName("Notices");

  await letSignInsLast("linkedin", 60);
  await visit(ada, "/connectors?q=linkedin");
  const banner = ada.getByRole("region", { name: "Needs attention" });
  await reconnect(banner, "Acme Support").allowAs("Acme Support");
  await expect(ada.locator('[data-connector="linkedin"]')).toContainText("Connected");
  await expect(banner).toHaveCount(0);
  await expect(bell(ada)).toHaveAccessibleName("Notices");
  await expect((await openNotices(ada)).getByRole("listitem")).toHaveCount(3);
  await visit(ada, "/connections?status=attention");
  await expect(ada.getByRole("heading", { name: "No connection matches" })).toBeVisible();
  expect(await lastWarningOf(id)).toBeNull();
});

test("a permission that was left out is named, with what will not work, until it is granted", async ({ ada }) => {
  await visit(ada, "/connectors/hubspot");
  const window = await connect(ada, "hubspot").consentWindow();
  await window.getByLabel("crm.objects.contacts.write").uncheck();
  await finishIn(window, "Acme Support");
  await expect(accounts(ada)).toContainText("Permissions missing");
  await expect(accounts(ada)).toContainText("HubSpot did not grant everything that was asked for.");

  await accounts(ada).getByRole("link").first().click();
  await expect(condition(ada)).toHaveAttribute("data-condition", "scopes_missing");
  const permissions = ada.getByRole("region", { name: "Permissions" });
  await expect(permissions).toContainText("6 of 7 granted");
  const missing = permissions.getByRole("listitem").filter({ hasText: "Not granted" });
  await expect(missing).toHaveText(["create and change contactsNot granted"]);
  await expect(permissions).toContainText("These will not work until it is granted:");
  await expect(permissions.getByRole("list").last().getByRole("listitem")).toHaveText([
    "Create a contact",
    "Change a contact",
  ]);

  await reconnect(condition(ada)).allowAs("Acme Support");
  await expect(condition(ada)).toHaveAttribute("data-condition", "healthy");
  await expect(permissions).toContainText("All granted");
});
