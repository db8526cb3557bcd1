import type { Page } from "@playwright/test";
import { twilioAccount } from "@/emulators/providers/accounts";
import { accounts, connect, connectButton, finishIn, said, toasts } from "./support/connecting";
import { attemptsOf } from "./support/database";
import { breakNangoFor, connectionsAtNango, deliveriesFor, sessionsAtNango } from "./support/product";
import { expect, test } from "./support/test";
import { visit } from "./support/visiting";

/**
 * What the page asks about its attempts from now on. There is a second between two asks, so that their number says how
 * soon the page knew, however slow the machine is.
 */
function asksOf(page: Page): string[] {
  const asks: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/api/nango/attempts/")) asks.push(`${request.method()} ${request.url()}`);
  });
  return asks;
}

test("a GitHub account is connected by consent in a window, and shown under its own name", async ({
  ada,
  organization,
}) => {
  await visit(ada, "/connectors/github");
  await connect(ada, "github").allowAs("acme-bot");
  const asks = asksOf(ada);

  await expect(accounts(ada)).toContainText("Connected");
  expect(asks.length, asks.join("\n")).toBeLessThanOrEqual(2);
  await expect(said(ada)).toHaveText(/^GitHub is connected/);
  await expect(accounts(ada, "acme-bot")).toContainText("connected by Ada Lovelace");
  await expect(accounts(ada, "acme-bot")).toContainText(`Everyone in ${organization.name}`);
  expect(await connectionsAtNango(organization)).toMatchObject([
    { integrationKey: "github", tags: { organization_id: organization.id, connector: "github" } },
  ]);
});

test("OpenAI is connected with an API key, and numbered because it does not tell its account", async ({ ada }) => {
  await visit(ada, "/connectors/openai");
  await connect(ada, "openai").fill({ "API Key": "sk-standin-1" });
  await expect(accounts(ada, "OpenAI 1")).toContainText("Connected");
});

test("Twilio is connected with an account SID and a token", async ({ ada }) => {
  await visit(ada, "/connectors/twilio");
  await connect(ada, "twilio").fill({
    "Account SID": twilioAccount.accountSid,
    "Auth Token": twilioAccount.authToken,
  });
  await expect(accounts(ada, twilioAccount.name)).toContainText("Connected");
});

test("Tableau is connected in two steps: details first, then the token that Nango trades them for", async ({ ada }) => {
  await visit(ada, "/connectors/tableau");
  await connect(ada, "tableau").fill({
    HostName: "acme.online.tableau.com",
    "API Version": "3.26",
    "Personal Access Token": "patchbay",
    "Personal Access Token Secret": "standin-secret",
  });
  await expect(accounts(ada)).toContainText("Connected");
});

test("a second account of the same connector stands beside the first", async ({ ada }) => {
  await visit(ada, "/connectors/github");
  await connect(ada, "github").allowAs("acme-bot");
  await expect(accounts(ada, "acme-bot")).toBeVisible();
  await expect(connectButton(ada, "github")).toHaveText("Connect another account");

  await connect(ada, "github").allowAs("grace");
  await expect(accounts(ada, "grace")).toContainText("Connected");
  await expect(accounts(ada)).toHaveCount(2);
  await expect(accounts(ada, "acme-bot")).toContainText("Default");
});

test("the catalogue's card turns from Connect to Manage when its connector is connected", async ({ ada }) => {
  await visit(ada, "/connectors?q=openai");
  const card = ada.locator('[data-connector="openai"]');
  await connect(ada, "openai").fill({ "API Key": "sk-standin-2" });
  await expect(card).toContainText("Connected");
  await expect(card.getByRole("link", { name: "Manage OpenAI" })).toBeFocused();
  await expect(ada.getByRole("navigation", { name: "Main" })).toContainText("Connections1");
});

test("Connected appears after two asks at most when every webhook is lost", async ({ ada, organization }) => {
  await breakNangoFor(organization, { on: "webhook", effect: "drop" });
  await visit(ada, "/connectors/github");
  await connect(ada, "github").allowAs("acme-bot");
  const asks = asksOf(ada);
  await expect(accounts(ada)).toContainText("Connected");
  expect(asks.length, asks.join("\n")).toBeLessThanOrEqual(2);
  expect((await deliveriesFor(organization)).map(({ outcome }) => outcome)).toEqual(["dropped"]);
});

test("a double click is one try and one session at Nango", async ({ ada, organization }) => {
  await visit(ada, "/connectors/github");
  await connectButton(ada, "github").dblclick();
  const window = await connect(ada, "github").consentWindow();
  expect(await sessionsAtNango(organization)).toBe(1);
  expect(await attemptsOf(organization.id)).toBe(1);
  await finishIn(window, "acme-bot");
  await expect(accounts(ada)).toHaveCount(1);
  await expect(toasts(ada)).toHaveCount(1);
});
