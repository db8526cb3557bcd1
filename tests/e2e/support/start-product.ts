/**
 * Starts the whole product for the browser tests: a production build, the embedded stack, a state folder of its own.
 * With PATCHBAY_E2E_STATE set to the state folder of a product that runs already, the tests use that one.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, scriptArguments } from "../../../scripts/product/paths";

export default async function startProduct(): Promise<() => Promise<void>> {
  if (process.env.PATCHBAY_E2E_STATE) return async () => {};
  const state = mkdtempSync(join(tmpdir(), "patchbay-e2e-"));
  const product = spawn(
    process.execPath,
    [...scriptArguments, "scripts/product/main.ts", "--port", "0", "--state", state, "--dist", ".next-test"],
    {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, NODE_OPTIONS: "", SECOND_LOOK_SECONDS: "1" },
    },
  );
  let output = "";
  await new Promise<void>((resolve, reject) => {
    product.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes("\nready")) resolve();
    });
    product.once("exit", (code) => {
      const log = readLog(join(state, "app.log"));
      reject(new Error(`The product did not start (${code}).\n${output}\n${log}`));
    });
  });
  process.env.PATCHBAY_E2E_STATE = state;

  return async () => {
    const ended = new Promise((resolve) => product.once("exit", resolve));
    product.kill("SIGTERM");
    await ended;
    if (process.env.PATCHBAY_E2E_KEEP) console.log(`state kept in ${state}`);
    else rmSync(state, { recursive: true, force: true });
  };
}

function readLog(path: string): string {
  try {
    return readFileSync(path, "utf8").slice(-4_000);
  } catch {
    return "";
  }
}
