/** Child processes that end when we end: every start is paired with an orderly stop. */
import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, type WriteStream } from "node:fs";

export type Child = { process: ChildProcess; name: string; stop(): Promise<void> };

/** How long a child may take to end by itself before it is killed, in milliseconds. */
const stopGrace = 5_000;

/**
 * Starts a child whose output goes to a log file (or to this terminal when `log` is null).
 *
 * @param onUnexpectedExit called when the child ends although nobody asked it to
 */
export function startChild(options: {
  name: string;
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  log: string | null;
  onUnexpectedExit: (name: string, code: number | null) => void;
}): Child {
  const log: WriteStream | null = options.log ? createWriteStream(options.log, { flags: "a", mode: 0o600 }) : null;
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ["ignore", log ? "pipe" : "inherit", log ? "pipe" : "inherit"],
    // A group of its own: Ctrl-C reaches us alone, and we end the children in order.
    detached: true,
  });
  if (log) {
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
  }
  let stopping = false;
  const ended = new Promise<void>((resolve) => {
    child.once("exit", (code) => {
      log?.end();
      resolve();
      if (!stopping) options.onUnexpectedExit(options.name, code);
    });
    child.once("error", (error) => {
      log?.end(`${error.message}\n`);
      resolve();
      if (!stopping) options.onUnexpectedExit(options.name, null);
    });
  });
  return {
    process: child,
    name: options.name,
    async stop() {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
      signalGroup(child.pid, "SIGTERM");
      const timer = setTimeout(() => child.pid && signalGroup(child.pid, "SIGKILL"), stopGrace);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** `next` starts processes of its own; the group takes them all. */
export function signalGroup(pid: number, signal: NodeJS.Signals) {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
