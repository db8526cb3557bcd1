/**
 * A private Postgres on loopback: made on first use, attached to when an earlier owner was killed, stopped on close.
 */
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chmod, chown, mkdir, open, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import postgres from "postgres";
import { type Account, postgresAccount, postgresBinaries, reachable } from "./binaries";

/** The name of the superuser at hosted Supabase; migrations and the app use the lesser role `postgres`. */
const superuser = "supabase_admin";

export type PostgresServer = {
  port: number;
  password: string;
  /** A connection URL for one of the roles, all of which share the password of this server. */
  url(role: "supabase_admin" | "postgres" | "authenticator", database?: string): string;
  close(): Promise<void>;
};

/**
 * Starts the server of a state folder and resolves when it takes connections.
 *
 * @param stateDir survives restarts; where the account that runs Postgres cannot enter it, the data lies in the
 *   system's temporary folder and belongs to this state folder all the same (it is forgotten with it)
 * @param port 0 or none: a free one
 * @throws one clear line when it cannot start, with the end of its log
 */
export async function startPostgres({ stateDir, port }: { stateDir: string; port?: number }): Promise<PostgresServer> {
  await mkdir(stateDir, { recursive: true, mode: 0o711 });
  const account = await postgresAccount();
  if (account) await chmod(stateDir, 0o711);
  const home = await dataHome(resolve(stateDir), account);
  const data = join(home, "postgres");
  const password = await passwordOf(stateDir);

  let running = await runningServer(data);
  if (running && !(await answers(running.port, password))) {
    await stop(running.pid, data);
    running = null;
  }
  if (!running) {
    const binaries = await postgresBinaries(account);
    await initialise(binaries, data, password, account);
    running = await launch(binaries, home, data, port || (await freePort()), account);
  }
  const { pid, port: actualPort } = running;
  return {
    port: actualPort,
    password,
    url: (role, database = "postgres") => `postgres://${role}:${password}@127.0.0.1:${actualPort}/${database}`,
    close: () => stop(pid, data),
  };
}

/** Where the data lies. A temporary folder is tied to its state folder by a mark, so that a new state starts empty. */
async function dataHome(stateDir: string, account: Account): Promise<string> {
  if (await reachable(stateDir, account)) return stateDir;
  const home = join(tmpdir(), `patchbay-data-${createHash("sha256").update(stateDir).digest("hex").slice(0, 16)}`);
  const markOf = (folder: string) => readFile(join(folder, "state-id"), "utf8").catch(() => null);
  const mark = (await markOf(stateDir)) ?? randomBytes(16).toString("hex");
  if ((await markOf(home)) !== mark) {
    const left = await runningServer(join(home, "postgres"));
    if (left) await stop(left.pid, join(home, "postgres"));
    await rm(home, { recursive: true, force: true });
    await mkdir(home, { mode: 0o711 });
    for (const folder of [home, stateDir]) await writeFile(join(folder, "state-id"), mark, { mode: 0o600 });
  }
  return home;
}

async function passwordOf(stateDir: string): Promise<string> {
  const file = join(stateDir, "postgres-password");
  const known = await readFile(file, "utf8").catch(() => "");
  if (known) return known;
  const password = randomBytes(18).toString("hex");
  await writeFile(file, password, { mode: 0o600 });
  return password;
}

