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
});
