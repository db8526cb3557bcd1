import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { resetEnv } from "@/lib/env";
import { describeError, scrub } from "@/lib/log";
import { settings } from "@/tests/support/settings";

const encryptionKey = Buffer.alloc(32, 7).toString("base64");

beforeEach(() => {
  const overrides = {
    CRON_SECRET: "cron-canary-0123456789",
    OAUTH_ENCRYPTION_KEYS: `k1:${encryptionKey}`,
    OAUTH_GITHUB_CLIENT_ID: "standin-client-github",
    OAUTH_GITHUB_CLIENT_SECRET: "client-canary-github",
  };
  for (const [name, value] of Object.entries(settings(overrides))) vi.stubEnv(name, value);
  resetEnv();
});
afterEach(() => {
  vi.unstubAllEnvs();
  resetEnv();
});

describe("a log line", () => {
  it("holds no secret of the settings", () => {
    const text = `key=11111111-1111-4111-8111-111111111111 cron-canary-0123456789 sk_live_standin_test standin-signing-key`;
    expect(scrub(text)).toBe("key=[secret] [secret] [secret] [secret]");
    expect(scrub(`client-canary-github ${encryptionKey}`)).toBe("[secret] [secret]");
  });

  it("holds nothing that looks like a token, whoever's it is", () => {
    const tokens = [
      `nango_connect_session_${"a1".repeat(32)}`,
      "sk_test_51NcAnArY0000",
      "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyIn0.c2lnbmF0dXJl",
      "Bearer abcdef123456",
      "authorization: basic dXNlcjpwYXNz",
    ];
    for (const token of tokens) {
      const secret = token.split(" ").at(-1) ?? token;
      expect(scrub(`before ${token} after`), token).not.toContain(secret);
      expect(scrub(`before ${token} after`), token).toMatch(/^before .*\[secret\].* after$/);
    }
    expect(scrub("postgres://app:hunter22@db.test:5432/x")).toBe("postgres://app:[secret]@db.test:5432/x");
  });

  it("describes an error by name, code, text and causes, and by nothing that it carries", () => {
    const inner = Object.assign(new Error("refused Bearer canary-token-123"), {
      code: "ECONNREFUSED",
      config: { headers: { Authorization: "Bearer canary" } },
    });
    const described = describeError(new Error("outer", { cause: inner }));
    expect(described).toMatchObject({ type: "Error", message: "outer", cause: { code: "ECONNREFUSED" } });
    expect(JSON.stringify(described)).not.toContain("canary");
  });

  it("keeps ordinary words as they are", () => {
    const text = "The bearer of this message, basic and bold, went to https://example.test/a?b=c";
    expect(scrub(text)).toBe(text);
  });
});
