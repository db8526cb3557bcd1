/** Finds a Chromium for the browser tests, or installs one. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chromium } from "@playwright/test";

const systemPaths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/**
 * @returns the executable, or undefined for Playwright's own
 * @throws Error with what to do when there is none and none can be installed
 */
export function findChromium(): string | undefined {
  const system = systemPaths.find((path) => existsSync(path));
  if (system) return system;
  if (existsSync(chromium.executablePath())) return undefined;

  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    console.log("Installing Debian's chromium …");
    const quiet = { stdio: ["ignore", "ignore", "inherit"] as ["ignore", "ignore", "inherit"] };
    spawnSync("apt-get", ["update", "-qq"], quiet);
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], { ...quiet, env });
    const installed = systemPaths.find((path) => existsSync(path));
    if (installed) return installed;
  }
  console.log("Installing Playwright's Chromium …");
  spawnSync("npx", ["playwright", "install", "chromium"], { stdio: ["ignore", "inherit", "inherit"] });
  if (existsSync(chromium.executablePath())) return undefined;
  throw new Error(
    "No Chromium was found and none could be installed: install chromium, or run `npx playwright install chromium`.",
  );
}
