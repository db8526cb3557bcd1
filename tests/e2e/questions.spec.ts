import { expectAccessible } from "./support/accessibility";
import { beginnings, expect, goOn, onlyAccount, questions, shopField, test } from "./support/asking";
import { condition, connectBar, connectButton, connectDirectly, reconnectButton, toasts } from "./support/connecting";
import { attemptsOf, connectionConfigOf, letSignInEndIn } from "./support/database";
import { ask } from "./support/linking";
import { enterAs } from "./support/signing-in";
import { visit } from "./support/visiting";

// One process beside the product's is enough for all of them.
test.describe.configure({ mode: "serial" });

test("a card asks for the shop, refuses what is none without a request, and leads to the shop's own sign-in", async ({
  member,
  organization,
}) => {
  const begun = beginnings(member);
  await visit(member, "/connectors?q=shopify");
  await connectButton(member, "shopify").click();
  const dialog = questions(member, "Shopify");
  await expect(shopField(member)).toBeFocused();
  await expect(shopField(member)).toHaveAccessibleDescription(/your shop at Shopify.*https:\/\/.*\.myshopify\.com/s);
  await expect(dialog).toContainText(".myshopify.com");

  await goOn(member, "Shopify").click();
  await expect(dialog.getByRole("alert").filter({ visible: true })).toHaveText("Fill this in to go on.");
  await expect(shopField(member)).toBeFocused();
  for (const typed of ["acme.evil.example#", "acme.myshopify.com@evil.example", "acme/../x", "akme\u3002com"]) {
    await shopField(member).fill(typed);
    await expect(dialog.getByText("Fill this in to go on.")).toHaveCount(0);
    await goOn(member, "Shopify").click();
    await expect(shopField(member)).toHaveAttribute("aria-invalid", "true");
    await expect(shopField(member)).toHaveAccessibleDescription(/does not look right. It should be like acme/);
    await expect(shopField(member)).toHaveValue(typed);
  }
  expect(begun).toEqual([]);
  expect(await attemptsOf(organization.id)).toBe(0);

  // Pasted as the browser shows it.
  await shopField(member).fill(" https://Acme.myshopify.com/admin ");
  const window = await connectDirectly(goOn(member, "Shopify")).consentWindow();
  expect(window.url()).toContain("/acme.myshopify.com/admin/oauth/authorize?");
  await expect(dialog).toHaveCount(0);
  await expect(connectBar(member)).toContainText("Waiting for you to finish at Shopify");
  const closed = window.waitForEvent("close");
  await window.getByRole("button", { name: "Ada Lovelace" }).click();
  await closed;
  await expect(toasts(member).filter({ hasText: "Shopify is connected" })).toBeVisible();
  expect(begun).toHaveLength(1);

  await visit(member, "/connectors/shopify");
  expect(await connectionConfigOf(await onlyAccount(member))).toEqual({ subdomain: "acme" });
});

test("an optional address may stay empty, and another account is asked about anew", async ({ member }) => {
  await visit(member, "/connectors/salesforce");
  await connectButton(member, "salesforce").click();
  const dialog = questions(member, "Salesforce");
  await expect(dialog).toContainText("optional");
  const window = await connectDirectly(goOn(member, "Salesforce")).consentWindow();
  expect(window.url()).toContain("/login.salesforce.com/services/oauth2/authorize?");
  const closed = window.waitForEvent("close");
  await window.getByRole("button", { name: "Ada Lovelace" }).click();
  await closed;
  const id = await onlyAccount(member);
  expect(Object.keys((await connectionConfigOf(id)) ?? {})).toEqual(["instance_url"]);

  await member.getByRole("button", { name: "Connect another account" }).click();
  await expect(dialog.getByRole("textbox")).toHaveValue("");
  await dialog.getByRole("textbox").fill("acme--test.sandbox.my.salesforce.com");
  const sandbox = await connectDirectly(goOn(member, "Salesforce")).consentWindow();
  expect(sandbox.url()).toContain("/acme--test.sandbox.my.salesforce.com/services/oauth2/authorize?");
  await sandbox.close();
  await expect(connectBar(member)).toHaveCount(0);
});

