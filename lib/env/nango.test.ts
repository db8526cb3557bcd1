import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseEnvironment } from "@/lib/env";
import { nangoAliases } from "@/lib/env/nango";
import { type Settings, settings } from "@/tests/support/settings";

const a = "11111111-aaaa-4111-8111-111111111111";
const b = "22222222-bbbb-4222-8222-222222222222";

/** The settings of a test with none of Nango's but these. */
const parse = (nango: Settings) =>
  parseEnvironment({
    ...settings({ NANGO_HOST: undefined, NANGO_SECRET_KEY: undefined, NANGO_WEBHOOK_SIGNING_KEY: undefined }),
    ...nango,
  }).nango;

describe("Nango's settings", () => {
  it.each<[string, Settings, string]>([
    ["nothing", {}, "https://api.nango.dev"],
    ["NANGO_HOST", { NANGO_HOST: "https://host.test" }, "https://host.test"],
    ["NANGO_URL", { NANGO_URL: "https://url.test/" }, "https://url.test"],
    ["NANGO_BASE_URL", { NANGO_BASE_URL: "https://base.test" }, "https://base.test"],
    ["NANGO_API_BASE", { NANGO_API_BASE: "https://api-base.test" }, "https://api-base.test"],
    [
      "NANGO_API_BASE before all others",
      {
        NANGO_BASE_URL: "https://base.test",
        NANGO_URL: "https://url.test",
        NANGO_HOST: "https://host.test",
        NANGO_API_BASE: "https://api-base.test",
      },
      "https://api-base.test",
    ],
    [
      "NANGO_HOST before NANGO_URL and NANGO_BASE_URL",
      { NANGO_BASE_URL: "https://base.test", NANGO_URL: "https://url.test", NANGO_HOST: "https://host.test" },
      "https://host.test",
    ],
    ["an empty name as none", { NANGO_API_BASE: " ", NANGO_HOST: "https://host.test" }, "https://host.test"],
    [
      "the one of the chosen environment",
      { NANGO_ENV: "prod", NANGO_HOST_DEV: "http://127.0.0.1:3003", NANGO_HOST_PROD: "https://nango.acme.test" },
      "https://nango.acme.test",
    ],
    [
      "the other one, when that is chosen",
      { NANGO_ENV: "dev", NANGO_HOST_DEV: "http://127.0.0.1:3003", NANGO_HOST_PROD: "https://nango.acme.test" },
      "http://127.0.0.1:3003",
    ],
    [
      "the environment's long name, in capitals",
      { NANGO_ENV: "PRODUCTION", NANGO_URL_PROD: "https://nango.acme.test" },
      "https://nango.acme.test",
    ],
    [
      "the environment's before one that counts for both",
      { NANGO_ENV: "prod", NANGO_API_BASE: "https://both.test", NANGO_BASE_URL_PROD: "https://nango.acme.test" },
      "https://nango.acme.test",
    ],
    [
      "NANGO_API_BASE first among the environment's",
      { NANGO_ENV: "dev", NANGO_HOST_DEV: "https://host.test", NANGO_API_BASE_DEV: "https://api-base.test" },
      "https://api-base.test",
    ],
    ["what counts for both", { NANGO_ENV: "prod", NANGO_HOST: "https://both.test" }, "https://both.test"],
    [
      "no environment's without NANGO_ENV",
      { NANGO_HOST: "https://both.test", NANGO_HOST_PROD: "https://nango.acme.test" },
      "https://both.test",
    ],
  ])("take as host: %s", (_, given, expected) => {
    expect(parse(given).host).toBe(expected);
  });

  it.each<[string, Settings, { apiKey?: string; webhookSigningKey?: string; enabled?: boolean }]>([
    ["the key", { NANGO_SECRET_KEY: a }, { apiKey: a, enabled: true }],
    [
      "the key of the environment",
      { NANGO_ENV: "dev", NANGO_SECRET_KEY_DEV: a, NANGO_SECRET_KEY_PROD: b },
      { apiKey: a },
    ],
    [
      "the key of the other environment",
      { NANGO_ENV: "prod", NANGO_SECRET_KEY_DEV: a, NANGO_SECRET_KEY_PROD: b },
      { apiKey: b },
    ],
    [
      "the key of the environment before the one for both",
      { NANGO_ENV: "prod", NANGO_SECRET_KEY: a, NANGO_SECRET_KEY_PROD: b },
      { apiKey: b },
    ],
    [
      "the webhook's secret by its other name",
      { NANGO_SECRET_KEY: a, NANGO_WEBHOOK_SECRET: "hook" },
      { webhookSigningKey: "hook" },
    ],
    [
      "the webhook's signing key before its other name",
      { NANGO_SECRET_KEY: a, NANGO_WEBHOOK_SECRET: "hook", NANGO_WEBHOOK_SIGNING_KEY: "signing" },
      { webhookSigningKey: "signing" },
    ],
    [
      "the environment's webhook secret before a signing key for both",
      {
        NANGO_ENV: "prod",
        NANGO_SECRET_KEY: a,
        NANGO_WEBHOOK_SIGNING_KEY: "signing",
        NANGO_WEBHOOK_SECRET_PROD: "hook",
      },
      { webhookSigningKey: "hook" },
    ],
    ["no key at all as doing without", { NANGO_URL: "https://url.test" }, { apiKey: "", enabled: false }],
    [
      "NANGO_ENABLED=false before every key",
      { NANGO_ENABLED: "false", NANGO_ENV: "prod", NANGO_SECRET_KEY_PROD: b },
      { enabled: false },
    ],
    [
      "half of an environment, where Nango is switched off",
      { NANGO_ENABLED: "0", NANGO_ENV: "prod", NANGO_SECRET_KEY_DEV: a },
      { enabled: false },
    ],
  ])("take: %s", (_, given, expected) => {
    expect(parse(given)).toMatchObject(expected);
  });

  it.each<[string, Settings, RegExp]>([
    [
      "a key of the other environment alone",
      { NANGO_ENV: "prod", NANGO_SECRET_KEY_DEV: `${a}-canary` },
      /: NANGO_SECRET_KEY_PROD is missing\./,
    ],
    [
      "a webhook secret of the other environment alone",
      { NANGO_ENV: "dev", NANGO_SECRET_KEY: a, NANGO_WEBHOOK_SECRET_PROD: "canary" },
      /: NANGO_WEBHOOK_SIGNING_KEY_DEV is missing\./,
    ],
    [
      "two environments without a choice",
      { NANGO_SECRET_KEY_DEV: "canary", NANGO_SECRET_KEY_PROD: "canary" },
      /: NANGO_ENV is missing, which chooses/,
    ],
    ["an environment that nobody knows", { NANGO_ENV: "canary", NANGO_SECRET_KEY: a }, /NANGO_ENV must be dev or prod/],
    ["an address that is none, by the name it has", { NANGO_API_BASE: "canary" }, /NANGO_API_BASE must be an http/],
    ["the same with an ending", { NANGO_ENV: "prod", NANGO_URL_PROD: "canary" }, /NANGO_URL_PROD must be an http/],
    ["a webhook secret without a key", { NANGO_WEBHOOK_SECRET: "canary" }, /: NANGO_SECRET_KEY is missing\./],
  ])("refuse %s, without showing any value", (_, given, expected) => {
    expect(() => parse(given)).toThrow(expected);
    expect(() => parse(given)).not.toThrow(/canary/);
  });

  it("have their other names in .env.local.example", () => {
    const example = readFileSync(".env.local.example", "utf8");
    for (const name of nangoAliases) expect(example).toContain(name);
    expect(example).toContain("_DEV");
    expect(example).toContain("_PROD");
  });
});
