import type { Page } from "@playwright/test";
import { expectAccessible, expectNoSidewaysScroll } from "./support/accessibility";
import { apiOf } from "./support/arranging";
import { accounts, connect, connectButton, connectDirectly } from "./support/connecting";
import { expect, test } from "./support/test";
import { visit } from "./support/visiting";

const back = "http://localhost:8080/connected";
const heading = (page: Page) => page.getByRole("heading", { level: 1 });

/** The program that asked, as far as a browser can see it. */
const serveProgram = (page: Page) =>
  page.route("http://localhost:8080/**", (route) =>
    route.fulfill({
      contentType: "text/html",
      body: "<!doctype html><html lang=en><link rel=icon href=data:,><title>Program</title><h1>Program</h1>",
    }),
  );

type Asked = { authorization_url: string; state: string };
async function authorize(page: Page, connector: string): Promise<Asked> {
  await serveProgram(page);
  return (await apiOf(page))<Asked>("POST", `/api/v1/connectors/${connector}/authorize`, { redirect_uri: back });
}

/** What the person brought back. */
async function broughtBack(page: Page): Promise<Record<string, string>> {
  await expect(heading(page)).toHaveText("Program");
  const { origin, pathname, searchParams } = new URL(page.url());
  expect(`${origin}${pathname}`).toBe(back);
  return Object.fromEntries(searchParams);
}

test("a program sends somebody to connect an account, and gets them back with what it needs to find it", async ({
  grace,
}) => {
  const { authorization_url, state } = await authorize(grace, "openai");
  await visit(grace, new URL(authorization_url).pathname);
  await expect(heading(grace)).toHaveText("Connect OpenAI to go on at localhost:8080");
  await expect(grace.getByText("Afterwards you go back to localhost:8080.")).toBeVisible();
  await expectAccessible(grace);
  await grace.setViewportSize({ width: 360, height: 740 });
  await expectNoSidewaysScroll(grace);

  await connect(grace, "openai").fill({ "API Key": "sk-standin-program" });
  const { code, ...rest } = await broughtBack(grace);
  expect(rest).toEqual({ state });
  const query = new URLSearchParams({ state, code: String(code) });
  const api = await apiOf(grace);
  const redeemed = await api<{ connection_id: string }>("GET", `/api/v1/connectors/openai/callback?${query}`);
  await visit(grace, `/connections/${redeemed.connection_id}`);
  await expect(heading(grace)).toContainText("OpenAI");

  // The address is worth nothing any more, and leads nowhere by itself.
  await visit(grace, new URL(authorization_url).pathname);
  await expect(heading(grace)).toHaveText("This link has been used");
  await expect(connectButton(grace, "openai")).toHaveCount(0);
  await expect(grace.getByRole("button", { name: /localhost:8080/ })).toHaveCount(0);
});

test("without Nango the way back is the same, and so it is for somebody who would rather not", async ({ ada }) => {
  const direct = await authorize(ada, "codeberg");
  await visit(ada, new URL(direct.authorization_url).pathname);
  await connectDirectly(connectButton(ada, "codeberg")).allowAs("ada");
  expect(await broughtBack(ada)).toEqual({ state: direct.state, code: expect.any(String) });

  const declined = await authorize(ada, "openai");
  await visit(ada, new URL(declined.authorization_url).pathname);
  await ada.getByRole("button", { name: "Back to localhost:8080 without connecting" }).click();
  expect(await broughtBack(ada)).toEqual({ state: declined.state, error: "cancelled" });
  await visit(ada, "/connections");
  await expect(accounts(ada)).toHaveCount(1);
});

test("a way back that does not open is said, and tried again", async ({ ada, expectConsole }) => {
  expectConsole(/status of 503|Failed to load resource/);
  const { authorization_url, state } = await authorize(ada, "openai");
  const leave = "**/api/connect/*/leave";
  await ada.route(leave, (route) => route.fulfill({ status: 503, json: { error: { code: "database_unavailable" } } }));
  await visit(ada, new URL(authorization_url).pathname);
  await connect(ada, "openai").fill({ "API Key": "sk-standin-again" });
  await expect(ada.getByText("You could not be taken back.")).toBeVisible();
  await expectAccessible(ada);
  await ada.unroute(leave);
  await ada.getByRole("button", { name: "Continue to localhost:8080" }).click();
  expect(await broughtBack(ada)).toEqual({ state, code: expect.any(String) });
});
