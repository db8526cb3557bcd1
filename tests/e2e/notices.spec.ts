import { haveBrokenAccount } from "./support/arranging";
import { bell, condition, openNotices, reconnect } from "./support/connecting";
import { deliveriesFor, loseAccess } from "./support/product";
import { expect, test } from "./support/test";
import { reload, visit } from "./support/visiting";

test("whoever connected an account is told once that it stopped working, and once that it works again", async ({
  ada,
  grace,
  organization,
}) => {
  const account = await haveBrokenAccount(ada, organization);
  await visit(ada, "/connectors");
  await expect(bell(ada)).toHaveAccessibleName("Notices: 1 new");
  const panel = await openNotices(ada);
  const notices = panel.getByRole("listitem");
  await expect(notices).toHaveCount(1);
  await expect(notices).toContainText("OpenAI no longer accepts the sign-in. Reconnect it.");
  await expect(notices.getByText("New", { exact: true })).toHaveCount(1);
  await expect(bell(ada)).toHaveAccessibleName("Notices");
  await ada.keyboard.press("Escape");
  await expect(panel).toBeHidden();
  await expect(bell(ada)).toBeFocused();

  // Nango says the same again: that is nothing new.
  await loseAccess(organization, "openai");
  const told = async () => (await deliveriesFor(organization)).filter(({ outcome }) => outcome === "delivered").length;
  await expect.poll(told).toBe(3);
  await reload(ada);
  await expect(bell(ada)).toHaveAccessibleName("Notices");
  await openNotices(ada);
  await expect(notices).toHaveCount(1);
  await expect(notices.getByText("New", { exact: true })).toHaveCount(0);
  await notices.getByRole("link").click();
  await expect(ada).toHaveURL(new RegExp(`/connections/${account.id}$`));
  await expect(panel).toBeHidden();

  await reconnect(condition(ada), account.name).fill({ "API Key": "sk-standin-new" });
  await expect(condition(ada)).toHaveAttribute("data-condition", "healthy");
  await expect(async () => {
    await reload(ada);
    await expect(bell(ada)).toHaveAccessibleName("Notices: 1 new", { timeout: 3_000 });
  }).toPass();
  await openNotices(ada);
  await expect(notices.first()).toContainText("It works again. There is nothing to do.");
  await expect(notices).toHaveCount(2);

  await visit(grace, "/connectors");
  await expect(bell(grace)).toHaveAccessibleName("Notices");
  await expect(await openNotices(grace)).toContainText("Nothing to tell");
});
