/**
 * Runs the reliability tests and the simulation with their full numbers (SOAK=1), one file after the other, and adds up
 * what they report. Takes an hour or two. File names as arguments run only those whose path holds one of them.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../product/paths";

type Report = { numPassedTests: number; numFailedTests: number; numFailedTestSuites: number };

const filters = process.argv.slice(2);
const files = ["tests/reliability", "tests/soak"]
  .flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith(".test.ts"))
      .sort()
      .map((name) => `${folder}/${name}`),
  )
  .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)));

let running: ChildProcess | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    running?.kill(signal);
    process.exit(1);
  });
}

const reports = mkdtempSync(join(tmpdir(), "patchbay-soak-"));
const total = { passed: 0, failed: 0 };
for (const [index, file] of files.entries()) {
  console.log(`\n[${index + 1}/${files.length}] ${file}`);
  const began = performance.now();
  const report = join(reports, `${index}.json`);
  const status = await vitest(file, report);
  const { passed, failed } = counts(report, status);
  total.passed += passed;
  total.failed += failed;
  const seconds = Math.round((performance.now() - began) / 1_000);
  console.log(`${failed ? "✗" : "✓"} ${file}: ${passed} passed, ${failed} failed, ${seconds} s`);
}
rmSync(reports, { recursive: true, force: true });
if (total.passed + total.failed === 0) total.failed = 1;
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed ? 1 : 0);

/** A run that dies without a report has failed. */
function counts(report: string, status: number): { passed: number; failed: number } {
  try {
    const read = JSON.parse(readFileSync(report, "utf8")) as Report;
    const failed = read.numFailedTests || (status === 0 ? 0 : Math.max(1, read.numFailedTestSuites));
    return { passed: read.numPassedTests, failed };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

function vitest(file: string, report: string): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [
        join(root, "node_modules/vitest/vitest.mjs"),
        "run",
        "--reporter=default",
        "--reporter=json",
        `--outputFile.json=${report}`,
        file,
      ],
      { cwd: root, env: { ...process.env, SOAK: "1" }, stdio: ["ignore", "inherit", "inherit"] },
    );
    running = child;
    child.once("error", () => resolve(1));
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
