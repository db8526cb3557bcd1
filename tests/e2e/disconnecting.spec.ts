import { haveAccount } from "./support/arranging";
import { accounts, disconnect, disconnectDialog, said, toasts } from "./support/connecting";
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

test("a disconnected account is gone here at once, and at Nango after the undo time", async ({ ada, organization }) => {
  const account = await haveAccount(ada);
  await visit(ada, "/connectors/openai");
  await disconnect(ada, account.name);
  await expect(accounts(ada)).toHaveCount(0);
  await expect(said(ada)).toContainText("It cannot be used any more.");
  expect(await connectionsAtNango(organization)).toHaveLength(1);

  await letUndoTimePass(account.id);
  await expect.poll(() => connectionsAtNango(organization)).toEqual([]);
  await reload(ada);
  await expect(ada.getByText("No account of OpenAI is connected yet.")).toBeVisible();
  await visit(ada, "/connections?status=disconnected");
  await expect(accounts(ada)).toContainText("Disconnected by a person.");
});

test("Undo brings a disconnected account back as it was", async ({ ada, organization }) => {
  const account = await haveAccount(ada);
  await visit(ada, "/connections");
  await disconnect(ada, account.name);
  await expect(accounts(ada)).toHaveCount(0);

  await toasts(ada).getByRole("button", { name: "Undo" }).click();
  await expect(accounts(ada, account.name)).toContainText("Connected");
  await expect(said(ada)).toHaveText(`${account.name} is connected again`);
  await letUndoTimePass(account.id);
  await reload(ada);
  await expect(accounts(ada, account.name)).toContainText("Connected");
  expect(await connectionsAtNango(organization)).toHaveLength(1);
});

test("disconnecting works while Nango is down, and Nango's part is done when it is back", async ({
  ada,
  organization,
}) => {
  const account = await haveAccount(ada);
  const fault = await breakNangoFor(organization, { on: "api", effect: "hangup", method: "DELETE" });
  await visit(ada, "/connectors/openai");
  await disconnect(ada, account.name);
  await expect(accounts(ada)).toHaveCount(0);
  await letUndoTimePass(account.id);
  await expect.poll(fault.strikes).toBeGreaterThan(0);
  expect(await receiptOf(account.id)).toBeNull();

  await fault.mend();
  await letUndoTimePass(account.id);
  await expect.poll(() => receiptOf(account.id)).toBe("deleted");
  expect(await connectionsAtNango(organization)).toEqual([]);
});

test("an account that is gone at Nango already can be disconnected like any other", async ({ ada, organization }) => {
  const account = await haveAccount(ada);
  const [connection] = await connectionsAtNango(organization);
  await vanishAtNango(connection?.connectionId ?? "");
  await visit(ada, "/connectors/openai");
  await disconnect(ada, account.name);
  await letUndoTimePass(account.id);
  await expect.poll(() => receiptOf(account.id)).toBe("already_gone");
});
