/** A built app, started once more beside the one that runs, under settings of its own. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { claimPort } from "../../scripts/product/preflight";
import { startChild } from "../../scripts/product/processes";

export type Server = { origin: string; stop(): Promise<void> };
/** A server whose process we started ourselves; it leads a group of its own, and its inspector opens on SIGUSR1. */
export type Started = Server & { pid: number; inspectorPort: number };

export const nextBin = join(import.meta.dirname, "../../node_modules/next/dist/bin/next");

/**
 * Starts a build and resolves when it listens.
 * @param name for its log and for messages
 * @param settings its environment beside this process's own, or what makes it of the address that it gets
 * @throws when it ends by itself, or does not listen within half a minute
 */
export async function startNext(
  name: string,
  folder: string,
  settings: Record<string, string> | ((origin: string) => Record<string, string>),
): Promise<Started> {
  const port = await claimPort(0);
  const inspectorPort = await claimPort(0);
  const origin = `http://localhost:${port}`;
  const log = join(tmpdir(), `patchbay-bench-${name.replaceAll(" ", "-")}.log`);
  let ended: string | undefined;
  const child = startChild({
    name,
    command: process.execPath,
    args: [nextBin, "start", "-p", String(port), "-H", "localhost"],
    cwd: folder,
    env: {
      ...process.env,
      NODE_ENV: "production",
      NODE_OPTIONS: `--inspect-port=127.0.0.1:${inspectorPort}`,
      ...(typeof settings === "function" ? settings(origin) : settings),
    } as NodeJS.ProcessEnv,
    log,
    onUnexpectedExit: (who, code) => {
      ended = `The ${who} ended by itself (${code}): ${log}`;
    },
  });
  const deadline = Date.now() + 30_000;
  for (;;) {
    if (ended) throw new Error(ended);
    // Any answer will do: it listens.
    if (
      await fetch(origin).then(
        () => true,
        () => false,
      )
    )
      return { origin, pid: child.process.pid as number, inspectorPort, stop: () => child.stop() };
    if (Date.now() > deadline) throw new Error(`The ${name} did not listen within 30 s.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
