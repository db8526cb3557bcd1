import type { Page } from "@playwright/test";
import { root } from "../../scripts/product/paths";
import { type Started, startNext } from "../support/next-server";
import { expectAccessible } from "./support/accessibility";
import { accounts, connect, connectButton, connectDirectly } from "./support/connecting";
import { attemptsOf } from "./support/database";
import { appEnvironment, breakNangoFor, connectionsAtNango } from "./support/product";
import { enterAs } from "./support/signing-in";
import { test as base, expect } from "./support/test";
import { visit } from "./support/visiting";
import { directClients } from "./support/without-nango";

type Installations = Record<"offer" | "auto", Started>;
type Fixtures = { memberOf: (fallback: "offer" | "auto") => Promise<Page> };

/** The product's build with Nango, and an application of the operator's at Shopify for when Nango is away. */
const test = base.extend<Fixtures, { installations: Installations }>({
  installations: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's shape
    async ({}, use) => {
      const start = (fallback: string) =>
        startNext(`product-with-fallback-${fallback}`, root, (origin) => ({
          ...appEnvironment(),
          ...directClients(["shopify"]),
          APP_URL: origin,
          NANGO_FALLBACK: fallback,
        }));
      const installations = { offer: await start("offer"), auto: await start("auto") };
      await use(installations);
      for (const each of Object.values(installations)) await each.stop();
    },
    { scope: "worker", timeout: 240_000 },
  ],
  memberOf: async ({ ada, context, organization, sessionOf, installations }, use) => {
    await use(async (fallback) => {
      const { origin } = installations[fallback];
      await enterAs(context, await sessionOf("Ada Lovelace"), organization, origin);
      await visit(ada, `${origin}/connectors/shopify`);
      return ada;
    });
  },
});

test.describe.configure({ mode: "serial" });

const dialog = (page: Page) => page.getByRole("dialog", { name: "Connect Shopify" });
const goOn = (page: Page) => dialog(page).getByRole("button", { name: "Continue to Shopify" });
const awayFor = { on: "api", effect: "hangup", method: "POST" } as const;

test("the way around Nango asks when it is taken, and is still offered when the questions are left", async ({
  memberOf,
  organization,
  expectConsole,
}) => {
  expectConsole(/status of 50\d .*\/api\/nango\/session/);
  const page = await memberOf("offer");
  const fault = await breakNangoFor(organization, awayFor);
  await connectButton(page, "shopify").click();
  const take = page.getByRole("button", { name: "Connect directly" });
  await take.click();
  await expect(dialog(page)).toContainText("Nango cannot be reached");
  await expectAccessible(page);
  const tries = await attemptsOf(organization.id);
  await page.keyboard.press("Escape");
  await expect(take).toBeFocused();
  expect(await attemptsOf(organization.id)).toBe(tries);

  await take.click();
  await dialog(page).getByRole("textbox").fill("acme");
  const window = await connectDirectly(goOn(page)).consentWindow();
  expect(window.url()).toContain("/acme.myshopify.com/");
  await window.getByRole("button", { name: "Ada Lovelace" }).click();
  await expect(accounts(page)).toHaveCount(1);
  expect(await connectionsAtNango(organization)).toEqual([]);

  // Nango is back, and asks for itself.
  await fault.mend();
  await connect(page, "shopify").open();
  await expect(dialog(page)).toHaveCount(0);
});

test("where Nango is gone around without a question, the page asks before it goes", async ({
  memberOf,
  organization,
  expectConsole,
}) => {
  expectConsole(/status of 422 .*\/api\/nango\/session/);
  const page = await memberOf("auto");
  await breakNangoFor(organization, awayFor);
  await connectButton(page, "shopify").click();
  await expect(dialog(page)).toContainText("Nango cannot be reached");
  const field = dialog(page).getByRole("textbox", { name: "Shop" });
  await expect(field).toBeFocused();
  await expect(field).not.toHaveAttribute("aria-invalid", "true");
  await page.keyboard.press("Escape");
  await expect(connectButton(page, "shopify")).toBeFocused();

  await connectButton(page, "shopify").click();
  await field.fill("acme");
  const window = await connectDirectly(goOn(page)).consentWindow();
  expect(window.url()).toContain("/acme.myshopify.com/");
  await window.getByRole("button", { name: "Ada Lovelace" }).click();
  await expect(accounts(page)).toHaveCount(1);
});
