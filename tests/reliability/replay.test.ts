import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { disconnectConnection } from "@/lib/db/connections";
import { reconcile } from "@/lib/webhooks/reconcile";
import { authBody, type Bench, startBench, times } from "./harness";

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench?.close());

describe("what was captured while a connection lived", () => {
  const histories = times(15, 1_000);
  it(`brings none of ${histories} disconnected ones back, in whatever order it is replayed`, {
    timeout: 3_600_000,
  }, async () => {
    const { random, world, ada } = bench;
    const gone: { nangoId: string; reason: string }[] = [];
    for (let history = 0; history < histories; history++) {
      bench.posted.length = 0;
      const connector = random.pick(["openai", "github", "google-calendar"]);
      const { nangoId, id } = await bench.connect(connector);
      const steps = random.between(0, 5);
      for (let step = 0; step < steps; step++) {
        const deed = random.pick(["break", "expire", "recover"]);
        await world.nango.control(`/connections/${nangoId}/${deed}`, {});
        if (random.chance(0.3)) await world.runJobs();
      }
      const captured = [
        ...bench.posted,
        bench.sign(authBody(nangoId, {}, connector)),
        bench.sign(authBody(nangoId, { operation: "override" }, connector)),
        bench.sign(authBody(nangoId, { operation: "refresh", success: true }, connector)),
      ];
      const byPerson = random.chance(0.7);
      if (byPerson) await disconnectConnection(ada, id);
      else {
        await world.nango.control(`/connections/${nangoId}/vanish`, {});
        await bench.deliver(bench.sign(authBody(nangoId, { operation: "deletion" }, connector)));
        await world.runJobs();
      }
      gone.push({ nangoId, reason: byPerson ? "by_person" : "gone_upstream" });
      const replays = random.between(2, 8);
      for (let replay = 0; replay < replays; replay++) {
        expect((await bench.deliver(random.pick(captured))).status).toBe(200);
        if (random.chance(0.4)) await world.pass(random.between(1, 200) * 1_000);
        if (random.chance(0.5)) await world.runJobs();
      }
    }
    await bench.drain();
    expect((await reconcile()).status).toBe("done");
    await bench.drain();
    for (const { nangoId, reason } of gone) {
      const row = await bench.rowOf(nangoId);
      expect(row, `${nangoId}, seed ${random.seed}`).toMatchObject({ status: "disconnected", reason_code: reason });
    }
    const risen = await bench.sql`select 1 from connection_events where type in ('disconnect_undone', 'adopted')`;
    expect(risen).toHaveLength(0);
  });
});
