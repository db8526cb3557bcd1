import type { Page } from "@playwright/test";
import { expectAccessible, expectNoSidewaysScroll } from "./support/accessibility";
import { accounts, bell, connect, connectButton, openNotices } from "./support/connecting";
import { letLinkRunOut } from "./support/database";
import { ask } from "./support/linking";
import { addPerson } from "./support/product";
import { fillSignInForm } from "./support/signing-in";
import { expect, test, uniqueName } from "./support/test";
import { reload, visit } from "./support/visiting";

const heading = (page: Page) => page.getByRole("heading", { level: 1 });
const row = (page: Page, email: string) => page.locator("[data-link]").filter({ hasText: email });

/**
 * A page as anybody sees it, and all that the server sent for it: its lines, in whatever order they came, without what is
 * new in each answer (nonce, times, the session's own token) and without the address that was asked for.
 */
async function shown(page: Page, path: string): Promise<{ status: number | undefined; text: string; sent: string[] }> {
  const answer = await page.goto(path);
  await expect(heading(page)).toBeVisible();
  const [text, title] = [await page.locator("main").textContent(), await page.title()];
  const html = (await answer?.text()) ?? "";
  const sent = html
    .replaceAll(path.split("/").at(-1) ?? "", "TOKEN")
    .replace(/"\]\)<\/script><script[^>]*>self\.__next_f\.push\(\[1,"/g, "")
    .replace(/nonce=\\?"[^"]*"|\\?"nonce\\?":\\?"[^"]*"/g, "")
    .replace(/\\"(serverNow|exp|iat|nbf)\\":\d+|\\"jti\\":\\"\w+\\"|\\"fva\\":\[[-\d,]+\]/g, "")
    .split("\\n")
    .sort();
  return { status: answer?.status(), text: `${title}\n${text}`, sent };
}

test("somebody who is no member connects by a link, once, and whoever asked is told", async ({
  ada,
  organization,
  sessionOf,
  browserOf,
}) => {
  const session = await sessionOf("Joan Clarke");
  const { email } = session.person;
  const link = await ask(ada, email);
  const joan = await browserOf(session, null);
  await visit(joan, link);
  await expect(heading(joan)).toHaveText("Ada Lovelace asks you to connect OpenAI");
  await expect(
    joan.getByText(`The account will belong to ${organization.name}. Everyone in it can use it.`),
  ).toBeVisible();
  await expectAccessible(joan);
  await joan.setViewportSize({ width: 360, height: 740 });
  await expectNoSidewaysScroll(joan);

  await connect(joan, "openai").fill({ "API Key": "sk-standin-joan" });
  await expect(heading(joan)).toHaveText("This link has been used");
  await expect(heading(joan)).toBeFocused();
  await expectAccessible(joan);
  await reload(joan);
  await expect(heading(joan)).toHaveText("This link has been used");
  await expect(connectButton(joan, "openai")).toHaveCount(0);
  // It is not hers: neither here nor in what she acts for otherwise.
  await visit(joan, "/connections");
  await expect(joan.getByRole("heading", { name: "Nothing is connected yet" })).toBeVisible();

  await visit(ada, "/connections");
  await expect(accounts(ada, "OpenAI 1")).toContainText("Joan Clarke");
  await expect(bell(ada)).toHaveAccessibleName("Notices: 1 new");
  await expect((await openNotices(ada)).getByText("Joan Clarke")).toBeVisible();
  await visit(ada, "/connections/links");
  await expect(row(ada, email)).toContainText("Used by Joan Clarke");
  await expectAccessible(ada);
  await row(ada, email)
    .getByRole("link", { name: /^Show the account/ })
    .click();
  await expect(heading(ada)).toHaveText("OpenAI 1");
});

