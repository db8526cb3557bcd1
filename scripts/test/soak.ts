/**
 * Runs the reliability tests and the simulation with their full numbers (SOAK=1), one file after the other, and adds up
 * what they report. Takes an hour or two. File names as arguments run only those whose path holds one of them.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../product/paths";
import { type Outcome, vitestOutcome } from "./reports";

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
const total: Outcome = { passed: 0, failed: 0, failures: [] };
for (const [index, file] of files.entries()) {
  console.log(`\n[${index + 1}/${files.length}] ${file}`);
  const began = performance.now();
  const report = join(reports, `${index}.json`);
  const status = await vitest(file, report);
  const { passed, failed, failures } = vitestOutcome(report, status);
  total.passed += passed;
  total.failed += failed;
  total.failures.push(...failures);
  const seconds = Math.round((performance.now() - began) / 1_000);
  console.log(`${failed ? "✗" : "✓"} ${file}: ${passed} passed, ${failed} failed, ${seconds} s`);
}
rmSync(reports, { recursive: true, force: true });
if (total.passed + total.failed === 0) total.failed = 1;
for (const failure of total.failures) console.log(`✗ ${failure}`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed ? 1 : 0);

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
