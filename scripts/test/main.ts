/**
 * Runs the static checks, the server-side tests (vitest) and the browser tests (Playwright), and adds up what they
 * report. A runner that dies without a report counts as a failure, and so does a run in which nothing was tested.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../product/paths";

type Counts = { passed: number; failed: number };

const filters = process.argv.slice(2);
const reports = mkdtempSync(join(tmpdir(), "patchbay-test-"));

/** Each is a command that ends with status 0 when all is well; one check counts as one test. */
const checks = [
  () => command("types", "typescript/bin/tsc", ["--noEmit"]),
  () => command("lint", "@biomejs/biome/bin/biome", ["check", "--error-on-warnings", "--diagnostic-level=warn"]),
  () => command("unused code", "knip/bin/knip.js", []),
];

const total: Counts = { passed: 0, failed: 0 };
const add = (counts: Counts) => {
  total.passed += counts.passed;
  total.failed += counts.failed;
};

if (!filters.length) for (const check of checks) add(await check());
add(await vitest(join(reports, "vitest.json")));
add(await playwright(join(reports, "playwright.json")));
rmSync(reports, { recursive: true, force: true });
if (total.passed + total.failed === 0) total.failed = 1;
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed ? 1 : 0);

async function command(name: string, entry: string, args: string[]): Promise<Counts> {
  const ok = (await run(entry, args)) === 0;
  console.log(`${ok ? "✓" : "✗"} ${name}`);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
}

async function vitest(report: string): Promise<Counts> {
  const status = await run("vitest/vitest.mjs", [
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    "--passWithNoTests",
    ...filters,
  ]);
  const result = read<{ numPassedTests: number; numFailedTests: number; numFailedTestSuites: number }>(report);
  if (!result) return { passed: 0, failed: 1 };
  // A file that cannot be loaded has no test that could fail; the status tells of it.
  const failed = result.numFailedTests || (status === 0 ? 0 : Math.max(1, result.numFailedTestSuites));
  return { passed: result.numPassedTests, failed };
}

async function playwright(report: string): Promise<Counts> {
  const status = await run(
    "@playwright/test/cli.js",
    ["test", "--reporter=list,json", "--pass-with-no-tests", ...filters],
    { PLAYWRIGHT_JSON_OUTPUT_NAME: report },
  );
  const result = read<{ stats: { expected: number; unexpected: number; flaky: number }; errors: unknown[] }>(report);
  if (!result) return { passed: 0, failed: 1 };
  // A test that passes only at its second try has failed once for no known reason.
  const failed = result.stats.unexpected + result.stats.flaky + result.errors.length;
  return { passed: result.stats.expected, failed: failed || (status === 0 ? 0 : 1) };
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

function read<T>(path: string): T | null {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as T;
  } catch {
    return null;
  }
}
