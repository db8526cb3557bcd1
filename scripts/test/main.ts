/**
 * Runs the static checks, the server-side tests (vitest) and the browser tests (Playwright), and adds up what they
 * report. A runner that dies without a report counts as a failure, and so does a run in which nothing was tested.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../product/paths";
import { type Outcome, playwrightOutcome, vitestOutcome } from "./reports";

const filters = process.argv.slice(2);
const reports = mkdtempSync(join(tmpdir(), "patchbay-test-"));

/** Each is a command that ends with status 0 when all is well; one check counts as one test. */
const checks = [
  () => command("types", "typescript/bin/tsc", ["--noEmit"]),
  () => command("lint", "@biomejs/biome/bin/biome", ["check", "--error-on-warnings", "--diagnostic-level=warn"]),
  () => command("unused code", "knip/bin/knip.js", []),
];

const total: Outcome = { passed: 0, failed: 0, failures: [] };
const add = (outcome: Outcome) => {
  total.passed += outcome.passed;
  total.failed += outcome.failed;
  total.failures.push(...outcome.failures);
};

if (!filters.length) for (const check of checks) add(await check());
add(await vitest(join(reports, "vitest.json")));
add(await playwright(join(reports, "playwright.json")));
rmSync(reports, { recursive: true, force: true });
if (total.passed + total.failed === 0) add({ passed: 0, failed: 1, failures: ["nothing was tested"] });
// Once more at the end, where whoever sees only the last lines of a log finds them.
for (const failure of total.failures) console.log(`✗ ${failure}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed ? 1 : 0);

async function command(name: string, entry: string, args: string[]): Promise<Outcome> {
  const ok = (await run(entry, args)) === 0;
  if (!ok) return { passed: 0, failed: 1, failures: [name] };
  console.log(`✓ ${name}`);
  return { passed: 1, failed: 0, failures: [] };
}

async function vitest(report: string): Promise<Outcome> {
  const status = await run("vitest/vitest.mjs", [
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    "--passWithNoTests",
    ...filters,
  ]);
  return vitestOutcome(report, status);
}

async function playwright(report: string): Promise<Outcome> {
  const status = await run(
    "@playwright/test/cli.js",
    ["test", "--reporter=list,json", "--pass-with-no-tests", ...filters],
    { PLAYWRIGHT_JSON_OUTPUT_NAME: report },
  );
  return playwrightOutcome(report, status);
}

function run(entry: string, args: string[], env: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, "node_modules", entry), ...args], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", "inherit", "inherit"],
    });
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => child.kill(signal));
    child.once("error", () => resolve(1));
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
