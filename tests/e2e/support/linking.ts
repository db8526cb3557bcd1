import { expect, type Page } from "@playwright/test";
import { visit } from "./visiting";

/** Asks somebody from a connector's page. @returns the path of the link, as it was shown the one time */
export async function ask(page: Page, email: string, connector = "openai"): Promise<string> {
  await visit(page, `/connectors/${connector}`);
  await page.getByRole("button", { name: "Ask somebody else to connect" }).click();
  await page.getByRole("textbox", { name: "E-mail address" }).fill(email);
  await page.getByRole("button", { name: "Make the link" }).click();
  const dialog = page.getByRole("dialog", { name: `The link for ${email}` });
  const address = await dialog.getByRole("textbox", { name: "Link" }).inputValue();
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(dialog).toHaveCount(0);
  return new URL(address).pathname;
}
