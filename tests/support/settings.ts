/**
 * A complete environment for code that reads lib/env.ts. Tests replace what they need.
 */

export type Settings = Record<string, string | undefined>;

const standinPublishableKey = `pk_live_${Buffer.from("standin.patchbay.test$").toString("base64").replace(/=+$/, "")}`;

/** Well-formed settings that lead nowhere. */
export function settings(overrides: Settings = {}): Settings {
  return {
    NODE_ENV: "test",
    APP_URL: "http://localhost:3999",
    NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY: standinPublishableKey,
    CLERK_SECRET_KEY: "sk_live_standin_test",
    SUPABASE_URL: "http://127.0.0.1:9",
    SUPABASE_PUBLISHABLE_KEY: "sb_publishable_standin",
    DATABASE_URL: "postgres://postgres:postgres@127.0.0.1:9/postgres",
    NANGO_HOST: "http://127.0.0.1:9",
    NANGO_SECRET_KEY: "11111111-1111-4111-8111-111111111111",
    NANGO_WEBHOOK_SIGNING_KEY: "standin-signing-key",
    // Tests ask more in a minute than anybody else.
    RATE_LIMITS: '{"key":100000,"person":100000,"owner":100000}',
    LOG_LEVEL: "silent",
    ...overrides,
  };
}
