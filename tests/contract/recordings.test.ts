import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import expectedAnswers from "./expected.json";
import { pause, type Stack, startStack } from "./harness";
import recordedSteps from "./steps.json";

/** A call to the real server, as it was recorded. Later steps use values that earlier ones bound. */
interface Step {
  name: string;
  auth?: string;
  method: string;
  path: string;
  body?: unknown;
  bind?: Record<string, string>;
  webhooks?: boolean;
}
interface Answer {
  status: number;
  body: unknown;
  webhooks?: unknown[];
}

const steps = recordedSteps as Step[];
const expected = expectedAnswers as Record<string, Answer>;

const PLACEHOLDERS: [RegExp, string][] = [
  [/^nango_connect_session_[0-9a-f]{64}$/, "<session_token>"],
  [/^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/, "<timestamp>"],
  [/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, "<uuid>"],
];
const BY_KEY: Record<string, string> = {
  connectUISettings: "<object>",
  message: "<text>",
  environment: "<environment>",
};

/** Puts placeholders where runs differ, and sorts keys and lists, as the recordings were written. */
function normal(value: unknown, key = ""): unknown {
  const fixed = BY_KEY[key];
  if (fixed && value !== undefined) return fixed;
  if (typeof value === "string") {
    if (["connect_link", "logo", "logo_url"].includes(key)) return /^https?:/.test(value) ? "<url>" : value;
    return PLACEHOLDERS.find(([pattern]) => pattern.test(value))?.[1] ?? (key === "log_id" ? "<log_id>" : value);
  }
  if (typeof value === "number" && (key === "id" || key === "environment_id")) return "<int>";
  if (Array.isArray(value)) {
    const entries = value.map((entry) => normal(entry, key));
    return entries.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, entry]) => [name, normal(entry, name)]));
}

describe("the stand-in answers as the real server was recorded to", () => {
  let stack: Stack;
  const bound: Record<string, string> = {};
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack.close());

  const fill = (text: string) => text.replace(/\{\{(\w+)\}\}/g, (_whole, name: string) => bound[name] ?? `<${name}?>`);

  it("knows all 76 recordings", () => {
    expect(steps).toHaveLength(76);
    expect(steps.map((step) => step.name).sort()).toEqual(Object.keys(expected).sort());
  });

  it.each(steps.map((step) => [step.name, step] as const))("%s", async (name, step) => {
    const { nango, receiver } = stack;
    const keys: Record<string, string> = { api_key: nango.apiKey, signing_key: nango.webhookSigningKey };
    const headers: Record<string, string> = {};
    if (step.body !== undefined) headers["content-type"] = "application/json";
    if (step.auth) headers.authorization = `Bearer ${keys[step.auth] ?? fill(step.auth)}`;
    const before = receiver.hooks.length;
    const response = await fetch(nango.host + fill(step.path), {
      method: step.method,
      headers,
      ...(step.body === undefined
        ? {}
        : { body: fill(typeof step.body === "string" ? step.body : JSON.stringify(step.body)) }),
    });
    const text = await response.text();
    const body: unknown = text ? JSON.parse(text) : null;
    for (const [variable, path] of Object.entries(step.bind ?? {})) {
      bound[variable] = path
        .split(".")
        .reduce<unknown>((value, part) => (value as Record<string, unknown>)[part], body) as string;
    }
    const answer: Answer = { status: response.status, body: normal(body) };
    if (step.webhooks) {
      const wanted = expected[name]?.webhooks?.length ?? 0;
      for (let i = 0; i < 40 && receiver.hooks.length < before + wanted; i++) await pause(10);
      await pause(40);
      answer.webhooks = receiver.hooks.slice(before).map((hook) =>
        normal({
          body: hook.body,
          signature_valid:
            hook.headers["x-nango-hmac-sha256"] ===
            createHmac("sha256", nango.webhookSigningKey).update(hook.raw).digest("hex"),
        }),
      );
    }
    expect(answer).toEqual(expected[name]);
  });
});
