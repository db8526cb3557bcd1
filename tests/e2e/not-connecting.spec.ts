import { accounts, connect, connectBar, connectButton, finishIn, said, toasts } from "./support/connecting";
import { blockConnector } from "./support/database";
import { breakNangoFor, connectionsAtNango, sessionsAtNango } from "./support/product";
import { expect, test } from "./support/test";
import { visit } from "./support/visiting";

test("a denied consent says so, and the same button tries again", async ({ ada, organization }) => {
  await visit(ada, "/connectors/github");
  await connect(ada, "github").deny();
  await expect(ada.getByRole("banner").or(ada.getByRole("main"))).toContainText("Access was refused at GitHub");
  await expect(toasts(ada)).toContainText("Access was refused at GitHub");
  await expect(accounts(ada)).toHaveCount(0);
  expect(await connectionsAtNango(organization)).toEqual([]);

  await expect(connectButton(ada, "github")).toHaveText("Try again");
  await connect(ada, "github").allowAs("acme-bot");
  await expect(accounts(ada, "acme-bot")).toContainText("Connected");
});

test("closing the frame is a quiet cancel that gives the focus back to the button", async ({ ada }) => {
  await visit(ada, "/connectors/github");
  const connecting = await connect(ada, "github").open();
  await connecting.closeFrame();
  await expect(connectBar(ada)).toHaveCount(0);
  await expect(connectButton(ada, "github")).toBeFocused();
  await expect(connectButton(ada, "github")).toHaveText("Connect GitHub");
  await expect(toasts(ada)).toHaveCount(0);
  await expect(accounts(ada)).toHaveCount(0);
});

test("a consent given after the frame was closed still counts", async ({ ada }) => {
  await visit(ada, "/connectors/github");
  const connecting = connect(ada, "github");
  const window = await connecting.consentWindow();
  await connecting.closeFrame();
  await finishIn(window, "acme-bot");
  await expect(accounts(ada, "acme-bot")).toContainText("Connected");
});

test("Cancel ends the try for good: Nango forgets the session", async ({ ada, organization }) => {
  await visit(ada, "/connectors/github");
  await connect(ada, "github").open();
  expect(await sessionsAtNango(organization)).toBe(1);
  await connectBar(ada).getByRole("button", { name: "Cancel" }).click();
  await expect(connectBar(ada)).toHaveCount(0);
  await expect(connectButton(ada, "github")).toBeFocused();
  await expect.poll(() => sessionsAtNango(organization)).toBe(0);
});

test("where popups are blocked a plain link leads on, and the page notices the account by itself", async ({
  ada,
  context,
}) => {
  // What a browser that blocks every window does, in Nango's own tab as well.
  await context.addInitScript(() => {
    window.open = () => null;
  });
  await visit(ada, "/connectors/github");
  const connecting = await connect(ada, "github").open();
  await connecting.submit.click();
  await expect(connectBar(ada)).toContainText("Your browser blocked the sign-in window");

  const opened = context.waitForEvent("page");
  await connectBar(ada).getByRole("link", { name: "Open in a new tab" }).click();
  const tab = await opened;
  await tab.getByRole("button", { name: "Connect", exact: true }).click();
  const openedAgain = context.waitForEvent("page");
  await tab.getByRole("link", { name: "Open in a tab" }).click();
  await finishIn(await openedAgain, "acme-bot");

  await expect(accounts(ada, "acme-bot")).toContainText("Connected");
  await expect(said(ada)).toHaveText(/^GitHub is connected/);
  await expect(connectBar(ada)).toHaveCount(0);
});

test("a wrong API key is refused with a reason in the frame, connects nothing, and can be mended there", async ({
  ada,
  organization,
  expectConsole,
}) => {
  expectConsole(/status of 400 .*\/api-auth\/api-key\/openai/);
  await visit(ada, "/connectors/openai");
  const connecting = connect(ada, "openai");
  await connecting.fill({ "API Key": "bad-key" });
  await expect(connecting.frame.getByRole("alert")).toContainText("did not accept these details");
  expect(await connectionsAtNango(organization)).toEqual([]);
  await expect(accounts(ada)).toHaveCount(0);

  await connecting.fill({ "API Key": "sk-standin" });
  await expect(accounts(ada, "OpenAI 1")).toContainText("Connected");
});

test("Nango being away is said at once, and the next try works when it is back", async ({
  ada,
  organization,
  expectConsole,
}) => {
  expectConsole(/status of 503 .*\/api\/nango\/session/);
  const { mend } = await breakNangoFor(organization, {
    on: "api",
    effect: "status",
    status: 500,
    method: "POST",
    path: "/connect/sessions",
  });
  await visit(ada, "/connectors/github");
  await connectButton(ada, "github").click();
  await expect(toasts(ada)).toContainText("Nango, which keeps the sign-ins, does not answer");
  await expect(connectButton(ada, "github")).toHaveText("Try again");
  await expect(connectButton(ada, "github")).toBeFocused();

  await mend();
  await connect(ada, "github").allowAs("acme-bot");
  await expect(accounts(ada, "acme-bot")).toContainText("Connected");
});

test("a connector that cannot be connected says why and offers no button", async ({ ada, organization, sessionOf }) => {
  const { person } = await sessionOf("Ada Lovelace");
  await blockConnector(organization.id, "gmail", person.id);
  await visit(ada, "/connectors?q=gmail");
  const gmail = ada.locator('[data-connector="gmail"]');
  await expect(gmail).toContainText("Your organisation does not allow new connections to it.");
  await expect(gmail.getByRole("button")).toHaveCount(0);

  await visit(ada, "/connectors/when2meet");
  await expect(ada.getByRole("main")).toContainText("Not available");
  await expect(connectButton(ada, "when2meet")).toHaveCount(0);
});