test("a link tells nobody else a thing: whoever they are, it is a link that never was", async ({
  ada,
  grace,
  katherine,
  sessionOf,
  browserOf,
  expectConsole,
}) => {
  expectConsole(/status of 404 .*\/connect\//);
  const joan = await sessionOf("Joan Clarke");
  const link = await ask(ada, joan.person.email);
  const never = `/connect/${"A".repeat(43)}`;
  for (const page of [ada, grace, katherine]) {
    const [real, invented] = [await shown(page, link), await shown(page, never)];
    expect(real.status).toBe(404);
    expect(real.text).not.toMatch(/openai|lovelace|team [0-9a-f]{8}/i);
    expect([real.status, real.text]).toEqual([invented.status, invented.text]);
    expect(real.sent.length).toBeGreaterThan(20);
    expect(real.sent.filter((line) => !invented.sent.includes(line))).toEqual([]);
    expect(invented.sent.filter((line) => !real.sent.includes(line))).toEqual([]);
  }
  await expectAccessible(grace);
  const right = await browserOf(joan, null);
  const mistyped = await shown(right, `${link.slice(0, -2)}`);
  expect(mistyped.status).toBe(404);
  expect(mistyped.text).toBe((await shown(right, never)).text);
  // Nobody used it up.
  await visit(right, link);
  await expect(heading(right)).toHaveText("Ada Lovelace asks you to connect OpenAI");
});

test("a link that is used in one tab, revoked or over brings nothing in another, and says so", async ({
  ada,
  sessionOf,
  browserOf,
  expectConsole,
}) => {
  expectConsole(/status of 409 .*\/api\/connect\//);
  const session = await sessionOf("Joan Clarke");
  const { email } = session.person;
  const [joan, tab] = [await browserOf(session, null), await browserOf(session, null)];

  const first = await ask(ada, email);
  await visit(tab, first);
  await visit(joan, first);
  await connect(joan, "openai").fill({ "API Key": "sk-standin-joan" });
  await expect(heading(joan)).toHaveText("This link has been used");
  await connectButton(tab, "openai").click();
  await expect(heading(tab)).toHaveText("This link has been used");

  const second = await ask(ada, email);
  await visit(joan, second);
  const frame = await connect(joan, "openai").open();
  await visit(ada, "/connections/links");
  await row(ada, email)
    .first()
    .getByRole("button", { name: /^Revoke the link/ })
    .click();
  const dialog = ada.getByRole("dialog", { name: `Revoke the link for ${email}?` });
  await expectAccessible(ada);
  await dialog.getByRole("button", { name: "Revoke" }).click();
  await expect(row(ada, email).first()).toContainText("Revoked");
  // Cancelled under her hands: the frame goes, and the page says why.
  await expect(heading(joan)).toHaveText("This link was revoked");
  await expect(frame.submit).toHaveCount(0);

  const third = await ask(ada, email);
  await letLinkRunOut(email);
  await visit(joan, third);
  await expect(heading(joan)).toHaveText("This link has expired");
  await visit(ada, "/connections");
  await expect(accounts(ada)).toHaveCount(1);
});

test("somebody without an account signs up by the link and comes back to it", async ({ ada, page: _, browserOf }) => {
  const email = `invited-${Date.now()}@example.test`;
  const link = await ask(ada, email);
  const guest = await browserOf(null);
  await guest.goto(link);
  await expect(guest).toHaveURL(/\/sign-in\?redirect_url=/);
  await expect(guest.locator("main")).not.toContainText(/openai|lovelace/i);
  await guest.getByRole("link", { name: "Sign up" }).click();
  await expect(guest).toHaveURL(/\/sign-up/);
  await guest.locator("input[name=emailAddress]").fill(email);
  await guest.locator("input[name=password]").fill("patchbay-invited-1");
  await guest.getByRole("button", { name: "Continue", exact: true }).click();
  await expect(guest).toHaveURL(new RegExp(`${link}$`));
  await expect(heading(guest)).toHaveText("Ada Lovelace asks you to connect OpenAI");
});

test("signing in by the link leads back to it, and never to another site", async ({ ada, browserOf }) => {
  const person = await addPerson("Mary", "Somerville");
  const link = await ask(ada, person.email);
  const mary = await browserOf(null);
  await mary.goto(link);
  await fillSignInForm(mary, person.email, person.password);
  await expect(heading(mary)).toHaveText("Ada Lovelace asks you to connect OpenAI");

  const elsewhere = await browserOf(null);
  await elsewhere.goto(`/sign-in#/?redirect_url=${encodeURIComponent("https://evil.example/steal")}`);
  await fillSignInForm(elsewhere, person.email, person.password);
  await expect(heading(elsewhere)).toHaveText("Connectors");
});

test("a member makes a link for their own address, and asks nobody else", async ({ grace, sessionOf }) => {
  const { email } = (await sessionOf("Grace Hopper")).person;
  await visit(grace, "/connectors/openai");
  await grace.getByRole("button", { name: "Ask somebody else to connect" }).click();
  const dialog = grace.getByRole("dialog", { name: "Connect OpenAI with a link of your own" });
  const field = dialog.getByRole("textbox", { name: "E-mail address" });
  await expect(field).toHaveValue(email);
  await expect(field).not.toBeEditable();
  await dialog.getByRole("button", { name: "Make the link" }).click();
  const made = grace.getByRole("dialog", { name: `The link for ${email}` });
  await visit(grace, new URL(await made.getByRole("textbox", { name: "Link" }).inputValue()).pathname);
  await expect(heading(grace)).toHaveText("Connect OpenAI with your own link");
});

test("the dialog refuses what is no address, the link is copied by hand, and it is shown once", async ({
  ada,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await visit(ada, "/connections/links");
  await expect(ada.getByRole("heading", { name: "Nobody was asked yet" })).toBeVisible();
  await expectAccessible(ada);
  await visit(ada, "/connectors/openai");
  await ada.getByRole("button", { name: "Ask somebody else to connect" }).click();
  const field = ada.getByRole("textbox", { name: "E-mail address" });
  await expect(field).toBeFocused();
  await expectAccessible(ada);
  await field.fill("nobody");
  await field.press("Enter");
  await expect(ada.getByRole("dialog").getByRole("alert")).toHaveText("This is not a complete e-mail address.");
  const email = `${uniqueName().replace(" ", "-").toLowerCase()}@example.test`;
  await field.fill(email);
  await field.press("Enter");
  const dialog = ada.getByRole("dialog", { name: `The link for ${email}` });
  await expectAccessible(ada);
  await dialog.getByRole("button", { name: "Copy link" }).click();
  await expect(dialog.getByRole("button", { name: "Copied" })).toBeVisible();
  const copied = await ada.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(/\/connect\/[\w-]{43}$/);
  await dialog.getByRole("link", { name: "All connect links" }).click();
  await expect(row(ada, email)).toContainText("Open");
  expect(await ada.content()).not.toContain(copied.split("/").at(-1));
});
