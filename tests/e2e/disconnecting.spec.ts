import { haveAccount } from "./support/arranging";
import {
  accounts,
  condition,
  connect,
  disconnect,
  disconnectDialog,
  history,
  receipt,
  said,
  toasts,
} from "./support/connecting";
import { letUndoTimePass, receiptOf } from "./support/database";
import { breakNangoFor, connectionsAtNango, vanishAtNango } from "./support/product";
import { expect, test } from "./support/test";
import { reload, visit } from "./support/visiting";

test("the dialog names the account and what stops, and keeping it changes nothing", async ({ ada, organization }) => {
  const account = await haveAccount(ada, { connector: "vercel" });
  await visit(ada, "/connectors/vercel");
  const dialog = await disconnectDialog(ada, account.name);
  await expect(dialog).toContainText(`Everything that uses ${account.name} stops working at once`);
  await expect(dialog).toContainText("for everyone in your organisation");
  await expect(dialog.getByRole("link", { name: "Remove access at Vercel as well" })).toBeVisible();

  await dialog.getByRole("button", { name: "Keep it" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(ada.getByRole("button", { name: `Actions for ${account.name}` })).toBeFocused();
  await expect(accounts(ada, account.name)).toContainText("Connected");
  expect(await connectionsAtNango(organization)).toHaveLength(1);
});

test("a disconnected account is gone here at once, and the receipt fills in with what follows", async ({
  ada,
  organization,
}) => {
  const account = await haveAccount(ada);
  await visit(ada, "/connectors/openai");
  await disconnect(ada, account.name);
  await expect(accounts(ada)).toHaveCount(0);
  await expect(said(ada)).toContainText("It cannot be used any more.");
  expect(await connectionsAtNango(organization)).toHaveLength(1);

  await toasts(ada).getByRole("link", { name: "See the receipt" }).click();
  await expect(receipt(ada)).toContainText("Nothing can use it any more.");
  await expect(receipt(ada)).toContainText("The credentials are deleted when the time to undo is over.");
  await expect(receipt(ada)).toContainText("Under way");
  await expect(condition(ada)).toHaveAttribute("data-condition", "removing");

  await letUndoTimePass(account.id);
  await expect.poll(() => connectionsAtNango(organization)).toEqual([]);
  await expect(receipt(ada)).toContainText("The credentials are deleted.");
  await expect(receipt(ada)).toContainText("OpenAI cannot be told to take the access back. You can remove it there.");
  await expect(receipt(ada).getByRole("link", { name: "Remove access at OpenAI" })).toHaveAttribute(
    "href",
    "https://platform.openai.com/api-keys",
  );
  await expect(said(ada)).toContainText("Receipt: The credentials are deleted.");
  await expect(condition(ada)).toHaveAttribute("data-condition", "by_person");
  await expect(history(ada).first()).toContainText("had the credentials deleted");
  await expect(history(ada, "Ada Lovelace disconnected it")).toHaveCount(1);

  await visit(ada, "/connectors/openai");
  await expect(ada.getByText("No account of OpenAI is connected yet.")).toBeVisible();
  await visit(ada, "/connections?status=disconnected");
  await expect(accounts(ada)).toContainText("Disconnected by a person.");
  await expect(accounts(ada)).toContainText("Deleted at Nango. Access at OpenAI is to be removed there.");
  // Connecting it again makes a new one: a tombstone stays what it is.
  await accounts(ada).getByRole("link", { name: account.name }).click();
  await connect(ada, ada.getByRole("button", { name: "Connect OpenAI again" })).fill({ "API Key": "sk-standin" });
  await expect(said(ada)).toHaveText(/^OpenAI is connected/);
  await expect(condition(ada)).toHaveAttribute("data-condition", "by_person");
  expect(await connectionsAtNango(organization)).toHaveLength(1);
});

test("Undo brings a disconnected account back as it was, from the notice and from its page", async ({
  ada,
  organization,
}) => {
  const account = await haveAccount(ada);
  await visit(ada, "/connections");
  await disconnect(ada, account.name);
  await expect(accounts(ada)).toHaveCount(0);
  await toasts(ada).getByRole("button", { name: "Undo" }).click();
  await expect(accounts(ada, account.name)).toContainText("Connected");
  await expect(said(ada)).toHaveText(`${account.name} is connected again`);

  await visit(ada, `/connections/${account.id}`);
  await disconnect(ada, account.name);
  await ada.getByRole("button", { name: `Undo the disconnect of ${account.name}` }).click();
  await expect(condition(ada)).toHaveAttribute("data-condition", "healthy");
  await expect(receipt(ada)).toHaveCount(0);
  await expect(ada.getByRole("heading", { level: 1 })).toBeFocused();
  await expect(history(ada, "Ada Lovelace undid the disconnect")).toHaveCount(2);

  await letUndoTimePass(account.id);
  await reload(ada);
  await expect(condition(ada)).toHaveAttribute("data-condition", "healthy");
  expect(await connectionsAtNango(organization)).toHaveLength(1);
});

test("a disconnect while Nango is down takes effect, and its receipt waits until Nango is back", async ({
  ada,
  organization,
}) => {
  const account = await haveAccount(ada);
  const fault = await breakNangoFor(organization, { on: "api", effect: "hangup", method: "DELETE" });
  await visit(ada, `/connections/${account.id}`);
  await disconnect(ada, account.name);
  await letUndoTimePass(account.id);
  await expect.poll(fault.strikes).toBeGreaterThan(0);
  await expect(receipt(ada)).toContainText("The credentials are deleted here in a moment.");
  await expect(receipt(ada)).toContainText("Under way");
  expect(await receiptOf(account.id)).toBeNull();

  // It is tried again later and later; when that has gone on for long, somebody should know.
  await expect(async () => {
    await letUndoTimePass(account.id);
    await expect(receipt(ada)).toHaveAttribute("data-receipt", "stuck", { timeout: 1_500 });
  }).toPass();
  await expect(condition(ada)).toContainText("Whoever runs this app");
  await expect(receipt(ada)).toContainText("Nothing can use the account meanwhile.");

  await fault.mend();
  await letUndoTimePass(account.id);
  await expect.poll(() => receiptOf(account.id)).toBe("deleted");
  expect(await connectionsAtNango(organization)).toEqual([]);
  await reload(ada);
  await expect(receipt(ada)).toContainText("The credentials are deleted.");
});

test("an account that is gone at Nango already can be disconnected like any other", async ({ ada, organization }) => {
  const account = await haveAccount(ada);
  const [connection] = await connectionsAtNango(organization);
  await visit(ada, "/connectors/openai");
  const dialog = await disconnectDialog(ada, account.name);
  // At the last moment, before a look or a sweep finds out by itself.
  await vanishAtNango(connection?.connectionId ?? "");
  await dialog.getByRole("button", { name: "Disconnect", exact: true }).click();
  await expect(toasts(ada).filter({ hasText: `${account.name} is disconnected` })).toBeVisible();
  await letUndoTimePass(account.id);
  await expect.poll(() => receiptOf(account.id)).toBe("already_gone");
  await visit(ada, `/connections/${account.id}`);
  await expect(receipt(ada)).toContainText("The credentials were gone already.");
});
