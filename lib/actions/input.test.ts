import { describe, expect, it } from "vitest";
import type { Action } from "@/lib/actions/find";
import { checkInput, type Issue } from "@/lib/actions/input";
import { manifests } from "@/lib/catalogue/manifests";
import { AppError } from "@/lib/errors";
import { exampleOf, keywordsOf, withWrong, wrongsOf } from "@/tests/support/schema-examples";

const all = [...manifests.values()].flatMap(({ slug, actions }) =>
  Object.entries(actions).map(([name, action]) => ({ name: `${slug} ${name}`, action })),
);
const action = (connector: string, name: string): Action => manifests.get(connector)?.actions[name] as Action;

/** What an input was refused with; null when it was taken. */
function refusal(of: Action, input: Record<string, unknown>): AppError | null {
  try {
    checkInput(of, input);
    return null;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}
const issuesOf = (error: AppError | null) => (error?.details?.issues ?? []) as unknown as Issue[];

describe("the input of an action", () => {
  it("is taken as its schema has it, with every field and with the required ones alone: all actions", () => {
    expect(all.length).toBeGreaterThan(300);
    for (const { name, action: each } of all) {
      for (const whole of [true, false]) {
        const input = exampleOf(each.input_schema, whole) as Record<string, unknown>;
        expect(refusal(each, input)?.details, name).toBeUndefined();
        expect(checkInput(each, input), name).toMatchObject(input);
      }
    }
  });

  it("is refused for each keyword of each schema, saying where", () => {
    const used = new Set(all.flatMap(({ action: each }) => [...keywordsOf(each.input_schema)]));
    const broken = new Set<string>();
    for (const { name, action: each } of all) {
      const example = exampleOf(each.input_schema);
      for (const wrong of wrongsOf(each.input_schema)) {
        if (wrong.path.length === 0) continue;
        const what = `${name}: ${wrong.keyword} of ${wrong.path.join(".")}`;
        const error = refusal(each, withWrong(example, wrong));
        expect(error?.code, what).toBe("action_invalid_input");
        expect(
          issuesOf(error)
            .map(({ path }) => path)
            .some((path) => path.startsWith(wrong.path.join("."))),
          what,
        ).toBe(true);
        broken.add(wrong.keyword);
      }
    }
    // These say something without demanding it, or are demanded through another.
    const silent = ["description", "default", "properties", "items"];
    expect([...used].filter((keyword) => !broken.has(keyword)).sort()).toEqual(
      silent.filter((each) => used.has(each)).sort(),
    );
  });

  it("gets the defaults that the schema names", () => {
    const busy = checkInput(action("google-calendar", "list_events"), {});
    expect(busy.calendarId).toBe("primary");
  });

  it("names each unknown field, and no more than twenty problems", () => {
    const input = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`field${at}`, at]));
    const issues = issuesOf(refusal(action("gmail", "list_labels"), input));
    expect(issues).toHaveLength(20);
    expect(issues[0]).toEqual({ path: "field0", message: "There is no such field." });
    expect(issuesOf(refusal(action("gmail", "list_labels"), { constructor: 1 }))).toHaveLength(1);
  });

  it("is refused when it is nested without end or too large, before anything else looks at it", () => {
    let deep: unknown = "x";
    for (let level = 0; level < 100_000; level++) deep = [deep];
    const attio = action("attio", "query_records");
    expect(issuesOf(refusal(attio, { object: "people", filter: { deep } }))[0]?.message).toMatch(/Nested/);
    expect(refusal(attio, { object: "people", filter: { text: "x".repeat(1024 * 1024) } })?.code).toBe(
      "payload_too_large",
    );
  });
});
