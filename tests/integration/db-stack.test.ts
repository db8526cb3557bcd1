import { execFileSync, spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type SupabaseStandin, startSupabase } from "@/emulators/supabase/start";
import { eventually } from "@/tests/support/eventually";
import { startTokenIssuer, type TokenSource } from "../support/tokens";

const root = fileURLToPath(new URL("../..", import.meta.url));
let tokens: TokenSource;
let folder: string;
const running: SupabaseStandin[] = [];

beforeAll(async () => {
  tokens = await startTokenIssuer();
  folder = await mkdtemp(join(tmpdir(), "patchbay-stack-"));
  await chmod(folder, 0o711);
});
afterEach(async () => {
  for (const each of running.splice(0)) await each.close();
});
afterAll(async () => {
  await tokens.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(stateDir: string, options: { port?: number } = {}): Promise<SupabaseStandin> {
  const standin = await startSupabase({ stateDir, auth: tokens, ...options });
  running.push(standin);
  return standin;
}

async function query<T extends Record<string, unknown>>(databaseUrl: string, text: string): Promise<T[]> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    return (await sql.unsafe(text)) as unknown as T[];
  } finally {
    await sql.end();
  }
}

const serverOf = async (databaseUrl: string) =>
  (await query<{ pid: number }>(databaseUrl, "select pg_postmaster_start_time()::text as pid"))[0]?.pid;

const alive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const userOf = (pid: number) => execFileSync("ps", ["-o", "user=", "-p", String(pid)], { encoding: "utf8" }).trim();

describe("the database of the embedded stack", () => {
  it("keeps data and keys over a restart, listens on loopback with a password, not as root, and leaves no process", async () => {
    const state = join(folder, "restart");
    const first = await start(state);
    expect(first.publishableKey).toMatch(/^sb_publishable_standin_/);
    expect(first.secretKey).toMatch(/^sb_secret_standin_/);
    await query(first.databaseUrl, "insert into people (user_id) values ('user_kept')");
    const [row] = await query<{ dir: string }>(
      first.databaseUrl,
      "select setting as dir from pg_settings where name = 'data_directory'",
    );
    const pid = Number((await readFile(join(row?.dir as string, "postmaster.pid"), "utf8")).split("\n")[0]);
    expect(await query(first.databaseUrl, "show listen_addresses")).toEqual([{ listen_addresses: "127.0.0.1" }]);
    await expect(query(first.databaseUrl.replace(/:[0-9a-f]+@/, ":guess@"), "select 1")).rejects.toThrow(/password/);
    expect((await stat(join(state, "keys.json"))).mode & 0o077).toBe(0);
    expect(userOf(pid)).not.toBe("root");
    await first.close();
    await first.close();
    // Ended, and a moment later no longer listed.
    await eventually(() => !alive(pid), "no process is left");
    const second = await start(state);
    expect([second.publishableKey, second.secretKey]).toEqual([first.publishableKey, first.secretKey]);
    expect(await query(second.databaseUrl, "select user_id from people")).toEqual([{ user_id: "user_kept" }]);
  });

  it("attaches to the server that a killed owner left, and stops it in the end", async () => {
    const state = join(folder, "killed");
    const script = `import { startSupabase } from "@/emulators/supabase/start";
      const s = await startSupabase({ stateDir: ${JSON.stringify(state)}, auth: { issuer: "x", jwksUrl: "http://127.0.0.1:1/" } });
      console.log(s.databaseUrl); setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], { cwd: root });
    const url = await new Promise<string>((done, fail) => {
      owner.stdout.once("data", (text) => done(String(text).trim()));
      owner.stderr.on("data", (text) => fail(new Error(String(text))));
    });
    const before = await serverOf(url);
    owner.kill("SIGKILL");
    const attached = await start(state);
    expect(attached.databaseUrl).toBe(url);
    expect(await serverOf(url)).toBe(before);
    await attached.close();
    await expect(serverOf(url)).rejects.toThrow(/ECONNREFUSED|CONNECT/);
  });

  it("says in one line that a port is taken, and leaves nothing running", async () => {
    const blocker = createServer();
    await new Promise<void>((done) => blocker.listen(0, "127.0.0.1", done));
    const { port } = blocker.address() as { port: number };
    const state = join(folder, "blocked");
    await expect(start(state, { port })).rejects.toThrow(/EADDRINUSE/);
    expect(await readFile(join(state, "postgres/postmaster.pid")).catch(() => null)).toBeNull();
    await new Promise((done) => blocker.close(done));
  });

  it("starts where a start was cut off half-way", async () => {
    const state = join(folder, "half");
    await mkdir(join(state, "postgres/base"), { recursive: true });
    const standin = await start(state);
    expect(await query(standin.databaseUrl, "select count(*)::int as n from connectors")).toEqual([{ n: 0 }]);
  });

  it.runIf(process.getuid?.() === 0)(
    "works in a folder that no other account may enter, and is forgotten with it",
    async () => {
      const closed = join(folder, "closed");
      await mkdir(closed, { mode: 0o700 });
      const state = join(closed, "supabase");
      const first = await start(state);
      await query(first.databaseUrl, "insert into people (user_id) values ('user_kept')");
      const [row] = await query<{ dir: string }>(
        first.databaseUrl,
        "select setting as dir from pg_settings where name = 'data_directory'",
      );
      expect(row?.dir.startsWith(tmpdir())).toBe(true);
      await first.close();
      const second = await start(state);
      expect(await query(second.databaseUrl, "select user_id from people")).toHaveLength(1);
      await second.close();
      await rm(state, { recursive: true });
      const third = await start(state);
      expect(await query(third.databaseUrl, "select user_id from people")).toHaveLength(0);
      await third.close();
      await rm(join(row?.dir as string, ".."), { recursive: true, force: true });
    },
  );
});
