import { defineConfig } from "@playwright/test";
import { findChromium } from "./scripts/test/chromium";

export default defineConfig({
  testDir: "tests/e2e",
  globalSetup: "./tests/e2e/support/start-product.ts",
  // Each test has an organisation of its own (see tests/e2e/support/test.ts), so tests and workers do not meet.
  workers: 2,
  fullyParallel: true,
  // Long enough for a machine that is busy with something else: what is tested is never how fast it is.
  timeout: 240_000,
  expect: { timeout: 30_000 },
  retries: 0,
  forbidOnly: true,
  use: {
    // A trace costs about a third of the time, so it is made on request.
    trace: process.env.PATCHBAY_E2E_TRACE ? "retain-on-failure" : "off",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: findChromium(),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
