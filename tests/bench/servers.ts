/** The servers that the bench compares: the product, the product without its middleware, and a control. */

import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StackDescription } from "@/emulators/stack";
import { root, scriptArguments } from "@/scripts/product/paths";
import { claimPort } from "@/scripts/product/preflight";
import { nextBin, type Server, type Started, startNext } from "@/tests/support/next-server";

export type Product = Server & {
  description: StackDescription;
  env: Record<string, string>;
  /** The control API of the Nango stand-in. */
  nangoControl: string;
  /** Lets the worker stand still and go on, as if it had a machine of its own. */
  worker: { pause(): void; resume(): void };
};

/** Builds and starts the product with its embedded stack, in a state folder of its own. */
export async function startProduct(): Promise<Product> {
  const state = mkdtempSync(join(tmpdir(), "patchbay-bench-"));
  const child = spawn(
    process.execPath,
    [...scriptArguments, "scripts/product/main.ts", "--port", "0", "--state", state, "--dist", ".next-bench"],
    {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
      // The bench asks more in a minute than anybody may.
      env: { ...process.env, RATE_LIMITS: '{"key":1000000,"person":1000000,"owner":1000000}' },
    },
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
  // The run notes itself, then its children in the order in which they start: the worker, the app.
  const worker = Number(readFileSync(join(state, "processes"), "utf8").split("\n")[1]);
  return {
    origin: description.app,
    description,
    nangoControl: JSON.parse(readFileSync(join(state, "controls.json"), "utf8")).nango,
    worker: { pause: () => process.kill(worker, "SIGSTOP"), resume: () => process.kill(worker, "SIGCONT") },
    env: JSON.parse(readFileSync(join(state, "app-env.json"), "utf8")) as Record<string, string>,
    stop: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
      rmSync(state, { recursive: true, force: true });
    },
  };
}

/**
 * Builds and starts the control app. It is built outside the project, because Next would otherwise find the project's
 * own instrumentation in a folder above and give the control a part of what it is compared with.
 */
export async function startControl(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "patchbay-control-"));
  cpSync(join(root, "tests/bench/control"), folder, { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const build = spawnSync(process.execPath, [nextBin, "build"], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
  });
  if (build.status !== 0) throw new Error(`The control did not build:\n${build.stdout}${build.stderr}`);
  const server = await startNext("control", folder, {});
  return {
    ...server,
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts a copy of the product's build whose middleware is taken out of the manifest, with the product's own settings. */
export async function startWithoutMiddleware(product: Product): Promise<Server> {
  const copy = ".next-bench-bare";
  cpSync(join(root, ".next-bench"), join(root, copy), { recursive: true });
  const manifest = join(root, copy, "server/middleware-manifest.json");
  writeFileSync(manifest, JSON.stringify({ version: 3, middleware: {}, functions: {}, sortedMiddleware: [] }));
  const server = await startNext("product without middleware", root, { ...product.env, NEXT_DIST_DIR: copy });
  return {
    ...server,
    stop: async () => {
      await server.stop();
      rmSync(join(root, copy), { recursive: true, force: true });
    },
  };
}

/** Starts the product's build once more: a process as fresh as the one without middleware. */
export const startAgain = (product: Product): Promise<Started> =>
  startNext("product again", root, { ...product.env, NEXT_DIST_DIR: ".next-bench" });

/** The same with nothing behind the address of its database. */
export async function startWithoutDatabase(product: Product): Promise<Server> {
  const database = new URL(product.env.DATABASE_URL as string);
  database.port = String(await claimPort(0));
  return startNext("product without database", root, {
    ...product.env,
    NEXT_DIST_DIR: ".next-bench",
    DATABASE_URL: database.href,
  });
}
