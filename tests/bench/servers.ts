/** The servers that the bench compares: the product, the product without its middleware, and a control. */

import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StackDescription } from "@/emulators/stack";
import { root, scriptArguments } from "@/scripts/product/paths";
import { claimPort } from "@/scripts/product/preflight";
import { startChild } from "@/scripts/product/processes";

export type Server = { origin: string; stop(): Promise<void> };
export type Product = Server & { description: StackDescription; state: string };

const nextBin = join(root, "node_modules/next/dist/bin/next");

/** Builds and starts the product with its embedded stack, in a state folder of its own. */
export async function startProduct(): Promise<Product> {
  const state = mkdtempSync(join(tmpdir(), "patchbay-bench-"));
  const child = spawn(
    process.execPath,
    [...scriptArguments, "scripts/product/main.ts", "--port", "0", "--state", state, "--dist", ".next-bench"],
    { cwd: root, stdio: ["ignore", "pipe", "inherit"] },
  );
  await new Promise<void>((resolve, reject) => {
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes("\nready")) resolve();
    });
    child.once("exit", (code) => reject(new Error(`The product did not start (${code}).\n${output}`)));
  });
  const description = JSON.parse(readFileSync(join(state, "stack.json"), "utf8")) as StackDescription;
  return {
    origin: description.app,
    description,
    state,
    stop: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
      rmSync(state, { recursive: true, force: true });
    },
  };
}

/** Builds and starts the control app. */
export async function startControl(): Promise<Server> {
  const folder = join(root, "tests/bench/control");
  const build = spawnSync(process.execPath, [nextBin, "build", folder], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
  });
  if (build.status !== 0) throw new Error(`The control did not build:\n${build.stdout}${build.stderr}`);
  return startNext("control", [folder], {});
}

/**
 * Starts a copy of the product's build whose middleware is taken out of the manifest, with no stack behind it:
 * good for paths that need neither.
 */
export async function startWithoutMiddleware(): Promise<Server> {
  const copy = ".next-bench-bare";
  cpSync(join(root, ".next-bench"), join(root, copy), { recursive: true });
  const manifest = join(root, copy, "server/middleware-manifest.json");
  writeFileSync(manifest, JSON.stringify({ version: 3, middleware: {}, functions: {}, sortedMiddleware: [] }));
  const server = await startNext("product without middleware", [], { NEXT_DIST_DIR: copy, PATCHBAY_DEMO: "1" });
  return {
    ...server,
    stop: async () => {
      await server.stop();
      rmSync(join(root, copy), { recursive: true, force: true });
    },
  };
}

async function startNext(name: string, args: string[], env: Record<string, string>): Promise<Server> {
  const port = await claimPort(0);
  const origin = `http://localhost:${port}`;
  const child = startChild({
    name,
    command: process.execPath,
    args: [nextBin, "start", ...args, "-p", String(port), "-H", "localhost"],
    cwd: root,
    env: { ...process.env, NODE_ENV: "production", ...env } as NodeJS.ProcessEnv,
    log: join(tmpdir(), `patchbay-bench-${name.replaceAll(" ", "-")}.log`),
    onUnexpectedExit: (who, code) => {
      throw new Error(`The ${who} ended by itself (${code}).`);
    },
  });
  const deadline = Date.now() + 30_000;
  for (;;) {
    // Any answer will do: it listens.
    if (
      await fetch(origin).then(
        () => true,
        () => false,
      )
    )
      return { origin, stop: () => child.stop() };
    if (Date.now() > deadline) throw new Error(`The ${name} did not listen within 30 s.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
