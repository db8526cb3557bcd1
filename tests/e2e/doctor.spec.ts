import { spawn } from "node:child_process";
import { root, scriptArguments } from "../../scripts/product/paths";
import { appEnvironment } from "./support/product";
import { expect, test } from "./support/test";

/** Runs the doctor under the running product's own settings, some of them changed. */
function doctor(changed: Record<string, string> = {}): Promise<{ status: number | null; lines: string[] }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...scriptArguments, "scripts/doctor.ts"], {
      cwd: root,
      env: { ...process.env, ...appEnvironment(), ...changed },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.once("exit", (status) => resolve({ status, lines: output.trim().split("\n") }));
  });
}

const toFix = (lines: string[]) => lines.filter((line) => line.startsWith("FIX"));

test("the doctor finds the set-up sound, but for the one integration that the stack leaves out", async ({ ada }) => {
  await ada.goto("/connectors");
  const { status, lines } = await doctor();
  expect(toFix(lines)).toEqual([
    'FIX  Sentry: no integration "sentry" in Nango: add the provider "sentry-oauth" under that key in Nango\'s dashboard, Integrations, or leave the connector out',
  ]);
  expect(lines).toContain("ok   Supabase: believes Clerk's tokens");
  expect(lines).toContain("ok   Webhooks: a forged one is refused");
  expect(lines.at(-1)).toBe("1 to fix");
  expect(status).toBe(1);
});

test("the doctor says which keys are wrong and shows none", async () => {
  const wrong = {
    CLERK_SECRET_KEY: "sk_live_standin_canary",
    SUPABASE_PUBLISHABLE_KEY: "sb_publishable_canary",
    NANGO_SECRET_KEY: "00000000-0000-4000-8000-00000000cafe",
    DATABASE_URL: "postgres://nobody:canary@127.0.0.1:1/postgres",
  };
  const { status, lines } = await doctor(wrong);
  expect(toFix(lines).map((line) => line.split(": ").slice(0, 2).join(": "))).toEqual([
    "FIX  Clerk: the secret key was refused (401)",
    "FIX  Supabase: the publishable key was refused",
    "FIX  Supabase: DATABASE_URL does not connect (ECONNREFUSED)",
    "FIX  Supabase: could not see whether it believes Clerk's tokens, since nobody is signed in",
    "FIX  Nango: the API key was refused",
  ]);
  expect(lines.join("\n")).not.toMatch(/canary|cafe/);
  expect(status).toBe(1);
});

test("the doctor knows an installation that does without Nango, and finds OAuth apps that serve nothing", async ({
  ada,
}) => {
  await ada.goto("/connectors");
  const { lines } = await doctor({
    NANGO_ENABLED: "false",
    OAUTH_GIHUB_CLIENT_ID: "mistyped",
    OAUTH_GIHUB_CLIENT_SECRET: "canary",
    OAUTH_OPENAI_CLIENT_ID: "no-such-way",
    OAUTH_OPENAI_CLIENT_SECRET: "canary",
  });
  expect(toFix(lines)).toEqual([
    "FIX  Direct sign-in: there is no connector for OAUTH_GIHUB_CLIENT_ID: write the connector's slug in capitals, with _ for -",
    "FIX  OpenAI: cannot be signed in to without Nango: remove OAUTH_OPENAI_CLIENT_ID and _SECRET",
  ]);
  const { APP_URL } = appEnvironment();
  expect(lines).toEqual(
    expect.arrayContaining([
      "ok   Nango: not used, by NANGO_ENABLED or for want of a key",
      `ok   GitHub: OAuth app; its redirect URI at the provider must be ${APP_URL}/oauth/callback`,
      "ok   Direct sign-in: all is encrypted with the key demo",
      "ok   Sweep: there is nothing to compare with without Nango",
    ]),
  );
  expect(lines.join("\n")).not.toContain("canary");
});
