// The way into the project on a machine where nothing is prepared: plain JavaScript for any Node from 20 on, without
// dependencies. It installs what is missing and goes on under the Node version that the project pins.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const node = join(root, "node_modules/node/bin/node");

/** Prints one line that says what to do, and ends with status 1. */
function fail(line) {
  console.error(`\n${line}`);
  process.exit(1);
}

/** Installs the project's packages and the emulators' own where they are missing or older than their lock files. */
export function installMissing() {
  const [major] = process.versions.node.split(".").map(Number);
  if (major < 20) fail(`Node ${process.versions.node} is too old: install Node 20 or later, then start again.`);
  install(".", ["ci", "--no-audit", "--no-fund"], "packages");
  install(
    "emulators/clerk/vendor",
    ["ci", "--ignore-scripts", "--legacy-peer-deps", "--no-audit", "--no-fund"],
    "sign-in bundles",
  );
  if (!existsSync(node) && process.platform !== "win32") {
    // npm may have been told to skip install scripts; the pinned Node comes by one.
    const fetched = spawnSync("npm", ["rebuild", "node", "--loglevel=notice"], { cwd: root, stdio: "inherit" });
    if (fetched.status !== 0 || !existsSync(node)) {
      fail("The pinned Node could not be installed: run `npm rebuild node`, then start again.");
    }
  }
}

function install(folder, args, what) {
  const lock = join(root, folder, "package-lock.json");
  const stamp = join(root, folder, "node_modules/.patchbay-lock");
  const wanted = createHash("sha256").update(readFileSync(lock)).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  // A developer's own `npm install` counts as well: npm notes the state of the tree when it is done.
  const tree = join(root, folder, "node_modules/.package-lock.json");
  if (!existsSync(tree) || statSync(tree).mtimeMs < statSync(lock).mtimeMs) {
    console.log(`  Installing ${what} (npm ${args[0]}) …`);
    // The project's .npmrc keeps npm quiet for the sake of keys on command lines: here its errors are wanted.
    const result = spawnSync("npm", [...args, "--loglevel=notice"], {
      cwd: join(root, folder),
      stdio: ["ignore", "inherit", "inherit"],
      shell: process.platform === "win32",
    });
    if (result.error) fail(`npm could not be started (${result.error.code}): install npm, then start again.`);
    if (result.status !== 0) {
      fail(
        `npm ${args[0]} failed in ${folder === "." ? "the project" : folder}: see the lines above (no network, or no disk space?).`,
      );
    }
  }
  writeFileSync(stamp, wanted);
}

/**
 * Goes on with a TypeScript entry under the pinned Node and ends as it ends. Signals are passed on; the entry also
 * watches for our end, so that a killed parent leaves nothing behind.
 */
export function goOn(entry, args) {
  const child = spawn(
    existsSync(node) ? node : process.execPath,
    ["--import", "tsx", "--conditions=react-server", join(root, entry), ...args],
    {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, PATH: `${dirname(node)}:${join(root, "node_modules/.bin")}:${process.env.PATH}` },
    },
  );
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  // npm passes a signal on to the shell between us only, and a killed parent passes nothing on.
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && child.kill("SIGTERM"), 500).unref();
  child.once("error", (error) => fail(`Could not start Node (${error.code}): run \`npm ci\`, then start again.`));
  child.once("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}
