import { accounts, connect } from "./support/connecting";
import { addMember, addPerson } from "./support/product";
import { fillSignInForm } from "./support/signing-in";
import { expect, test, uniqueName } from "./support/test";
import { visit } from "./support/visiting";

test("a person signs in by the form and out again", async ({ page, organization, expectConsole }) => {
  expectConsole(/status of 422 .*\/__clerk\/v1\/client\/sign_ins/);
  const person = await addPerson("Mary", "Somerville");
  await addMember(organization, person, "member");
  await page.goto("/sign-in");
  await fillSignInForm(page, person.email, "not-the-password");
  await expect(page.locator("#error-password")).toContainText("Password is incorrect. Try again.");
  await page.locator("input[name=password]").fill(person.password);
  await page.getByRole("button", { name: "Continue", exact: true }).click();

  await expect(page).toHaveURL(/\/connectors$/);
  await expect(page.getByRole("heading", { level: 1, name: "Connectors" })).toBeVisible();
  await expect(page.locator(".cl-organizationSwitcherTrigger")).toContainText(organization.name);

  await page.locator(".cl-userButtonTrigger").click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/$/);
  await page.goto("/connections");
  await expect(page).toHaveURL(/\/sign-in/);
});

test("a signed-out visitor is sent to sign in and comes back to the page that was asked for", async ({
  page,
  organization,
}) => {
  const person = await addPerson("Mary", "Somerville");
  await addMember(organization, person, "member");
  await page.goto("/connectors?q=github&auth=oauth");
  await expect(page).toHaveURL(/\/sign-in\?redirect_url=/);
  await fillSignInForm(page, person.email, person.password);
  await expect(page).toHaveURL(/\/connectors\?q=github&auth=oauth$/);
  await expect(page.locator('[data-connector="github"]')).toBeVisible();
});

test("a link to sign in that would lead to another site leads to the catalogue", async ({ page, organization }) => {
  const person = await addPerson("Mary", "Somerville");
  await addMember(organization, person, "member");
  await page.goto(`/sign-in?redirect_url=${encodeURIComponent("https://evil.example/steal")}`);
  await fillSignInForm(page, person.email, person.password);
  await expect(page.getByRole("heading", { level: 1, name: "Connectors" })).toBeVisible();
});

test("a newcomer signs up and creates an organisation, which then owns what is connected", async ({ page }) => {
  const name = uniqueName();
  await page.goto("/sign-up");
  await page.locator("input[name=emailAddress]").fill(`newcomer-${Date.now()}@example.test`);
  await page.locator("input[name=password]").fill("patchbay-newcomer-1");
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await expect(page).toHaveURL(/\/connectors$/);

  await page.locator(".cl-organizationSwitcherTrigger").click();
  await page
    .getByRole("menuitem", { name: "Create organization" })
    .or(page.getByRole("button", { name: "Create organization" }))
    .click();
  await page.locator("input[name=name]").fill(name);
  await page.getByRole("button", { name: "Create organization", exact: true }).click();
  await expect(page.locator(".cl-organizationSwitcherTrigger")).toContainText(name);
  await visit(page, "/connectors/openai");
  await connect(page, "openai").fill({ "API Key": "sk-standin-newcomer" });
  await expect(accounts(page, "OpenAI 1")).toContainText(`Everyone in ${name}`);
});
