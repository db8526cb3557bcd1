/** Reads what the test runners report, as counts and as one line for each failure. */
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { root } from "../product/paths";

export type Outcome = { passed: number; failed: number; failures: string[] };

type VitestReport = {
  numPassedTests: number;
  numFailedTests: number;
  numFailedTestSuites: number;
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
  }[];
};

type Suite = {
  suites?: Suite[];
  specs?: { title: string; file: string; ok: boolean; tests: { results: { error?: { message?: string } }[] }[] }[];
};

type PlaywrightReport = {
  stats: { expected: number; unexpected: number; flaky: number };
  errors: { message?: string }[];
  suites: Suite[];
};

/**
 * @param path the JSON report of vitest
 * @param status the status vitest ended with
 * @returns a runner that died without a report, or a file that could not be loaded, counts as a failure
 */
export function vitestOutcome(path: string, status: number): Outcome {
  const report = read<VitestReport>(path);
  if (!report) return noReport("vitest", status);
  // A file that cannot be loaded has no test that could fail; the status tells of it.
  const failed = report.numFailedTests || (status === 0 ? 0 : Math.max(1, report.numFailedTestSuites));
  const failures = report.testResults.flatMap((file) => {
    const tests = file.assertionResults.filter((test) => test.status === "failed");
    if (tests.length) return tests.map((test) => line(file.name, test.fullName, test.failureMessages[0]));
    return file.status === "failed" ? [line(file.name, "could not be run", file.message)] : [];
  });
  return { passed: report.numPassedTests, failed, failures };
}

/**
 * @param path the JSON report of Playwright
 * @param status the status Playwright ended with
 * @returns a test that passes only at its second try counts as a failure: it failed once for no known reason
 */
export function playwrightOutcome(path: string, status: number): Outcome {
  const report = read<PlaywrightReport>(path);
  if (!report) return noReport("playwright", status);
  const failed = report.stats.unexpected + report.stats.flaky + report.errors.length;
  const failures = specs(report.suites)
    .filter((spec) => !spec.ok || spec.tests.some((test) => test.results.length > 1))
    .map((spec) => {
      const results = spec.tests.flatMap((test) => test.results);
      return line(`tests/e2e/${spec.file}`, spec.title, results.find((result) => result.error)?.error?.message);
    });
  failures.push(...report.errors.map((error) => line("playwright", "", error.message)));
  return { passed: report.stats.expected, failed: failed || (status === 0 ? 0 : 1), failures };
}

function specs(suites: Suite[]): NonNullable<Suite["specs"]> {
  return suites.flatMap((suite) => [...(suite.specs ?? []), ...specs(suite.suites ?? [])]);
}

function noReport(runner: string, status: number): Outcome {
  return { passed: 0, failed: 1, failures: [`${runner} ended with status ${status} and without a report`] };
}

function line(file: string, title: string, message = ""): string {
  const [first = ""] = stripVTControlCharacters(message).split("\n");
  const place = file.startsWith("/") ? relative(root, file) : file;
  return [place, title, first.slice(0, 300)].filter(Boolean).join(" › ");
}

function read<T>(path: string): T | null {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as T;
  } catch {
    return null;
  }
}
