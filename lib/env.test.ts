import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { EnvironmentError, environmentVariables, parseEnvironment } from "@/lib/env";
import { settings } from "@/tests/support/settings";

describe("settings", () => {
  it("are all listed in .env.local.example, each with a line that says what it is, and nothing else is", () => {
    const lines = readFileSync(".env.local.example", "utf8").split("\n");
    const listed = lines.flatMap((line) => /^([A-Z0-9_]+)=/.exec(line)?.[1] ?? []);
    const expected = environmentVariables.filter((name) => name !== "NODE_ENV");
    expect([...listed].sort()).toEqual([...expected].sort());
    for (const name of listed) {
      const line = lines.findIndex((text) => text.startsWith(`${name}=`));
      expect(lines[line - 1], name).toMatch(/^# \S/);
    }
  });

  it("that are missing are named in one line that shows no value", () => {
    const wrong = {
      ...settings(),
      CLERK_SECRET_KEY: "not-a-key-canary",
      DATABASE_URL: undefined,
      NANGO_SECRET_KEY: " ",
    };
    const parse = () => parseEnvironment(wrong);
    expect(parse).toThrow(EnvironmentError);
    expect(parse).toThrow(
      /^(?=.*CLERK_SECRET_KEY)(?=.*DATABASE_URL is missing)(?=.*NANGO_SECRET_KEY is missing)[^\n]*$/,
    );
    expect(parse).not.toThrow(/canary/);
  });

  it("are enough when only the required ones are there", () => {
    const parsed = parseEnvironment({ ...settings(), NANGO_HOST: "", NANGO_CONNECT_URL: undefined });
    expect(parsed.nango.host).toBe("https://api.nango.dev");
    expect(parsed.nango.connectUrl).toBe("https://connect.nango.dev");
    expect(parsed.instance).toBe("localhost:3999");
    expect(parsed.demo).toBe(false);
  });

  it("take the PEM key with written line breaks", () => {
    const parsed = parseEnvironment({
      ...settings(),
      CLERK_JWT_KEY: "-----BEGIN PUBLIC KEY-----\\nabc\\n-----END PUBLIC KEY-----",
    });
    expect(parsed.clerk.jwtKey?.split("\n")).toHaveLength(3);
  });

  it("refuse integration keys that are not an object of texts", () => {
    for (const value of ["nonsense", "[]", '{"github":1}', '{"github":""}']) {
      expect(() => parseEnvironment({ ...settings(), NANGO_INTEGRATION_KEYS: value }), value).toThrow(
        /NANGO_INTEGRATION_KEYS/,
      );
    }
    const parsed = parseEnvironment({ ...settings(), NANGO_INTEGRATION_KEYS: '{"github":"gh-prod"}' });
    expect(parsed.nango.integrationKeys).toEqual({ github: "gh-prod" });
  });

  it("take limits by name, and leave the others as they are usually", () => {
    const limits = (RATE_LIMITS: string | undefined) => parseEnvironment(settings({ RATE_LIMITS })).rateLimits;
    for (const unset of [undefined, "", " ", "{}"])
      expect(limits(unset)).toEqual({ key: 120, person: 600, owner: 1200 });
    expect(limits('{"key":5,"owner":7}')).toEqual({ key: 5, person: 600, owner: 7 });
    for (const wrong of ["120", "key=5", "[]", '{"key":0}', '{"key":1.5}', '{"key":"5"}', '{"kez":5}'])
      expect(() => limits(wrong), wrong).toThrow("RATE_LIMITS");
  });

  it("do without Nango when it is switched off, or when there is no key of it at all", () => {
    const none = { NANGO_SECRET_KEY: undefined, NANGO_WEBHOOK_SIGNING_KEY: "" };
    for (const without of [none, { NANGO_ENABLED: "false" }, { NANGO_ENABLED: "0", NANGO_SECRET_KEY: "" }]) {
      expect(parseEnvironment({ ...settings(), ...without }).nango.enabled, JSON.stringify(without)).toBe(false);
    }
    expect(parseEnvironment(settings()).nango).toMatchObject({ enabled: true, fallback: "offer" });
    expect(parseEnvironment({ ...settings(), NANGO_ENABLED: "1" }).nango.enabled).toBe(true);
  });

  it("refuse half of Nango, and Nango without a key", () => {
    for (const half of [{}, { NANGO_ENABLED: "true", NANGO_WEBHOOK_SIGNING_KEY: "" }]) {
      expect(() => parseEnvironment({ ...settings(), NANGO_SECRET_KEY: "", ...half })).toThrow(
        /NANGO_SECRET_KEY is missing/,
      );
    }
    expect(() => parseEnvironment({ ...settings(), NANGO_FALLBACK: "maybe" })).toThrow(/NANGO_FALLBACK/);
  });

  const key = (byte: number, length = 32) => Buffer.alloc(length, byte).toString("base64");
  const github = {
    OAUTH_ENCRYPTION_KEYS: `k1:${key(1)}`,
    OAUTH_GITHUB_CLIENT_ID: "client-id",
    OAUTH_GITHUB_CLIENT_SECRET: "client-canary",
  };

  it("take the OAuth apps by their connectors' names, and the keys in their order", () => {
    const parsed = parseEnvironment({
      ...settings(),
      ...github,
      OAUTH_ENCRYPTION_KEYS: `k2:${key(2)}, k1:${key(1)}`,
      OAUTH_GOOGLE_CALENDAR_CLIENT_ID: "calendar-id",
      OAUTH_GOOGLE_CALENDAR_CLIENT_SECRET: " calendar-secret ",
      OAUTH_AMAZON_SELLER_CLIENT_ID: "amazon-id",
      OAUTH_AMAZON_SELLER_CLIENT_SECRET: "amazon-secret",
      OAUTH_AMAZON_SELLER_APPLICATION_ID: " amazon-app ",
      OAUTH_SLACK_CLIENT_ID: " ",
      OAUTH_SLACK_CLIENT_SECRET: "",
    });
    expect(parsed.oauth.clients).toEqual({
      AMAZON_SELLER: { clientId: "amazon-id", clientSecret: "amazon-secret", applicationId: "amazon-app" },
      GITHUB: { clientId: "client-id", clientSecret: "client-canary" },
      GOOGLE_CALENDAR: { clientId: "calendar-id", clientSecret: "calendar-secret" },
    });
    expect(parsed.oauth.encryptionKeys).toEqual([
      { id: "k2", secret: key(2) },
      { id: "k1", secret: key(1) },
    ]);
    expect(parseEnvironment(settings()).oauth).toEqual({ clients: {}, encryptionKeys: [], providerHosts: {} });
  });

  it.each([
    ["an OAuth app without its secret", { OAUTH_GITHUB_CLIENT_SECRET: "" }, /OAUTH_GITHUB_CLIENT_SECRET is missing/],
    ["an OAuth app without its id", { OAUTH_GITHUB_CLIENT_ID: undefined }, /OAUTH_GITHUB_CLIENT_ID is missing/],
    ["an OAuth app without a key to encrypt with", { OAUTH_ENCRYPTION_KEYS: "" }, /OAUTH_ENCRYPTION_KEYS is missing/],
    ["a key that is too short", { OAUTH_ENCRYPTION_KEYS: `k1:${key(1, 31)}` }, /OAUTH_ENCRYPTION_KEYS must be/],
    ["a key that is too long", { OAUTH_ENCRYPTION_KEYS: `k1:${key(1, 33)}` }, /OAUTH_ENCRYPTION_KEYS must be/],
    ["a key without an id", { OAUTH_ENCRYPTION_KEYS: key(1) }, /OAUTH_ENCRYPTION_KEYS must be/],
    ["two keys of one id", { OAUTH_ENCRYPTION_KEYS: `k1:${key(1)},k1:${key(2)}` }, /OAUTH_ENCRYPTION_KEYS names two/],
    ["hosts that are no addresses", { PROVIDER_HOSTS: '{"github.com":"elsewhere"}' }, /PROVIDER_HOSTS/],
  ])("refuse %s, without showing any value", (_, change, expected) => {
    const parse = () => parseEnvironment({ ...settings(), ...github, ...change });
    expect(parse).toThrow(expected);
    expect(parse).not.toThrow(/canary|AQEBAQ/);
  });
});
