import { brand } from "@/brand";
import { giveLabel, haveAccount, haveBrokenAccount } from "./support/arranging";
import {
  accounts,
  bell,
  condition,
  disconnect,
  history,
  menuOf,
  openNotices,
  receipt,
  relabel,
  said,
  toasts,
} from "./support/connecting";
import { letLastLookBeOld, letUndoTimePass } from "./support/database";
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
  await banner.getByRole("link", { name: account.name }).click();
  await expect(ada).toHaveURL(new RegExp(`/connections/${account.id}$`));
  await expect(condition(ada)).toContainText(
    "Sign in at OpenAI again. The label, the history and all that uses it stay.",
  );
});

test("the default among several accounts can be changed, and is shown everywhere", async ({ ada }) => {
  const first = await haveAccount(ada, { connector: "vercel", key: "vcp_first" });
  const second = await haveAccount(ada, { connector: "vercel", key: "vcp_second" });
  await visit(ada, "/connectors/vercel");
  await expect(accounts(ada, first.name)).toContainText("Default");
  await expect(accounts(ada, second.name)).not.toContainText("Default");
  await (await menuOf(ada, second.name)).getByRole("menuitem", { name: "Make default" }).click();
  await expect(accounts(ada, second.name)).toContainText("Default");
  await expect(accounts(ada, first.name)).not.toContainText("Default");
  await expect(said(ada)).toHaveText(`${second.name} is now the default account of Vercel`);

  await reload(ada);
  await expect(accounts(ada, second.name)).toContainText("Default");
  await accounts(ada).getByRole("link", { name: second.name }).click();
  await expect(ada.getByRole("banner").or(ada.getByRole("main"))).toContainText("Default");
  await expect(history(ada, "Ada Lovelace made it the default")).toBeVisible();
  await (await menuOf(ada, second.name)).getByRole("menuitem", { name: "Edit label" }).waitFor();
  await expect(ada.getByRole("menuitem", { name: "Make default" })).toHaveCount(0);
});

test("the same account connected twice is said, and one can be disconnected without harm to the other", async ({
  ada,
}) => {
  const first = await haveAccount(ada, { connector: "vercel", key: "vcp_same" });
  const second = await haveAccount(ada, { connector: "vercel", key: "vcp_same+again" });
  expect(second.name).toBe(first.name);
  await visit(ada, "/connectors/vercel");
  await expect(accounts(ada, "The same account is connected twice.")).toHaveCount(2);
  // The notice is written by a job of its own.
  await expect(async () => {
    await reload(ada);
    await expect(bell(ada)).toHaveAccessibleName("Notices: 1 new", { timeout: 3_000 });
  }).toPass();
  const notice = (await openNotices(ada)).getByRole("listitem");
  await expect(notice).toContainText("The same account is connected a second time.");
  await notice.getByRole("link").click();
  await expect(ada).toHaveURL(new RegExp(`/connections/${second.id}$`));
  await condition(ada).getByRole("link", { name: "See the other one" }).click();
  await expect(ada).toHaveURL(new RegExp(`/connections/${first.id}$`));

  await disconnect(ada, first.name);
  await letUndoTimePass(first.id);
  await expect(receipt(ada)).toContainText("Left as it is: another connection may be using it.");
  await visit(ada, `/connections/${second.id}`);
  await expect(condition(ada)).toHaveAttribute("data-condition", "healthy");
  await expect(condition(ada)).not.toContainText("connected twice");
});

test("the history of an account is told page by page, newest first, with who did what", async ({ ada, grace }) => {
  const account = await haveAccount(grace, { connector: "vercel" });
  for (let label = 1; label <= 20; label += 1) await giveLabel(ada, account.id, `Site ${label}`);
  await visit(ada, `/connections/${account.id}`);
  await expect(history(ada)).toHaveCount(20);
  await expect(history(ada).first()).toContainText("Ada Lovelace gave it the label Site 20");
  await ada.getByRole("button", { name: "Show more" }).click();
  await expect(history(ada)).toHaveCount(22);
  await expect(history(ada).nth(20)).toContainText(`${brand.name} learnt that the account is ${account.name}`);
  await expect(history(ada).last()).toContainText("Grace Hopper connected it");
  await expect(ada.getByRole("button", { name: "Show more" })).toHaveCount(0);

  await letLastLookBeOld(account.id);
  await ada.getByRole("button", { name: "Check now" }).click();
  await expect(said(ada)).toHaveText("It was checked: It works.");
  await expect(history(ada).first()).toContainText("Ada Lovelace asked for a check");

  // So soon after a look there is no other one, and nothing to wait for.
  await toasts(ada).getByRole("button", { name: "Close notification" }).click();
  await expect(toasts(ada)).toHaveCount(0);
  await ada.getByRole("button", { name: "Check now" }).click();
  await expect(toasts(ada)).toContainText("It was checked: It works.");
  await expect(ada.getByRole("button", { name: "Check now" })).toBeVisible();
  await expect(history(ada, "asked for a check")).toHaveCount(1);
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
