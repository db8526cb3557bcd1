/** One run for each state folder; and what a killed run left behind is ended, since it could not end its children. */
import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { signalGroup } from "./processes";
import { StartError } from "./start-error";

const noteFile = (stateDir: string) => join(stateDir, "processes");

/**
 * Ends the children of an earlier run with this state folder that was killed.
 * @throws StartError when that run is alive
 */
export async function endLeftovers(stateDir: string): Promise<void> {
  if (!existsSync(noteFile(stateDir))) return;
  const [main = 0, ...children] = readFileSync(noteFile(stateDir), "utf8").trim().split("\n").map(Number);
  if (runs(main, /scripts\/product\/main\.ts/)) {
    throw new StartError(`Patchbay runs already with this state (process ${main}): end it first, or use its address.`);
  }
  const ours = (child: number) => runs(child, /next-server|next\/dist\/bin\/next|scripts\/worker\.ts/);
  for (const child of children.filter(ours)) {
    signalGroup(child, "SIGKILL");
    // Its port is free only once it is gone.
    for (let tries = 0; tries < 50 && ours(child); tries++) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  rmSync(noteFile(stateDir));
}

/** Notes this run; its children are added as they start. @returns what to call at the orderly end */
export function noteRun(stateDir: string): () => Promise<void> {
  writeFileSync(noteFile(stateDir), `${process.pid}\n`);
  return async () => rmSync(noteFile(stateDir), { force: true });
}

export function noteChild(stateDir: string, pid: number | undefined): void {
  if (pid !== undefined) appendFileSync(noteFile(stateDir), `${pid}\n`);
}

/** Numbers of processes are used again: what counts is what runs under it. */
function runs(pid: number, command: RegExp): boolean {
  if (!Number.isInteger(pid) || pid < 2) return false;
  try {
    return command.test(
      execFileSync("ps", ["-p", String(pid), "-o", "args="], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
    );
  } catch {
    return false; // ps ends with 1 when there is no such process
  }
}
