import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** No accessibility finding on the page as it is, in either theme. Clerk's parts and Nango's frame are theirs. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    // A page without the theme's script looks the same in both.
    if (await page.locator("html.light, html.dark").count()) {
      await expect(page.locator("html")).toHaveClass(new RegExp(`\\b${colorScheme}\\b`));
    }
    const { violations } = await new AxeBuilder({ page })
      .options({ resultTypes: ["violations"] })
      .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
      .exclude(".cl-rootBox")
      .exclude("iframe")
      // Frames are left out, and looking into them would take as long as all the rules.
      .setLegacyMode(true)
      .analyze();
    const findings = violations.map(
      ({ id, nodes }) => `${colorScheme} ${id}: ${nodes.map(({ target }) => target).join(", ")}`,
    );
    expect(findings).toEqual([]);
  }
}

/** Nothing reaches over the right edge, at the width of the smallest phones. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const { content, window: width } = await page.evaluate(() => ({
    content: document.documentElement.scrollWidth,
    window: document.documentElement.clientWidth,
  }));
  expect(content, `${page.url()} is wider than the window`).toBeLessThanOrEqual(width);
}
