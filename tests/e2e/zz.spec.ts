import { expect, test } from "./support/test";
test("x", async ({ page, ada, expectConsole }) => {
  expectConsole(/./);
  await page.route("**/__clerk/npm/**", (route) => route.abort());
  await page.clock.install();
  let s = Date.now();
  await ada.goto("/connectors");
  await expect(async () => { await page.clock.runFor(5_000); await expect(ada.getByText("Your account could not be loaded.")).toBeVisible({timeout: 300}); }).toPass({timeout: 20000});
  console.log("app", Date.now() - s);
  s = Date.now();
  await ada.context().clearCookies();
  await page.goto("/sign-in");
  await expect(async () => { await page.clock.runFor(5_000); await expect(page.getByText("Signing in is not possible just now")).toBeVisible({timeout: 300}); }).toPass({timeout: 20000});
  console.log("sign-in", Date.now() - s);
});
