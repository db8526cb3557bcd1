import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import type { MadeKey } from "@/lib/api/key-views";
import { expectAccessible, expectNoSidewaysScroll } from "./support/accessibility";
import { apiOf, haveAccount } from "./support/arranging";
import { description } from "./support/product";
import { expect, test } from "./support/test";
import { reload, visit } from "./support/visiting";

const address = "/settings/api-keys";
const rows = (browser: Page, name?: string) => {
  const all = browser.locator("[data-key]");
  return name === undefined ? all : all.filter({ hasText: name });
};

/** Makes a key in the dialog that is open, with whatever is chosen there. @returns the key, as it was shown */
async function makeIn(browser: Page, name: string): Promise<string> {
  await browser.getByRole("textbox", { name: "Name" }).fill(name);
  await browser.getByRole("button", { name: "Make the key" }).click();
  return browser
    .getByRole("dialog", { name: `The key ${name}` })
    .getByRole("textbox", { name: "API key" })
    .inputValue();
}

/** A program with a key, somewhere else. @returns status and error code */
async function ask(key: string, path: string, method = "GET"): Promise<[status: number, code?: string]> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const answer = await fetch(`${description().app}${path}`, { method, headers, body: method === "GET" ? null : "{}" });
  const { error } = (await answer.json()) as { error?: { code: string } };
  return error ? [answer.status, error.code] : [answer.status];
}

const made = (name: string) => ({ name, scopes: ["connections:read"], expires_in_days: 30 });