test("signing in again asks nothing: the answer is known", async ({ member }) => {
  await visit(member, "/connectors/shopify");
  await connectButton(member, "shopify").click();
  await shopField(member).fill("acme");
  await connectDirectly(goOn(member, "Shopify")).allowAs("Ada Lovelace");
  const id = await onlyAccount(member);
  await letSignInEndIn(id, 1);
  await visit(member, `/connections/${id}`);
  const window = await connectDirectly(reconnectButton(condition(member))).consentWindow();
  expect(window.url()).toContain("/acme.myshopify.com/admin/oauth/authorize?");
  await expect(questions(member, "Shopify")).toHaveCount(0);
  await window.close();
  await expect(connectBar(member)).toHaveCount(0);
});

test("with the keyboard alone: Escape leaves nothing and gives the focus back, Enter goes on", async ({
  member,
  organization,
}) => {
  await visit(member, "/connectors/shopify");
  const button = connectButton(member, "shopify");
  // The page may still be settling: whoever sees nothing happen presses again.
  await expect(async () => {
    await button.focus();
    await member.keyboard.press("Enter");
    await expect(shopField(member)).toBeFocused({ timeout: 5_000 });
  }).toPass();
  await member.keyboard.type("not a shop");
  await member.keyboard.press("Enter");
  await expect(shopField(member)).toHaveAttribute("aria-invalid", "true");
  await member.keyboard.press("Escape");
  await expect(questions(member, "Shopify")).toHaveCount(0);
  await expect(button).toBeFocused();
  await expect(button).toHaveText("Connect Shopify");
  expect(await attemptsOf(organization.id)).toBe(0);

  await member.keyboard.press("Enter");
  await expect(shopField(member)).toHaveValue("");
  await expect(shopField(member)).not.toHaveAttribute("aria-invalid", "true");
  await member.keyboard.type("acme");
  const opened = member.waitForEvent("popup");
  await member.keyboard.press("Enter");
  const window = await opened;
  await expect(window.getByRole("button", { name: "Deny" })).toBeVisible();
  const closed = window.waitForEvent("close");
  await window.getByRole("button", { name: "Ada Lovelace" }).press("Enter");
  await closed;
  await onlyAccount(member);
});

test("whoever is asked to connect by a link is asked there as well, and the account is the organisation's", async ({
  member,
  installation,
  sessionOf,
  browserOf,
}) => {
  const session = await sessionOf("Joan Clarke");
  const link = await ask(member, session.person.email, "shopify");
  const joan = await browserOf(session, null);
  await enterAs(joan.context(), session, null, installation.origin);
  const begun = beginnings(joan);
  await visit(joan, link);
  await connectButton(joan, "shopify").click();
  await expectAccessible(joan);
  await shopField(joan).fill("acme.evil.example/");
  await goOn(joan, "Shopify").click();
  await expect(shopField(joan)).toHaveAttribute("aria-invalid", "true");
  expect(begun).toEqual([]);
  await shopField(joan).fill("acme");
  const window = await connectDirectly(goOn(joan, "Shopify")).consentWindow();
  expect(window.url()).toContain("/acme.myshopify.com/admin/oauth/authorize?");
  await window.getByRole("button", { name: "Ada Lovelace" }).click();
  await expect(joan.getByRole("heading", { level: 1 })).toHaveText("This link has been used");
  expect(begun).toHaveLength(1);

  await visit(member, "/connectors/shopify");
  expect(await connectionConfigOf(await onlyAccount(member))).toEqual({ subdomain: "acme" });
});

test("a choice is a list, and Back leaves the questions", async ({ member, organization }) => {
  await visit(member, "/connectors?q=zoho");
  await member.getByRole("link", { name: "Zoho CRM" }).first().click();
  await expect(member).toHaveURL(/\/connectors\/zoho-crm$/);
  await connectButton(member, "zoho-crm").click();
  const list = questions(member, "Zoho CRM").getByRole("combobox", { name: "Data centre" });
  await expect(list).toBeFocused();
  await list.selectOption({ label: "zoho.eu" });
  await member.goBack();
  await expect(questions(member, "Zoho CRM")).toHaveCount(0);
  await member.goForward();
  await connectButton(member, "zoho-crm").click();
  await expect(list).toHaveValue("");
  await list.selectOption({ label: "zoho.eu" });
  const window = await connectDirectly(goOn(member, "Zoho CRM")).consentWindow();
  expect(window.url()).toContain("/accounts.zoho.eu/oauth/v2/auth?");
  await window.close();
  await expect(connectBar(member)).toHaveCount(0);
  expect(await attemptsOf(organization.id)).toBe(1);
});
