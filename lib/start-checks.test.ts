import { describe, expect, it } from "vitest";
import { parseEnvironment } from "@/lib/env";
import { settingsProblem } from "@/lib/start-checks";
import { type Settings, settings } from "@/tests/support/settings";

const real: Settings = {
  NODE_ENV: "production",
  APP_URL: "https://app.acme.test",
  NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY: `pk_live_${Buffer.from("clerk.acme.test$").toString("base64")}`,
  CLERK_SECRET_KEY: "sk_live_abcdef",
  SUPABASE_URL: "https://abc.supabase.co",
  SUPABASE_PUBLISHABLE_KEY: "sb_publishable_abc",
  DATABASE_URL: "postgres://postgres:pw@db.abc.supabase.co:5432/postgres",
  NANGO_HOST: "https://api.nango.dev",
  NANGO_WEBHOOK_SIGNING_KEY: "whsec",
};
const problem = (overrides: Settings) => settingsProblem(parseEnvironment(settings(overrides)));

describe("at start", () => {
  it("real keys in production are fine", () => {
    expect(problem(real)).toBeNull();
  });

  it("production refuses each single stand-in key, and says which", () => {
    const production = { NODE_ENV: "production" };
    expect(problem(production)).toMatch(/embedded stack: clerk, supabase, nango\./);
    expect(problem({ ...real, NANGO_WEBHOOK_SIGNING_KEY: "standin-key" })).toMatch(/embedded stack: nango\./);
    expect(problem({ ...real, CLERK_SECRET_KEY: "sk_live_standin_x" })).toMatch(/clerk/);
    expect(problem({ ...real, SUPABASE_SECRET_KEY: "sb_secret_standin" })).toMatch(/supabase/);
    const key = settings().NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY;
    expect(problem({ ...real, NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY: key })).toMatch(/clerk/);
  });

  it("production refuses the stand-ins' OAuth apps", () => {
    const apps = {
      OAUTH_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32).toString("base64")}`,
      OAUTH_GITHUB_CLIENT_ID: "standin-client-github",
      OAUTH_GITHUB_CLIENT_SECRET: "standin-secret-github",
    };
    expect(problem({ ...real, ...apps })).toMatch(/embedded stack: direct sign-in\./);
    expect(problem({ ...real, ...apps, OAUTH_GITHUB_CLIENT_SECRET: "a-real-secret" })).toBeNull();
  });

  it("production refuses the stand-in of Panora", () => {
    const panora = { PANORA_API_URL: "https://api.panora.test", PANORA_API_KEY: "standin-panora-1" };
    expect(problem({ ...real, ...panora })).toMatch(/embedded stack: panora\./);
    expect(problem({ ...real, ...panora, PANORA_API_KEY: "a-real-key" })).toBeNull();
  });

  it("stand-in keys of a Nango that is not used are no reason to stop", () => {
    expect(problem({ ...real, NANGO_ENABLED: "false", NANGO_WEBHOOK_SIGNING_KEY: "standin-key" })).toBeNull();
  });

  it("providers are elsewhere in a demo alone, and on this machine only", () => {
    const hosts = (address: string) => ({ PROVIDER_HOSTS: JSON.stringify({ "github.com": address }) });
    expect(problem({ ...real, ...hosts("http://127.0.0.1:4000") })).toMatch(/PROVIDER_HOSTS/);
    expect(problem({ NODE_ENV: "development", ...hosts("http://127.0.0.1:4000") })).toMatch(/PROVIDER_HOSTS/);
    const demo = { NODE_ENV: "production", PATCHBAY_DEMO: "1" };
    expect(problem({ ...demo, ...hosts("http://127.0.0.1:4000/_host/github.com") })).toBeNull();
    expect(problem({ ...demo, ...hosts("https://elsewhere.test") })).toMatch(/this machine only/);
  });

  it("a demo may run on them, on this machine only", () => {
    expect(problem({ NODE_ENV: "production", PATCHBAY_DEMO: "1" })).toBeNull();
    expect(problem({ NODE_ENV: "production", PATCHBAY_DEMO: "1", APP_URL: "https://demo.acme.test" })).toMatch(
      /localhost/,
    );
  });

  it("development runs on them without a word", () => {
    expect(problem({ NODE_ENV: "development" })).toBeNull();
  });

  it("mixes that cannot work stop with one line", () => {
    const mixes: [Settings, RegExp][] = [
      [{ CLERK_SECRET_KEY: "sk_live_real" }, /two keys do not belong together/],
      [
        {
          ...real,
          NODE_ENV: "development",
          NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY: settings().NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY,
          CLERK_SECRET_KEY: "sk_live_standin",
        },
        /real Supabase needs a real Clerk/,
      ],
      [{ ...real, NODE_ENV: "development", DATABASE_URL: settings().DATABASE_URL }, /different databases/],
    ];
    for (const [mix, expected] of mixes) {
      const line = problem(mix);
      expect(line).toMatch(expected);
      expect(line).not.toContain("\n");
    }
  });

  it("mixes that work start: a real Clerk or a real Nango with stand-ins for the rest", () => {
    const { NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY, CLERK_SECRET_KEY } = real;
    expect(problem({ NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY, CLERK_SECRET_KEY })).toBeNull();
    expect(problem({ NANGO_HOST: "https://api.nango.dev", NANGO_WEBHOOK_SIGNING_KEY: undefined })).toBeNull();
  });
});
