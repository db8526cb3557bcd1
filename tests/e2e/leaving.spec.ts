import type { Page } from "@playwright/test";
import { expectAccessible, expectNoSidewaysScroll } from "./support/accessibility";
import { haveAccount, readConnection } from "./support/arranging";
import { accounts, bell, connect, history, openNotices } from "./support/connecting";
import { addMember, addPerson, connectionsAtNango, removeMember, removePerson } from "./support/product";
import { signIn } from "./support/signing-in";
import { expect, test } from "./support/test";
import { visit } from "./support/visiting";

/** Until the word has come from Clerk, and what follows from it is done. */
const hearsOfIt = (admin: Page, connection: { id: string }) =>
  expect.poll(async () => (await readConnection(admin, connection.id)).connected_by?.left).toBe(true);

test("who leaves leaves what is everyone's, and takes what was theirs alone: admins read so", async ({
  ada,
  grace,
  organization,
  sessionOf,
}) => {
  const shared = await haveAccount(grace, { connector: "vercel" });
  const alone = await haveAccount(grace, { visibility: "only_me" });
  await visit(ada, "/admin/people-left");
  await expect(ada.getByRole("heading", { name: "Nobody has left" })).toBeVisible();
  await removeMember(organization, (await sessionOf("Grace Hopper")).person);
  await hearsOfIt(ada, shared);

  await visit(ada, "/connectors");
  await expect(bell(ada)).toHaveAccessibleName("Notices: 1 new");
  const notice = (await openNotices(ada)).getByRole("listitem");
  await expect(notice).toContainText("Grace Hopper");
  await expect(notice).toContainText("1 of their accounts stays, and you are asked about it from now on.");
  await notice.getByRole("link").click();
  await expect(ada).toHaveURL(/\/admin\/people-left$/);
  const report = ada.locator("[data-departure]");
  await expect(report).toContainText("1 account stays with everyone:");
  await expect(report).toContainText("Ada Lovelace is asked about it.");
  await expect(report).toContainText("1 account that was theirs alone is disconnected.");
  await expect(report).not.toContainText("OpenAI");
  await expectAccessible(ada);
  await ada.setViewportSize({ width: 360, height: 800 });
  await expectNoSidewaysScroll(ada);
  await ada.setViewportSize({ width: 1280, height: 800 });
  await expect
    .poll(async () => (await connectionsAtNango(organization)).map((each) => each.integrationKey))
    .toEqual(["vercel"]);
  expect((await ada.request.get(`/connections/${alone.id}`)).status()).toBe(404);

  await report.getByRole("link", { name: `Vercel · ${shared.name}` }).click();
  await expect(ada).toHaveURL(new RegExp(`/connections/${shared.id}$`));
});

test("a connection says that it lives on the sign-in of somebody who left, and an admin signs in as themselves", async ({
  ada,
  grace,
  organization,
  sessionOf,
}) => {
  const shared = await haveAccount(grace, { connector: "vercel", key: "vcp_team" });
  await removeMember(organization, (await sessionOf("Grace Hopper")).person);
  await hearsOfIt(ada, shared);
  await visit(ada, `/connections/${shared.id}`);
  const left = ada.getByRole("region", { name: "Connected by somebody who left" });
  await expect(left).toContainText("Grace Hopper, who connected it, has left. You are asked about it.");
  await expect(left).toContainText("It still works by their sign-in to Vercel, and stops when that ends.");
  await expect(left.getByRole("button", { name: "Become the contact" })).toHaveCount(0);
  await expectAccessible(ada);
  await connect(ada, left.getByRole("button", { name: "Sign in as yourself" })).fill({
    Token: "vcp_team",
  });
  await expect(left).toContainText("Somebody else has signed in to Vercel since.");
  await expect(left.getByRole("button")).toHaveCount(0);
  await visit(ada, "/connections");
  await expect(accounts(ada)).toContainText("Grace Hopper (left)");
});

test("another admin may become the contact, and the history says so", async ({
  ada,
  grace,
  organization,
  sessionOf,
  browserOf,
}) => {
  const account = await haveAccount(grace, { connector: "vercel" });
  const joan = await sessionOf("Joan Clarke");
  await addMember(organization, joan.person, "admin");
  const page = await browserOf(joan, organization);
  await removeMember(organization, (await sessionOf("Grace Hopper")).person);
  await hearsOfIt(ada, account);
  await visit(page, `/connections/${account.id}`);
  const left = page.getByRole("region", { name: "Connected by somebody who left" });
  await expect(left).toContainText("Ask Ada Lovelace about it.");
  // Offered in the list as well.
  await visit(page, "/connections");
  const offers = accounts(page, account.name).getByRole("group", { name: account.name });
  await expect(offers.getByRole("button", { name: "Sign in as yourself" })).toBeVisible();
  await offers.getByRole("button", { name: "Become the contact" }).click();
  await expect(offers.getByRole("button", { name: "Become the contact" })).toHaveCount(0);
  await visit(page, `/connections/${account.id}`);
  await expect(left).toContainText("You are asked about it.");
  await expect(left.getByRole("button", { name: "Become the contact" })).toHaveCount(0);
  await expect(history(page, "Joan Clarke changed whom to ask about it")).toBeVisible();
});

test("members are refused the report, and nobody without an organisation is offered it", async ({
  grace,
  browserOf,
  sessionOf,
  expectConsole,
}) => {
  expectConsole(/status of 404 .*\/admin\/people-left/);
  await visit(grace, "/connectors");
  await expect(grace.getByRole("link", { name: "People who left" })).toHaveCount(0);
  expect((await grace.goto("/admin/people-left"))?.status()).toBe(404);
  await expect(grace.getByRole("heading", { name: "Only admins see this page" })).toBeVisible();
  const alone = await browserOf(await sessionOf("Joan Clarke"), null);
  await visit(alone, "/connectors");
  await expect(alone.getByRole("link", { name: "People who left" })).toHaveCount(0);
});

test("of somebody who deleted their account no name is left, wherever they are spoken of", async ({
  ada,
  browser,
  browserOf,
  organization,
}) => {
  const person = await addPerson("Hedwig", "Kiesler");
  await addMember(organization, person, "member");
  const page = await browserOf(await signIn(browser, person), organization);
  const account = await haveAccount(page);
  await visit(page, "/connections");
  await expect(accounts(page)).toContainText("Hedwig Kiesler");
  await page.close();
  await removePerson(person);
  await hearsOfIt(ada, account);
  await expect.poll(async () => (await readConnection(ada, account.id)).connected_by?.name).toBe("Somebody");
  for (const path of ["/connections", `/connections/${account.id}`, "/admin/people-left", "/connectors/openai"]) {
    await visit(ada, path);
    await expect(ada.getByText("Hedwig")).toHaveCount(0);
  }
  await expect(ada.getByText("connected by Somebody, who has left,")).toBeVisible();
  await expect(await openNotices(ada)).not.toContainText("Hedwig");
});
