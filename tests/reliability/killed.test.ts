import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "@/tests/support/eventually";
import { type Bench, startBench, times } from "./harness";

let bench: Bench;
const workers: ChildProcess[] = [];
beforeAll(async () => {
  bench = await startBench();
});
afterEach(() => {
  for (const worker of workers.splice(0)) worker.kill("SIGKILL");
});
afterAll(() => bench?.close());

async function startWorker(): Promise<ChildProcess> {
  const worker = spawn(process.execPath, ["--import", "tsx", "--conditions=react-server", "scripts/worker.ts"], {
    env: { ...process.env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  workers.push(worker);
  let output = "";
  worker.stdout?.on("data", (chunk) => (output += chunk));
  await eventually(() => output.includes("worker ready"), "the worker is ready");
  return worker;
}

const inHand = async (task: string) =>
  (
    await bench.sql`
      select 1 from graphile_worker.jobs where locked_by is not null and task_identifier = ${task} limit 1`
  ).length > 0;

describe("a worker that is killed between what was stored and its effect", () => {
  const kills = times(10, 200);
  it(`${kills} times over: nothing is lost and nothing is applied twice`, { timeout: 3_600_000 }, async () => {
    const { world, random } = bench;
    const made: string[] = [];
    // One is always ready to take over, as it would be next to others.
    let next = startWorker();
    for (let kill = 0; kill < kills; kill++) {
      const worker = await next;
      bench.posted.length = 0;
      const { nangoId } = await bench.complete(random.pick(["openai", "github"]));
      made.push(nangoId);
      const [creation] = bench.posted;
      if (!creation) throw new Error("Nango said nothing");
      // Sometimes it dies while it asks Nango, sometimes while it waits to write, sometimes anywhere.
      const moment = random.pick(["asking", "writing", "any"] as const);
      if (moment === "asking")
        world.nango.faults.add({ on: "api", effect: "slow", ms: 3_000, times: 1, path: "/connections/" });
      const held = moment === "writing" ? hold() : null;
      await held?.locked;
      expect((await bench.deliver(creation)).status).toBe(200);
      if (moment === "any") await new Promise((resolve) => setTimeout(resolve, random.between(0, 120)));
      else await eventually(() => inHand("apply_delivery"), "the worker is at it");
      worker.kill("SIGKILL");
      await once(worker, "exit");
      world.nango.faults.clear();
      await held?.release();
      // A minute later somebody notices: the next worker, when it starts.
      await bench.sql`
        update graphile_worker._private_jobs set locked_at = locked_at - interval '61 seconds' where locked_at is not null`;
      next = startWorker();
    }
    await next;
    const connected = async () =>
      (await bench.sql`select 1 from connections where nango_connection_id = any (${made})`).length === made.length;
    await eventually(connected, "all are connected", 90_000);
    const idle = async () =>
      (await bench.sql`select 1 from graphile_worker.jobs where task_identifier = 'apply_delivery'`).length === 0;
    await eventually(idle, "no delivery is left", 90_000);
    const events = await bench.sql<{ count: number }[]>`
      select count(*)::int as count from connection_events where type = 'connected' group by connection_id`;
    expect(events.map(({ count }) => count)).toEqual(made.map(() => 1));
    const open = await bench.sql`select 1 from webhook_deliveries where verdict is null`;
    expect(open).toHaveLength(0);
  });
});

/** Keeps everybody from writing connections until it is released. */
function hold() {
  let release = () => {};
  let locked = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const isLocked = new Promise<void>((resolve) => {
    locked = resolve;
  });
  const holding = bench.sql.begin(async (sql) => {
    await sql`lock table connections in share mode`;
    locked();
    await released;
  });
  return {
    locked: isLocked,
    release: async () => {
      release();
      await holding;
    },
  };
}
