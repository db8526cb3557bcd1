import type { Page } from "@playwright/test";
import { haveAccount } from "./support/arranging";
import { expect, test } from "./support/test";
import { visit } from "./support/visiting";

const cards = (page: Page) => page.locator("[data-connector]");
const card = (page: Page, connector: string) => page.locator(`[data-connector="${connector}"]`);
const search = (page: Page) => page.getByRole("searchbox", { name: "Search connectors" });
const categories = (page: Page) => page.getByRole("navigation", { name: "Categories" });

test("the catalogue shows the first sixty connectors by category, and the rest on demand", async ({ ada }) => {
  await visit(ada, "/connectors");
  await expect(cards(ada)).toHaveCount(60);
  await expect(categories(ada).getByRole("link")).toHaveCount(13);
  await expect(categories(ada).getByRole("link", { name: "All" })).toContainText("99");
  await expect(categories(ada).getByRole("link", { name: "Communication" })).toContainText("15");
  await ada.getByRole("button", { name: "Show 39 more" }).click();
  await expect(cards(ada)).toHaveCount(99);
  // How each is connected stands on one line, and none of it is cut off.
  const cutOff = await cards(ada)
    .locator("ul")
    .evaluateAll((lists) =>
      lists.flatMap((list) => {
        const { right, bottom } = list.getBoundingClientRect();
        return [...list.querySelectorAll(".chip")]
          .filter((chip) => chip.getBoundingClientRect().right > right || chip.getBoundingClientRect().bottom > bottom)
          .map((chip) => chip.closest("[data-connector]")?.getAttribute("data-connector"));
      }),
    );
  expect(cutOff).toEqual([]);
});

test("a card says what it connects, how, and through what", async ({ ada }) => {
  await visit(ada, "/connectors?q=github");
  const github = card(ada, "github");
  await expect(github.getByRole("heading", { name: "GitHub" })).toBeVisible();
  await expect(github.getByRole("list", { name: "How it connects" })).toHaveText("OAuthNango");
  await expect(github.locator("img")).toHaveJSProperty("complete", true);
  await expect(github.getByRole("button", { name: "Connect GitHub" })).toBeVisible();
});

test("a search finds a connector in spite of a typo, and the URL follows", async ({ ada }) => {
  await visit(ada, "/connectors");
  await search(ada).fill("githbu");
  await expect(cards(ada).first()).toHaveAttribute("data-connector", "github");
  await expect(ada).toHaveURL(/\?q=githbu$/);
});

test("a search by what should be done finds the connectors that can do it", async ({ ada }) => {
  await visit(ada, "/connectors");
  await search(ada).fill("create issue");
  await expect(card(ada, "github")).toBeVisible();
  await expect(card(ada, "linear")).toBeVisible();
  await search(ada).fill("send sms");
  await expect(card(ada, "twilio")).toBeVisible();
});

test("categories, status and way to sign in narrow the list, in the URL, and Back widens it again", async ({ ada }) => {
  await haveAccount(ada);
  await visit(ada, "/connectors");
  await expect(ada.getByRole("region", { name: "Connected" }).locator("[data-connector]")).toHaveCount(1);

  await categories(ada).getByRole("link", { name: "AI" }).click();
  await expect(cards(ada)).toHaveCount(6);
  await ada.getByLabel("Way to sign in").selectOption("API key");
  await ada.getByRole("button", { name: "Connected", exact: false }).first().click();
  await expect(cards(ada)).toHaveCount(1);
  await expect(card(ada, "openai")).toBeVisible();
  await expect(ada).toHaveURL(/\?category=ai&status=connected&auth=api_key$/);

  await ada.goBack();
  await ada.goBack();
  await expect(cards(ada)).toHaveCount(6);
  await expect(ada).toHaveURL(/\?category=ai$/);
});

test("a link holds the whole view: search, category, status and way to sign in", async ({ ada }) => {
  await haveAccount(ada);
  await visit(ada, "/connectors?q=open&category=ai&status=connected&auth=api_key");
  await expect(search(ada)).toHaveValue("open");
  await expect(categories(ada).getByRole("link", { name: "AI" })).toHaveAttribute("aria-current", "true");
  await expect(ada.getByRole("button", { name: /^Connected/ })).toHaveAttribute("aria-pressed", "true");
  await expect(ada.getByLabel("Way to sign in")).toHaveValue("api_key");
  await expect(cards(ada)).toHaveCount(1);
  await expect(card(ada, "openai")).toContainText("Connected");
});

test("a search without a match says so and leads back to all connectors", async ({ ada }) => {
  await visit(ada, "/connectors?q=zzzzqqqq");
  await expect(ada.getByRole("heading", { name: "Nothing found for “zzzzqqqq”" })).toBeVisible();
  await ada.getByRole("button", { name: "Show all connectors" }).click();
  await expect(cards(ada)).toHaveCount(60);
  await expect(search(ada)).toHaveValue("");
});

test("a connector's page says what it can do, what it asks for and what to have ready", async ({ ada }) => {
  await visit(ada, "/connectors?q=github");
  await card(ada, "github").getByRole("link", { name: "GitHub" }).click();
  await expect(ada).toHaveURL(/\/connectors\/github$/);
  await expect(ada).toHaveTitle(/^GitHub/);
  const main = ada.getByRole("main");
  await expect(main.getByRole("region", { name: "What it can do" })).toContainText("Create an issue");
  await expect(main.getByRole("region", { name: "Before you connect" })).toContainText("It will ask to");
  await expect(main).toContainText("No account of GitHub is connected yet.");
});
