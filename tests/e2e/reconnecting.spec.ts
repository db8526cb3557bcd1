import type { Page } from "@playwright/test";
import { becomes, breakAccount, giveLabel, haveAccount, haveBrokenAccount, readConnection } from "./support/arranging";
import {
  accounts,
  condition,
  connect,
  connectBar,
  history,
  reconnect,
  reconnectButton,
  said,
  toasts,
} from "./support/connecting";
import { letSignInEndIn } from "./support/database";
import { breakNangoFor, connectionsAtNango, credentialsAtNango } from "./support/product";
import { expect, test } from "./support/test";
import { reload, visit } from "./support/visiting";

/** Where the button that mends an account stands, and the page that it is on. */
const places: Record<string, { path: (id: string) => string; part: (page: Page) => ReturnType<Page["locator"]> }> = {
  "the banner": {
    path: () => "/connectors",
    part: (page) => page.getByRole("region", { name: "Needs attention" }),
  },
  "the card": { path: () => "/connectors", part: (page) => page.locator('[data-connector="vercel"]') },
  "its row at the connector": { path: () => "/connectors/vercel", part: (page) => accounts(page, "Sales site") },
  "its row in the list": { path: () => "/connections", part: (page) => accounts(page, "Sales site") },
  "its own page": { path: (id) => `/connections/${id}`, part: (page) => page.getByRole("main") },
};

test("one click mends a broken account wherever it is shown, and it stays the same connection", async ({
  ada,
  organization,
}) => {
  test.slow();
  const account = await haveAccount(ada, { connector: "vercel", key: "vcp_sales" });
  await giveLabel(ada, account.id, "Sales site");
  const [atNango] = await connectionsAtNango(organization);

  for (const [place, { path, part }] of Object.entries(places)) {
    await test.step(`from ${place}`, async () => {
      await breakAccount(ada, organization, account.id);
      await visit(ada, path(account.id));
      await reconnect(part(ada), "Sales site").fill({ Token: "vcp_sales" });
      await expect(toasts(ada).filter({ hasText: "Sales site is connected again" }).first()).toBeVisible();
      await expect(reconnectButton(ada, "Sales site")).toHaveCount(0);
      await expect(said(ada)).toHaveText("Sales site is connected again");
    });
  }

  expect(await connectionsAtNango(organization)).toMatchObject([{ connectionId: atNango?.connectionId }]);
  const { id, status, label, account_name, connected_at } = await readConnection(ada, account.id);
  expect({ id, status, label, account_name }).toEqual({
    id: account.id,
    status: "connected",
    label: "Sales site",
    account_name: account.name,
  });
  expect(connected_at).not.toBeNull();
  await expect(condition(ada)).toHaveAttribute("data-condition", "healthy");
  await expect(history(ada, "Ada Lovelace signed in again")).toHaveCount(5);
  await expect(history(ada, "Ada Lovelace connected it")).toHaveCount(0);
  await ada.getByRole("button", { name: "Show more" }).click();
  await expect(history(ada, "Ada Lovelace connected it")).toHaveCount(1);
});

test("a reconnect that is denied, closed, cancelled or fails leaves the working sign-in alone, and says so", async ({
  ada,
  organization,
  expectConsole,
}) => {
  expectConsole(/status of 503 .*\/reconnect/);
  await visit(ada, "/connectors/github");
  await connect(ada, "github").allowAs("acme-bot");
  await expect(accounts(ada, "acme-bot")).toContainText("Connected");
  const id = (await accounts(ada).getAttribute("data-connection")) ?? "";
  await letSignInEndIn(id, 10);
  await becomes(ada, id, "expires_soon");
  const before = await readConnection(ada, id);
  const credentials = await credentialsAtNango(organization);
  const unchanged = async () => {
    const { checked_at: _, ...now } = await readConnection(ada, id);
    expect(now).toEqual({ ...before, checked_at: undefined });
    expect(await credentialsAtNango(organization)).toEqual(credentials);
  };
  const untouched = (why: string) => `${why} acme-bot is as it was before.`;
  await visit(ada, `/connections/${id}`);

  await reconnect(ada, "acme-bot").deny();
  const denied = untouched("Access was refused at GitHub.");
  await expect(toasts(ada).first()).toContainText(denied);
  await expect(said(ada)).toHaveText(denied);
  await expect(ada.getByRole("main")).toContainText(denied);
  await unchanged();

  const closed = untouched("Reconnecting was not finished.");
  await (await reconnect(ada, "acme-bot").open()).closeFrame();
  await expect(said(ada)).toHaveText(closed);
  await expect(connectBar(ada)).toHaveCount(0);
  await expect(reconnectButton(ada, "acme-bot")).toBeFocused();
  await unchanged();

  const { mend } = await breakNangoFor(organization, { on: "api", effect: "status", status: 500, path: "/connect/" });
  await reconnectButton(ada, "acme-bot").click();
  const failed = untouched("Nango, which keeps the sign-ins, does not answer. Try again in a minute.");
  await expect(said(ada)).toHaveText(failed);
  await expect(ada.getByRole("main")).toContainText(failed);
  await unchanged();
  await mend();

  await reconnect(ada, "acme-bot").open();
  await connectBar(ada).getByRole("button", { name: "Cancel" }).click();
  await expect(said(ada)).toHaveText(closed);
  await unchanged();
  await reload(ada);
  await expect(condition(ada)).toContainText("The sign-in to GitHub ends in 10 days.");
});

