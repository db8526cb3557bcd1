/** Builds the app when its sources changed since the last build into the same folder. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths";
import { StartError } from "./start-error";

/** All that `next build` reads. Its result depends on nothing else: no key and no address is built in. */
const sources = [
  "app",
  "components",
  "lib",
  "manifests",
  "messages",
  "i18n",
  "public",
  "brand.ts",
  "middleware.ts",
  "instrumentation.ts",
  "next.config.ts",
  "postcss.config.mjs",
  "tsconfig.json",
  "package-lock.json",
];

/**
 * @param distDir the build's folder, relative to the project
 * @returns whether a build was needed
 * @throws StartError with the build's last lines when it fails
 */
export async function buildIfNeeded(distDir: string): Promise<boolean> {
  const stampFile = join(root, distDir, "patchbay-sources");
  const stamp = sourcesHash();
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return false;
  await run(distDir);
  writeFileSync(stampFile, stamp);
  return true;
}

function sourcesHash(): string {
  const hash = createHash("sha256");
  const add = (path: string) => {
    const full = join(root, path);
    if (!existsSync(full)) return;
    if (statSync(full).isDirectory()) {
      for (const name of readdirSync(full).sort()) add(join(path, name));
    } else {
      hash.update(path).update("\0").update(readFileSync(full)).update("\0");
    }
  };
  for (const source of sources) add(source);
  return hash.digest("hex");
}

function run(distDir: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, "node_modules/next/dist/bin/next"), "build"], {
      cwd: root,
      env: { ...process.env, NODE_ENV: "production", NEXT_DIST_DIR: distDir, NEXT_TELEMETRY_DISABLED: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code === 0) return resolve();
      reject(
        new StartError(`The build failed. Its last lines:\n${output.trimEnd().split("\n").slice(-40).join("\n")}`),
      );
    });
  });
}
