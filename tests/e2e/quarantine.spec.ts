import { haveAccount, signInTwice, waitingInQuarantine } from "./support/arranging";
import { accounts, bell, connect, connectBar, finishIn, history, openNotices, toasts } from "./support/connecting";
import { breakNangoFor, connectionsAtNango } from "./support/product";
import { expect, test } from "./support/test";
import { visit } from "./support/visiting";

test("a second sign-in in one session waits for an admin, who adopts it as what it is", async ({
  ada,
  grace,
  organization,
}) => {
  await signInTwice(grace);
  await expect.poll(() => waitingInQuarantine(ada)).toBe(1);
  await visit(ada, "/connectors/vercel");
  await expect(accounts(ada)).toHaveCount(1);

  await ada
    .getByRole("navigation", { name: "Main" })
    .getByRole("link", { name: /Quarantine/ })
    .click();
  await expect(ada.getByRole("heading", { level: 1, name: "Quarantine" })).toBeVisible();
  const waiting = ada.locator("[data-quarantined]");
  await expect(waiting).toContainText("The try to connect had brought an account already; this was a second sign-in.");
  await expect(waiting).toContainText("Started by Grace Hopper");
  await waiting.getByRole("button", { name: "Adopt Vercel, started by Grace Hopper" }).click();
  const dialog = ada.getByRole("dialog", { name: "Adopt this account of Vercel?" });
  await expect(dialog).toContainText("It becomes an account that Grace Hopper connected.");
  await expect(dialog).toContainText(`Everyone in ${organization.name} will be able to see and use it.`);
  await dialog.getByRole("button", { name: "Adopt" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(ada.getByRole("heading", { name: "Nothing waits here" })).toBeVisible();
  await toasts(ada).getByRole("button", { name: "Show it" }).click();
  await expect(ada).toHaveURL(/\/connections\/[0-9a-f-]{36}$/);
  await expect(history(ada, "Ada Lovelace took it over from what had been set aside")).toBeVisible();

  await visit(grace, "/connectors/vercel");
  await expect(accounts(grace)).toHaveCount(2);
  await expect(accounts(grace).filter({ hasText: "connected by Grace Hopper" })).toHaveCount(2);
});

test("a second sign-in for oneself alone is its person's to settle, and a count to admins", async ({ ada, grace }) => {
  await signInTwice(grace, "only_me");
  await expect.poll(() => waitingInQuarantine(grace)).toBe(1);
  await visit(ada, "/admin/quarantine");
  await expect(ada.getByRole("heading", { name: "Nothing waits here" })).toBeVisible();
  await expect(ada.getByText("1 more was started by somebody for themselves alone.")).toBeVisible();
  await expect(ada.getByRole("main")).not.toContainText(/Grace|Vercel/);

  await visit(grace, "/connectors");
  const notice = (await openNotices(grace)).getByRole("listitem").filter({ hasText: "may not count" });
  await notice.getByRole("link").click();
  await expect(grace.getByRole("heading", { level: 1, name: "Quarantine" })).toBeVisible();
  await expect(grace.getByRole("main")).not.toContainText(/admin/i);
  await grace.getByRole("button", { name: "Adopt Vercel, started by Grace Hopper" }).click();
  const dialog = grace.getByRole("dialog", { name: "Adopt this account of Vercel?" });
  await expect(dialog).toContainText("Only Grace Hopper will be able to see and use it.");
  await dialog.getByRole("button", { name: "Adopt" }).click();
  await expect(grace.getByRole("heading", { name: "Nothing waits here" })).toBeVisible();
  await visit(grace, "/connectors/vercel");
  await expect(accounts(grace)).toHaveCount(2);
  await visit(ada, "/connectors/vercel");
  await expect(accounts(ada)).toHaveCount(0);
});

test("what is finished after Cancel never becomes an account by itself, and an admin can have it deleted", async ({
  ada,
  grace,
  katherine,
  organization,
  expectConsole,
}) => {
  expectConsole(/status of 404 .*\/admin\/quarantine/);
  await haveAccount(grace);
  // Nango is to forget the session at once, which would refuse the sign-in; but it cannot be told.
  await breakNangoFor(organization, { on: "api", effect: "hangup", method: "DELETE", path: "/connect/session" });
  await visit(grace, "/connectors/github");
  const window = await connect(grace, "github").consentWindow();
  await connectBar(grace).getByRole("button", { name: "Cancel" }).click();
  await expect(connectBar(grace)).toHaveCount(0);
  await finishIn(window, "acme-bot");
  await expect.poll(() => waitingInQuarantine(ada)).toBe(1);
  await visit(grace, "/connectors/github");
  await expect(grace.getByText("No account of GitHub is connected yet.")).toBeVisible();

  // Who started it is told; only who decides is led to where it is decided.
  const notice = (await openNotices(grace)).getByRole("listitem");
  await expect(notice).toContainText(
    "A sign-in was finished that may not count. It waits in quarantine for a decision.",
  );
  await expect(notice.getByRole("link")).toHaveCount(0);
  await expect(grace.getByRole("link", { name: /Quarantine/ })).toHaveCount(0);
  expect((await grace.goto("/admin/quarantine"))?.status()).toBe(404);
  await expect(grace.getByRole("heading", { name: "Only admins see this page" })).toBeVisible();
  await visit(katherine, "/admin/quarantine");
  await expect(katherine.getByRole("heading", { name: "Nothing waits here" })).toBeVisible();
  await expect(bell(katherine)).toHaveAccessibleName("Notices");

  await visit(ada, "/admin/quarantine");
  const waiting = ada.locator("[data-quarantined]");
  await expect(waiting).toContainText("The try to connect had been cancelled before the sign-in was finished.");
  await waiting.getByRole("button", { name: "Delete GitHub, started by Grace Hopper" }).click();
  const dialog = ada.getByRole("dialog", { name: "Delete this sign-in to GitHub?" });
  await dialog.getByRole("button", { name: "Keep it" }).click();
  await expect(waiting).toHaveCount(1);
  await waiting.getByRole("button", { name: /^Delete GitHub/ }).click();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await expect(ada.getByRole("heading", { name: "Nothing waits here" })).toBeVisible();
  const left = async () => (await connectionsAtNango(organization)).map(({ integrationKey }) => integrationKey);
  await expect.poll(left).toEqual(["openai"]);
});