test("a GitHub account is reconnected through the consent page, also when every webhook is lost", async ({
  ada,
  organization,
}) => {
  await visit(ada, "/connectors/github");
  await connect(ada, "github").allowAs("acme-bot");
  await expect(accounts(ada, "acme-bot")).toContainText("Connected");
  const id = (await accounts(ada).getAttribute("data-connection")) ?? "";
  await breakAccount(ada, organization, id);
  await breakNangoFor(organization, { on: "webhook", effect: "drop" });
  const [lost] = await credentialsAtNango(organization);

  await reload(ada);
  await expect(accounts(ada, "acme-bot")).toContainText("GitHub did not renew the sign-in.");
  await reconnect(accounts(ada), "acme-bot").allowAs("acme-bot");
  await expect(accounts(ada, "acme-bot")).toContainText("Connected");
  await expect(accounts(ada)).toHaveCount(1);
  await expect(accounts(ada)).toHaveAttribute("data-connection", id);
  await expect(accounts(ada).getByRole("link", { name: "acme-bot" })).toBeFocused();
  expect(await credentialsAtNango(organization)).toEqual([expect.not.stringContaining(lost ?? "")]);
  // What a later sweep would look for: Nango holds whose it is.
  expect(await connectionsAtNango(organization)).toMatchObject([
    { tags: { organization_id: organization.id, connector: "github" } },
  ]);
});

test("another account than before stops everything until somebody chooses: the right one again, or the new one", async ({
  ada,
  organization,
}) => {
  await visit(ada, "/connectors/github");
  await connect(ada, "github").allowAs("acme-bot");
  await expect(accounts(ada, "acme-bot")).toContainText("Connected");
  const id = (await accounts(ada).getAttribute("data-connection")) ?? "";
  await breakAccount(ada, organization, id);
  await reload(ada);
  await reconnect(accounts(ada), "acme-bot").allowAs("grace");

  await expect(toasts(ada).first()).toContainText("grace signed in, not acme-bot");
  await expect(accounts(ada, "acme-bot")).toContainText("Instead of acme-bot, grace signed in.");
  await accounts(ada).getByRole("button", { name: "Choose the account for acme-bot" }).click();
  const dialog = ada.getByRole("dialog", { name: "Which account should stay?" });
  await expect(dialog).toContainText("acme-bot was connected here. grace signed in instead");
  await expect(dialog).toContainText("everything that uses this connection acts as grace from now on");
  const again = dialog.getByRole("button", { name: "Reconnect as acme-bot" });
  await connect(ada, again).allowAs("acme-bot");
  await expect(accounts(ada, "acme-bot")).toContainText("Connected");
  await expect(accounts(ada)).not.toContainText("grace");

  await breakAccount(ada, organization, id);
  await reload(ada);
  await reconnect(accounts(ada), "acme-bot").allowAs("grace");
  await toasts(ada).getByRole("link", { name: "Choose which one stays" }).click();
  await expect(ada).toHaveURL(new RegExp(`/connections/${id}$`));
  await expect(condition(ada)).toHaveAttribute("data-condition", "account_mismatch");
  await expect(condition(ada)).toContainText("Nothing runs with it until then.");
  await ada.getByRole("button", { name: "Keep grace" }).click();
  await dialog.getByRole("button", { name: "Keep grace" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(ada.getByRole("heading", { level: 1, name: "grace" })).toBeVisible();
  await expect(condition(ada)).toHaveAttribute("data-condition", "healthy");
  await expect(history(ada, "Ada Lovelace kept grace as its account")).toBeVisible();
  await expect(history(ada, "found another account than before: grace")).toHaveCount(2);
});

test("a wrong key is refused in the frame, and leaving then changes nothing", async ({
  ada,
  organization,
  expectConsole,
}) => {
  expectConsole(/status of 400 .*\/api-auth\/api-key\/openai/);
  const account = await haveBrokenAccount(ada, organization);
  const credentials = await credentialsAtNango(organization);
  await visit(ada, `/connections/${account.id}`);
  const connecting = reconnect(ada, account.name);
  await connecting.fill({ "API Key": "bad-key" });
  await expect(connecting.frame.getByRole("alert")).toContainText("did not accept these details");
  await connecting.closeFrame();
  await expect(said(ada)).toHaveText(`Reconnecting was not finished. ${account.name} is as it was before.`);
  expect(await credentialsAtNango(organization)).toEqual(credentials);
});

test("members see what is the matter and whom to ask, and no button that they may not press", async ({
  ada,
  grace,
  organization,
}) => {
  const account = await haveBrokenAccount(ada, organization);
  await visit(grace, "/connectors");
  const banner = grace.getByRole("region", { name: "Needs attention" });
  await expect(banner).toContainText("Ask Ada Lovelace or an admin to reconnect it.");
  await visit(grace, "/connectors/openai");
  await expect(accounts(grace, account.name)).toContainText("Ask Ada Lovelace or an admin of your organisation");
  await visit(grace, `/connections/${account.id}`);
  await expect(condition(grace)).toContainText("Ada Lovelace’s, who connected it");
  await expect(grace.getByRole("button", { name: /^(Reconnect|Check now|Actions for)/ })).toHaveCount(0);

  const own = await haveBrokenAccount(grace, organization, { connector: "vercel", key: "vcp_own" });
  await visit(ada, `/connections/${own.id}`);
  await reconnect(ada, own.name).fill({ Token: "vcp_own" });
  await expect(condition(ada)).toHaveAttribute("data-condition", "healthy");
  await expect(history(ada, "Ada Lovelace signed in again")).toBeVisible();
});
