/** What must be true of the machine before anything is started, each with what to do if it is not. */
import { existsSync, mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { StartError } from "./start-error";

/** A build, a database and its log fit into this many bytes. */
const neededSpace = 500 * 1024 * 1024;

/** Says that a folder is ours: nothing else is ever reset. */
const mark = ".patchbay-state";

/**
 * Forgets what earlier runs kept.
 * @throws StartError when the folder holds something else
 */
export function resetStateFolder(stateDir: string): void {
  if (!existsSync(stateDir)) return;
  if (!existsSync(join(stateDir, mark)) && readdirSync(stateDir).length > 0) {
    throw new StartError(
      `${stateDir} holds something else than Patchbay's state: remove it yourself, or name another folder.`,
    );
  }
  rmSync(stateDir, { recursive: true });
}

/** @throws StartError when the state folder cannot be written or the disk is nearly full */
export function checkStateFolder(stateDir: string): void {
  try {
    makeFolders(stateDir);
    writeFileSync(join(stateDir, mark), "Patchbay keeps its state in this folder.\n");
  } catch (error) {
    throw new StartError(
      `Cannot write to ${stateDir} (${(error as NodeJS.ErrnoException).code}): free some disk space or fix its permissions, then start again.`,
    );
  }
  const { bavail, bsize } = statfsSync(stateDir);
  if (bavail * bsize < neededSpace) {
    throw new StartError(
      `Only ${Math.floor((bavail * bsize) / 1024 / 1024)} MB are free on the disk of ${stateDir}: free at least 500 MB, then start again.`,
    );
  }
}

/** One by one: Node's own recursive way tries for ever where the system allows no folder and does not say so (/proc). */
function makeFolders(path: string): void {
  if (existsSync(path)) return;
  makeFolders(dirname(path));
  mkdirSync(path, { mode: 0o711 });
}

/**
 * @param port the wanted port; 0 picks a free one
 * @returns the port that the app can listen on
 * @throws StartError when somebody else listens there
 */
export function claimPort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        new StartError(
          error.code === "EADDRINUSE"
            ? `Port ${port} is in use: end what listens there, or choose another with --port.`
            : `Cannot listen on port ${port} (${error.code}): choose another with --port.`,
        ),
      ),
    );
    server.listen(port, "localhost", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : port));
    });
  });
}