test("a key is shown once, opens what was chosen, and nothing any more as soon as it is revoked", async ({
  ada,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await visit(ada, address);
  await expect(ada.getByRole("heading", { name: "There is no key yet" })).toBeVisible();
  await expectAccessible(ada);
  await ada.getByRole("button", { name: "Make a key" }).click();
  const making = ada.getByRole("dialog", { name: "Make an API key" });
  await expect(making.getByRole("textbox", { name: "Name" })).toBeFocused();
  await expectAccessible(ada);
  const key = await makeIn(ada, "Nightly report");
  await expectAccessible(ada);

  const dialog = ada.getByRole("dialog", { name: "The key Nightly report" });
  await dialog.getByRole("button", { name: "Copy key" }).click();
  await expect(dialog.getByRole("button", { name: "Copied" })).toBeVisible();
  expect(await ada.evaluate(() => navigator.clipboard.readText())).toBe(key);
  // What is shown beside it works in a terminal as it stands there.
  const command = (await dialog.locator("code").textContent()) ?? "";
  const { stdout } = await promisify(execFile)("bash", ["-c", command]);
  expect(JSON.parse(stdout)).toMatchObject({ connections: [], total_count: 0 });

  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(dialog).toHaveCount(0);
  const row = rows(ada, "Nightly report");
  await expect(row).toContainText(`${key.slice(0, 10)}…`);
  await expect(row).toContainText("See connectors and connections");
  await expect(row).toContainText("Made by Ada Lovelace");
  expect(await ada.content()).not.toContain(key);
  await reload(ada);
  await expect(row).toContainText("Last used");
  expect(await ada.content()).not.toContain(key);
  await expectAccessible(ada);

  expect(await ask(key, "/api/v1/connections")).toEqual([200]);
  expect(await ask(key, "/api/v1/connectors/openai/authorize", "POST")).toEqual([403, "insufficient_scope"]);
  await row.getByRole("button", { name: "Revoke the key Nightly report" }).click();
  const revoking = ada.getByRole("dialog", { name: "Revoke the key Nightly report?" });
  await expect(revoking.getByRole("button", { name: "Keep it" })).toBeFocused();
  await expectAccessible(ada);
  await revoking.getByRole("button", { name: "Revoke", exact: true }).click();
  await expect(row).toContainText("Revoked");
  expect(await ask(key, "/api/v1/connections")).toEqual([401, "unauthenticated"]);
  await expect(row.getByRole("button")).toHaveCount(0);
  await expectAccessible(ada);
});

test("a key runs the actions of the connectors that were chosen, and of no other", async ({ ada }) => {
  await haveAccount(ada);
  await visit(ada, address);
  await ada.getByRole("button", { name: "Make a key" }).click();
  const making = ada.getByRole("dialog", { name: "Make an API key" });
  await making.getByRole("button", { name: "Make the key" }).click();
  await expect(making.getByRole("alert")).toHaveText("Give the key a name.");
  await expect(making.getByRole("textbox", { name: "Name" })).toBeFocused();

  await making.getByRole("textbox", { name: "Name" }).fill("Assistant");
  await making.getByRole("combobox", { name: "It ends" }).selectOption("Never");
  await making.getByRole("radio", { name: "Those that only read" }).check();
  // What is connected comes first.
  await expect(making.getByRole("checkbox").first()).toHaveAccessibleName("OpenAI");
  await making.getByRole("button", { name: "Make the key" }).click();
  await expect(making.getByRole("alert")).toHaveText("Choose at least one connector, or every connector.");
  await expectAccessible(ada);
  await making.getByRole("searchbox").fill("open");
  await making.getByRole("searchbox").press("Enter");
  await making.getByRole("checkbox", { name: "OpenAI" }).check();
  await expect(making.getByText("1 chosen")).toBeVisible();

  const key = await makeIn(ada, "Assistant");
  await ada.getByRole("button", { name: "Done" }).click();
  await expect(rows(ada, "Assistant")).toContainText("Run reading actions of OpenAI");
  await expect(rows(ada, "Assistant")).toContainText("No end");
  expect((await ask(key, "/api/v1/connectors/openai/list_models", "POST"))[0]).not.toBe(403);
  expect(await ask(key, "/api/v1/connectors/github/list_repositories", "POST")).toEqual([403, "insufficient_scope"]);
});

test("members see and revoke their own keys, admins those of all, and nobody those of another organisation", async ({
  ada,
  grace,
  katherine,
}) => {
  await (await apiOf(ada))("POST", "/api/v1/api-keys", made("Of Ada"));
  const { key, api_key: ofGrace } = await (await apiOf(grace))<MadeKey>("POST", "/api/v1/api-keys", made("Of Grace"));

  await visit(grace, address);
  await expect(rows(grace)).toHaveCount(1);
  await expect(rows(grace, "Of Grace")).toBeVisible();
  await visit(katherine, address);
  await expect(katherine.getByRole("heading", { name: "There is no key yet" })).toBeVisible();
  const foreign = (await apiOf(katherine))("DELETE", `/api/v1/api-keys/${ofGrace.id}`, {});
  await expect(foreign).rejects.toThrow("answered 404");
  expect(await ask(key, "/api/v1/connections")).toEqual([200]);

  await visit(ada, address);
  await expect(rows(ada)).toHaveCount(2);
  await expect(rows(ada, "Of Grace")).toContainText("Made by Grace Hopper");
  await rows(ada, "Of Grace").getByRole("button").click();
  await ada.getByRole("dialog").getByRole("button", { name: "Revoke", exact: true }).click();
  await expect(rows(ada, "Of Grace")).toContainText("Revoked");
  expect(await ask(key, "/api/v1/connections")).toEqual([401, "unauthenticated"]);
});

test("the keys, their dialogs and what developers read of a connector fit a window of 320 px", async ({ ada }) => {
  await ada.setViewportSize({ width: 320, height: 640 });
  const name = "Averyverylongnamethathasnoplacewhereitcouldbebrokenbutmustbeallthesame";
  await visit(ada, address);
  await ada.getByRole("button", { name: "Make a key" }).click();
  await ada.getByRole("radio", { name: "All, those that change something as well" }).check();
  await ada.getByRole("radio", { name: "Every connector, also those that come later" }).check();
  await expectNoSidewaysScroll(ada);
  await makeIn(ada, name);
  await expectNoSidewaysScroll(ada);
  await ada.getByRole("button", { name: "Done" }).click();
  await expect(rows(ada, name)).toContainText("Run actions of every connector");
  await expectNoSidewaysScroll(ada);
  await rows(ada, name).getByRole("button").click();
  await expect(ada.getByRole("dialog")).toBeInViewport({ ratio: 1 });
  await expectNoSidewaysScroll(ada);

  await visit(ada, "/connectors/salesforce");
  await ada.locator("summary", { hasText: "For developers" }).click();
  await expect(ada.getByRole("heading", { name: "Ids" })).toBeVisible();
  await expectNoSidewaysScroll(ada);
});

test("what developers read of a connector has its ids, and a command that works when it is pasted", async ({ ada }) => {
  const account = await haveAccount(ada);
  const wanted = { name: "Terminal", scopes: ["actions:read:openai"], expires_in_days: 30 };
  const { key } = await (await apiOf(ada))<MadeKey>("POST", "/api/v1/api-keys", wanted);
  await visit(ada, "/connectors/openai");
  const developers = ada.locator("details", { hasText: "For developers" });
  await developers.locator("summary").focus();
  await ada.keyboard.press("Enter");
  await expect(developers.getByText(account.id)).toBeVisible();
  await expect(developers.getByText("list_models", { exact: true })).toBeVisible();
  await expectAccessible(ada);
  const command = (await developers.locator("pre").textContent()) ?? "";
  const { stdout } = await promisify(execFile)("bash", ["-c", command], {
    env: { ...process.env, PATCHBAY_KEY: key },
  });
  expect(JSON.parse(stdout)).toMatchObject({ success: true });
});
