import { expect, type Page } from "@playwright/test";

/**
 * Opens a signed-in page and waits until it answers to clicks. A person would not be so quick, and what is pressed
 * before React has taken over is lost.
 */
export async function visit(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await becomesLive(page);
}

/** Loads the page again, and waits likewise. */
export async function reload(page: Page): Promise<void> {
  await page.reload();
  await becomesLive(page);
}

async function becomesLive(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.waitForFunction(() => {
    const isLive = (element: Element) => Object.keys(element).some((key) => key.startsWith("__reactProps$"));
    return [...document.querySelectorAll("main button, main input, main select")].every(isLive);
  });
  // Effects run after that, and what they set is drawn after them: a press in between would be lost as well.
  await page.evaluate(async () => {
    for (let turn = 0; turn < 3; turn++) await new Promise((done) => setTimeout(done, 20));
  });
}