/** The server that holds a data folder, by the file that it keeps there; null when there is none. */
async function runningServer(data: string): Promise<{ pid: number; port: number } | null> {
  const lines = (await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "")).split("\n");
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  if (!pid || !port || lines[7]?.trim() !== "ready" || !alive(pid)) return null;
  // The number may have gone to another program since.
  const command = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "postgres");
  return command.trim().startsWith("postgres") ? { pid, port } : null;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function answers(port: number, password: string): Promise<boolean> {
  const sql = postgres({
    host: "127.0.0.1",
    port,
    username: superuser,
    password,
    database: "postgres",
    max: 1,
    connect_timeout: 3,
  });
  try {
    await sql`select 1`;
    return true;
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function initialise(binaries: string, data: string, password: string, account: Account): Promise<void> {
  const complete = join(data, "patchbay-complete");
  if (await readFile(complete).catch(() => null)) return;
  // Absent, or left half-made by an earlier start.
  await rm(data, { recursive: true, force: true });
  await mkdir(data, { recursive: true, mode: 0o700 });
  const passwordFile = `${data}-password-${process.pid}`;
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (account) {
    await chown(data, account.uid, account.gid);
    await chown(passwordFile, account.uid, account.gid);
  }
  try {
    const args = ["-D", data, "-U", superuser, "--pwfile", passwordFile, "--auth=scram-sha-256", "--encoding=UTF8"];
    args.push("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-sync", "--no-instructions");
    await new Promise<void>((done, fail) => {
      const child = spawn(join(binaries, "bin/initdb"), args, { ...account, cwd: "/", env: bareEnvironment });
      let output = "";
      child.stdout?.on("data", (text) => (output += text));
      child.stderr?.on("data", (text) => (output += text));
      child.on("error", fail);
      child.on("exit", (code) =>
        code === 0 ? done() : fail(new Error(`Postgres could not make its data folder ${data}: ${output.slice(-800)}`)),
      );
    });
    await writeFile(complete, "");
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** The app's settings and secrets are no business of the database. */
const bareEnvironment = { PATH: "/usr/bin:/bin" } as unknown as NodeJS.ProcessEnv;

const settings = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "120",
  shared_buffers: "64MB",
  // Data must survive the end of our processes, not that of the machine.
  fsync: "off",
  full_page_writes: "off",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  log_min_messages: "fatal",
  log_min_error_statement: "panic",
};

async function launch(binaries: string, home: string, data: string, port: number, account: Account) {
  const logFile = join(home, "postgres.log");
  const log = await open(logFile, "w", 0o600);
  await rm(join(data, "postmaster.pid"), { force: true });
  const args = ["-D", data, "-p", String(port), ...Object.entries(settings).flatMap(([k, v]) => ["-c", `${k}=${v}`])];
  // Detached: a Ctrl-C in the terminal must reach us first, so that the app can finish what it writes.
  const child = spawn(join(binaries, "bin/postgres"), args, {
    ...account,
    cwd: "/",
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
    env: bareEnvironment,
  });
  const ended = new Promise<void>((done) => {
    child.once("exit", () => done());
    child.once("error", () => done());
  });
  let gone = false;
  void ended.then(() => {
    gone = true;
  });
  child.unref();
  await log.close();
  for (const deadline = Date.now() + 30_000; ; ) {
    const server = await runningServer(data);
    if (server) return server;
    if (gone || Date.now() > deadline) {
      const end = (await readFile(logFile, "utf8").catch(() => "")).trim().split("\n").slice(-5).join(" ");
      if (!gone && child.pid) process.kill(child.pid, "SIGQUIT");
      throw new Error(`Postgres did not start on port ${port}: ${end || "it said nothing"}`);
    }
    await new Promise((next) => setTimeout(next, 15));
  }
}

/** Fast shutdown: open transactions are rolled back, data is written. Resolves when the process has gone. */
async function stop(pid: number, data: string): Promise<void> {
  for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
    if (!alive(pid)) break;
    try {
      process.kill(pid, signal);
    } catch {
      break;
    }
    for (const deadline = Date.now() + 8_000; alive(pid) && Date.now() < deadline; ) {
      // A child that has ended but was not waited for yet still counts as alive; its file is gone by then.
      if (!(await readFile(join(data, "postmaster.pid")).catch(() => null))) break;
      await new Promise((next) => setTimeout(next, 15));
    }
    if (!(await readFile(join(data, "postmaster.pid")).catch(() => null))) break;
  }
}

export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === "object" ? done(address.port) : fail(new Error("No free port")),
      );
    });
  });
}
