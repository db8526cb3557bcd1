import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root, scriptArguments } from "@/scripts/product/paths";
import { readMix } from "@/scripts/product/stand-ins";

/** Runs the demo's entry to its end. */
function run(args: string[]): Promise<{ status: number | null; errors: string }> {
  const state = mkdtempSync(join(tmpdir(), "patchbay-start-"));
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...scriptArguments, "scripts/product/main.ts", "--state", state, ...args], {
      cwd: root,
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.once("exit", (status) => {
      rmSync(state, { recursive: true, force: true });
      resolve({ status, errors: errors.trim() });
    });
  });
}

describe("starting the product", () => {
  it("says in one line that the port is in use, and ends with status 1", async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, "localhost", () => resolve((other.address() as { port: number }).port));
    });
    const { status, errors } = await run(["--port", String(port)]);
    other.close();
    expect(errors).toBe(`Port ${port} is in use: end what listens there, or choose another with --port.`);
    expect(status).toBe(1);
  });

  it("refuses a port that is no port", async () => {
    const { status, errors } = await run(["--port", "http"]);
    expect(errors).toBe('--port takes a number from 0 to 65535, not "http".');
    expect(status).toBe(1);
  });

  it.each([join(root, "package.json", "state"), "/proc/patchbay/state"])(
    "says what to do when the state folder cannot be made (%s)",
    async (folder) => {
      const { status, errors } = await run(["--state", folder]);
      expect(errors).toMatch(
        /^Cannot write to \S+ \(\w+\): free some disk space or fix its permissions, then start again\.$/,
      );
      expect(status).toBe(1);
    },
  );
});

describe("real services beside stand-ins", () => {
  const clerk = {
    NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY: `pk_test_${Buffer.from("able.example.dev$").toString("base64")}`,
    CLERK_SECRET_KEY: "sk_test_1",
  };
  const supabase = { SUPABASE_URL: "https://x.supabase.co", SUPABASE_SECRET_KEY: "sb_secret_1" };

  it("stands in for everything without keys", () => {
    expect(readMix({})).toEqual({ standIns: { clerk: true, supabase: true, nango: true, panora: true } });
  });

  it("believes real Clerk's tokens in the Supabase stand-in", () => {
    expect(readMix(clerk)).toEqual({
      standIns: { clerk: false, supabase: true, nango: true, panora: true },
      clerkAuth: { issuer: "https://able.example.dev", jwksUrl: "https://able.example.dev/.well-known/jwks.json" },
    });
  });

  it("refuses real Supabase without real Clerk", () => {
    expect(() => readMix(supabase)).toThrow(/Real Supabase needs real Clerk/);
    expect(readMix({ ...clerk, ...supabase }).standIns).toMatchObject({ clerk: false, supabase: false, nango: true });
  });

  it("takes the keys of stand-ins for none", () => {
    expect(readMix({ NANGO_SECRET_KEY: "standin-key" }).standIns.nango).toBe(true);
    expect(readMix({ NANGO_SECRET_KEY: "1d77ebeb-c4f1-47a1-8a71-8c980731dae7" }).standIns.nango).toBe(false);
    const development = { NANGO_ENV: "dev", NANGO_SECRET_KEY_DEV: "1d77ebeb-c4f1-47a1-8a71-8c980731dae7" };
    expect(readMix(development).standIns.nango).toBe(false);
    expect(readMix({ ...development, NANGO_ENV: "prod" }).standIns.nango).toBe(true);
    expect(readMix({ PANORA_API_KEY: "a-real-key" }).standIns.panora).toBe(false);
  });
});
