import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Operation } from "@/lib/api/operation";
import { operations } from "@/lib/api/operations/all";
import { blocksOf, canRun, difference, runExamples } from "@/tests/support/doc-examples";
import { type ApiWorld, openApiWorld } from "./api-world";

let world: ApiWorld;
let key: string;

beforeAll(async () => {
  world = await openApiWorld();
  const { server, go, ada } = world;
  const session = await go.start(ada, "twilio");
  const credentials = { username: `AC${"0".repeat(32)}`, password: "secret" };
  await go.confirm(ada, session.attemptId, await server.complete(session, "twilio", credentials));
  // As Twilio answers, whatever it is asked.
  server.provider.answerWith(200, {
    sid: "SM5ef8732a3c49700934481addd5ce1659",
    status: "queued",
    to: "+4915112345678",
  });
  key = await world.key(["connectors:read", "connections:read", "connections:write", "actions:run:twilio"]);
});
afterAll(() => world?.close());

/** As the page has it: one line for each call, in the order of addresses. */
function callTable(): string[] {
  const order = ["GET", "POST", "PATCH", "DELETE"];
  const scope = ({ scope: needed }: Operation) =>
    needed === null
      ? "_people_"
      : `\`${needed === "actions" ? "actions:…" : needed.replaceAll("{slug}", "<connector>")}\``;
  const rows = [...operations]
    .sort((a, b) => a.path.localeCompare(b.path, "en") || order.indexOf(a.method) - order.indexOf(b.method))
    .map((each) => [`\`${each.method} ${each.path}\``, scope(each), each.summary]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`);
}

describe("docs/api.md", () => {
  it("has examples that work", async () => {
    expect(await runExamples("docs/api.md", { PATCHBAY_URL: world.http.url, PATCHBAY_KEY: key })).toBe(11);
  });

  it("lists every call with its scope", async () => {
    const page = await readFile("docs/api.md", "utf8");
    const listed = page.split("\n").filter((line) => /^\| `(GET|POST|PATCH|DELETE) /.test(line));
    expect(listed).toEqual(callTable());
  });
});

it("docs/connectors.md has examples that work", async () => {
  expect(await runExamples("docs/connectors.md", { PATCHBAY_URL: world.http.url, PATCHBAY_KEY: key })).toBe(2);
});

describe("an example", () => {
  it("on any page of docs is run by a test, or says that it is only shown", async () => {
    const tests = readdirSync("tests", { recursive: true, encoding: "utf8" }).filter((file) =>
      /\.test\.ts$/.test(file),
    );
    const sources = tests.map((file) => readFileSync(join("tests", file), "utf8")).join("\n");
    for (const page of readdirSync("docs").filter((file) => file.endsWith(".md"))) {
      const blocks = blocksOf(await readFile(join("docs", page), "utf8"));
      const unmarked = blocks.filter(({ language, mark }) => canRun(language) && mark !== "run" && mark !== "shown");
      expect(unmarked, page).toEqual([]);
      if (blocks.some(({ mark }) => mark === "run")) expect(sources, page).toContain(`runExamples("docs/${page}"`);
    }
  });

  const page = ["```bash run", "exit 3", "```", "```json output", "{}", "```", "```ts", "x", "```", ""].join("\n");

  it("is found with its language, its mark and its line", () => {
    expect(blocksOf(page).map(({ language, mark, line }) => [language, mark, line])).toEqual([
      ["bash", "run", 1],
      ["json", "output", 4],
      ["ts", "", 7],
    ]);
  });

  it("that shows other output than there is differs by what says something", () => {
    expect(difference({ a: [1, "x"], id: "1" }, { a: [2, "y"], id: "2" })).toBeNull();
    expect(difference({ ok: true }, { ok: false })).toContain("$.ok");
    expect(difference({ code: "a" }, { code: "b" })).toContain("$.code");
    expect(difference({ a: 1 }, { a: "1" })).toContain("$.a is string");
    expect(difference({ a: 1 }, { a: 1, b: 2 })).toContain("a, b");
    expect(difference([1], [])).toContain("empty");
    expect(difference([{ a: 1 }], [{ a: 1 }, { b: 1 }])).toContain("$[1]");
  });
});
