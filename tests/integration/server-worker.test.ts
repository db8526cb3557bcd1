import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { POST as webhook } from "@/app/api/webhooks/nango/route";
import { runDueJobs } from "@/lib/jobs/worker";
import { startDatabaseWire } from "@/tests/support/database-wire";
import { eventually } from "@/tests/support/eventually";
import { journeyOf } from "@/tests/support/journey";
import type { SignedIn } from "@/tests/support/people";
import { type Server, startServer } from "@/tests/support/server";

let server: Server;
let go: ReturnType<typeof journeyOf>;
let ada: SignedIn;
const workers: ChildProcess[] = [];

beforeAll(async () => {
  server = await startServer();
  go = journeyOf(server);
  ada = await server.signIn("ada@acme.test", "acme");
  server.door.handler = webhook;
});
afterEach(() => {
  for (const worker of workers.splice(0)) worker.kill("SIGKILL");
});
afterAll(() => server?.close());

async function startWorkerProcess(env: Record<string, string> = {}) {
  const worker = spawn(process.execPath, ["--import", "tsx", "--conditions=react-server", "scripts/worker.ts"], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  workers.push(worker);
  let output = "";
  worker.stdout.on("data", (chunk) => (output += chunk));
  worker.stderr.on("data", (chunk) => (output += chunk));
  await Promise.race([once(worker, "exit"), eventually(() => output.includes("worker ready"), "the worker is ready")]);
  return { worker, output: () => output };
}

describe("the worker", () => {
  it("settles a connection from the webhook alone, names its account, and ends in order when told to", async () => {
    const { worker } = await startWorkerProcess();
    const session = await go.start(ada, "twilio");
    const nangoId = await server.complete(session, "twilio", { username: "AC1", password: "good" });
    await eventually(async () => {
      const [row] = await server.sql`select account_name from connections where nango_connection_id = ${nangoId}`;
      return row?.account_name === server.provider.account.name;
    }, "confirmed and named by the worker");
    worker.kill("SIGTERM");
    const [code] = await once(worker, "exit");
    expect(code).toBe(0);
  });

  it("finishes what a killed one left behind, once", async () => {
    server.wire.trouble({ kind: "silent" }, { method: "GET", path: "/connections/" });
    const { worker } = await startWorkerProcess();
    const session = await go.start(ada, "openai");
    const nangoId = await server.complete(session, "openai", { apiKey: "sk-good" });
    await eventually(async () => {
      const rows =
        await server.sql`select 1 from graphile_worker.jobs where locked_by is not null and task_identifier = 'apply_delivery'`;
      return rows.length > 0;
    }, "a worker is at it");
    worker.kill("SIGKILL");
    await once(worker, "exit");
    server.wire.trouble({ kind: "none" });
    await server.sql`update graphile_worker._private_jobs set locked_at = now() - interval '61 seconds' where locked_at is not null`;
    await startWorkerProcess();
    await eventually(
      async () => (await server.sql`select 1 from connections where nango_connection_id = ${nangoId}`).length === 1,
      "connected",
    );
    const events = await server.sql`
      select 1 from connection_events e join connections c on c.id = e.connection_id where c.nango_connection_id = ${nangoId} and e.type = 'connected'`;
    expect(events).toHaveLength(1);
  });

  it("outlives its database: the same process works off what was left, however often the connection is lost", async () => {
    const direct = new URL(process.env.DATABASE_URL as string);
    const wire = await startDatabaseWire(Number(direct.port));
    const { worker, output } = await startWorkerProcess({
      DATABASE_URL: Object.assign(new URL(direct), { port: String(wire.port) }).href,
    });
    const left = async () =>
      Number(
        (await server.sql`select count(*)::int as n from graphile_worker.jobs where task_identifier = 'tidy_up'`)[0]?.n,
      );
    for (let round = 0; round < 4; round++) {
      await server.sql`select graphile_worker.add_job('tidy_up') from generate_series(1, 40)`;
      await eventually(async () => (await left()) < 35, "the worker is at it");
      wire.cut();
      await new Promise((resolve) => setTimeout(resolve, 80 * round));
      await wire.mend();
    }
    // What was done but not ticked off is given back after a minute, and what was met by several cuts waits up to a minute
    // before it is tried again: that time is let pass here at once.
    await eventually(async () => {
      await server.sql`
          update graphile_worker._private_jobs
          set locked_at = locked_at - interval '61 seconds', run_at = least(run_at, now())`;
      await server.sql`select graphile_worker.add_job('tidy_up', job_key => 'tidy_up')`;
      return (await left()) <= 1;
    }, "all is worked off");
    expect(worker.exitCode, output()).toBeNull();
    worker.kill("SIGTERM");
    expect((await once(worker, "exit"))[0]).toBe(0);
    await wire.close();
  });

  it("that runs for one request takes no more jobs when its time is over, and leaves the rest whole to the next", async () => {
    await server.runJobs();
    await server.sql`select count(graphile_worker.add_job('notify', '{"event_id": "0"}')) from generate_series(1, 300)`;
    const left = () =>
      server.sql`select attempts, locked_by from graphile_worker.jobs where task_identifier = 'notify'`;
    await runDueJobs(50);
    const after = await left();
    expect(after.length).toBeGreaterThan(0);
    for (const job of after) expect(job).toEqual({ attempts: 0, locked_by: null });
    await runDueJobs();
    expect(await left()).toEqual([]);
  });

  it("stops with one line when the settings are wrong", async () => {
    const { worker, output } = await startWorkerProcess({ CLERK_SECRET_KEY: "nonsense" });
    expect(worker.exitCode).toBe(1);
    expect(output().trim()).toMatch(/^Settings are wrong: CLERK_SECRET_KEY[^\n]*$/);
  });
});
