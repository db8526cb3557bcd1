import { haveAccount, haveBrokenAccount } from "./support/arranging";
import { accounts, relabel, said } from "./support/connecting";
import { expect, test } from "./support/test";
import { reload, visit } from "./support/visiting";

test("a label replaces the account's name everywhere, and an empty one brings the name back", async ({ ada }) => {
  const account = await haveAccount(ada, { connector: "vercel" });
  await visit(ada, "/connectors/vercel");
  await expect(await relabel(ada, account.name, "Sales site")).toHaveCount(0);
  await expect(accounts(ada, "Sales site")).toContainText(account.name);
  await expect(said(ada)).toHaveText("The account is now called Sales site");

  await visit(ada, "/connections");
  await relabel(ada, "Sales site", "");
  await expect(accounts(ada, account.name)).not.toContainText("Sales site");
});

test("a reload keeps everything as it was", async ({ ada }) => {
  const account = await haveAccount(ada, { connector: "vercel" });
  await haveAccount(ada);
  await visit(ada, "/connections");
  await expect(await relabel(ada, account.name, "Sales site")).toHaveCount(0);
  const rows = () => accounts(ada).allInnerTexts();
  const before = await rows();
  await reload(ada);
  await expect.poll(rows).toEqual(before);
});

test("the list of connections is filtered by connector, status and whose they are, in the URL", async ({
  ada,
  grace,
}) => {
  await haveAccount(ada, { visibility: "only_me" });
  const vercel = await haveAccount(grace, { connector: "vercel" });
  await visit(ada, "/connections");
  await expect(accounts(ada)).toHaveCount(2);

  await ada.getByLabel("Connector", { exact: true }).selectOption("Vercel");
  await expect(accounts(ada)).toHaveCount(1);
  await expect(accounts(ada)).toContainText(vercel.name);
  await ada.getByLabel("Whose").selectOption("Connected by me");
  await expect(ada.getByRole("heading", { name: "No connection matches" })).toBeVisible();
  await expect(ada).toHaveURL(/connector=vercel&owner=mine$/);
  await ada.getByRole("button", { name: "Clear filters" }).click();
  await expect(accounts(ada)).toHaveCount(2);

  await visit(ada, "/connections?owner=only_me&status=connected");
  await expect(accounts(ada)).toHaveCount(1);
  await expect(accounts(ada)).toContainText("OpenAI 1");
});

test("an account that its provider no longer accepts stands first, with the reason and the way to it", async ({
  ada,
  organization,
}) => {
  await haveAccount(ada, { connector: "vercel" });
  const account = await haveBrokenAccount(ada, organization);
  await visit(ada, "/connectors");
  const banner = ada.getByRole("region", { name: "Needs attention" });
  await expect(banner).toContainText(account.name);
  await expect(banner).toContainText("OpenAI no longer accepts the sign-in.");
  const cards = ada.locator("[data-connector]");
  await expect(cards.first()).toHaveAttribute("data-connector", "openai");
  await expect(cards.first()).toContainText("Needs attention");

  await ada.getByRole("button", { name: /^Attention/ }).click();
  await expect(cards).toHaveCount(1);
  await banner.getByRole("link", { name: "Manage OpenAI" }).click();
  await expect(accounts(ada, account.name)).toContainText("Needs attention");
});

test("a list that cannot be loaded says so, and can be asked for again", async ({ ada, expectConsole }) => {
  expectConsole(/ERR_FAILED/);
  await haveAccount(ada);
  await visit(ada, "/connections");
  await ada.route(/\/api\/v1\/connections\?.*status=connected/, (route) => route.abort());
  await ada.getByLabel("Status").selectOption("Connected");
  await expect(ada.getByRole("main").getByRole("alert")).toContainText("The connections could not be loaded");
  await ada.unrouteAll();
  await ada.getByRole("button", { name: "Try again" }).click();
  await expect(accounts(ada, "OpenAI 1")).toBeVisible();
});
