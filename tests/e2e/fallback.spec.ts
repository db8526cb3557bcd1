import { expectAccessible } from "./support/accessibility";
import { accounts, connect, connectButton, connectDirectly, disconnect, receipt } from "./support/connecting";
import { letUndoTimePass, renewalsOf } from "./support/database";
import { breakNangoFor, connectionsAtNango } from "./support/product";
import { expect, test } from "./support/test";
import { visit } from "./support/visiting";

test("while Nango is down the way around it is offered, taken by a click, and shown on what it makes", async ({
  ada,
  organization,
  expectConsole,
}) => {
  expectConsole(/status of 50\d/);
  const fault = await breakNangoFor(organization, { on: "api", effect: "hangup", method: "POST" });
  await visit(ada, "/connectors/github");
  await connectButton(ada, "github").click();
  const offer = ada.getByText("Nango cannot be reached. Connect directly with GitHub instead?");
  await expect(offer).toBeVisible();
  await expectAccessible(ada);
  await connectDirectly(ada.getByRole("button", { name: "Connect directly" })).allowAs("acme-bot");
  await expect(accounts(ada, "acme-bot")).toContainText("Connected");
  await expect(offer).toHaveCount(0);
  expect(await connectionsAtNango(organization)).toEqual([]);

  await fault.mend();
  await accounts(ada, "acme-bot").getByRole("link", { name: "acme-bot" }).click();
  await expect(ada.getByRole("region", { name: "Facts" })).toContainText("Directly");
  const id = new URL(ada.url()).pathname.split("/").at(-1) as string;

  // Nango is back: what is new goes through it again, and the two stand side by side.
  await visit(ada, "/connectors/github");
  await connect(ada, "github").allowAs("grace");
  await expect(accounts(ada)).toHaveCount(2);

  await disconnect(ada, "acme-bot");
  await letUndoTimePass(id);
  await ada.goto(`/connections/${id}`);
  await expect(receipt(ada)).toContainText("The credentials are deleted.");
  await expect(receipt(ada)).not.toContainText("Nango");
  expect(await renewalsOf(id)).toBeNull();
  expect(await connectionsAtNango(organization)).toHaveLength(1);
});

test("a connector without a way around Nango gets the plain error", async ({ ada, organization, expectConsole }) => {
  expectConsole(/status of 50\d/);
  await breakNangoFor(organization, { on: "api", effect: "hangup", method: "POST" });
  await visit(ada, "/connectors/openai");
  await connectButton(ada, "openai").click();
  await expect(ada.getByText("Nango, which keeps the sign-ins, does not answer.").first()).toBeVisible();
  await expect(ada.getByRole("button", { name: "Connect directly" })).toHaveCount(0);
});
