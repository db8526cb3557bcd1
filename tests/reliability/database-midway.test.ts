import { afterAll, beforeAll, expect, it } from "vitest";
import { applyStoredDelivery } from "@/lib/webhooks/apply";
import { eventually } from "@/tests/support/eventually";
import { type Bench, startBench, times } from "./harness";

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench?.close());

/**
 * The driver's own transactions cannot outlive their connection: it writes their rollback to a socket that is gone, which
 * ends the process and leaves the pool hanging.
 */
const losses = times(5, 100);
it(`a database that goes away while Nango is asked fails that job alone, ${losses} times over`, {
  timeout: 600_000,
}, async () => {
  const { world } = bench;
  for (let round = 0; round < losses; round++) {
    bench.posted.length = 0;
    const { nangoId } = await bench.complete();
    const [creation] = bench.posted;
    if (!creation) throw new Error("Nango said nothing");
    expect((await bench.deliver(creation)).status).toBe(200);
    const [delivery] = await bench.sql`select max(id)::text as id from webhook_deliveries`;
    world.nango.faults.add({ on: "api", effect: "slow", ms: 150, times: 1, path: "/connections" });
    const { working, asked } = await untilAsked(delivery?.id);
    expect(asked).toBe(true);
    world.cutDatabase();
    expect(await working).toBe("database_unavailable");
    await world.mendDatabase();
    // The pool is usable, by many at once.
    await Promise.all(Array.from({ length: 12 }, () => bench.deliver(creation)));
    await bench.drain();
    expect(await bench.rowOf(nangoId)).toMatchObject({ status: "connected" });
    expect((await bench.eventsOf(nangoId)).filter((type) => type === "connected")).toHaveLength(1);
  }
});

/** Begins the work of a delivery. A pool may still hold a connection of the last round: who gets that one begins again. */
async function untilAsked(delivery: string) {
  for (let tries = 0; ; tries++) {
    let over = false;
    const working = applyStoredDelivery(delivery)
      .then(
        () => "applied",
        (error: { code?: string }) => error.code ?? String(error),
      )
      .finally(() => {
        over = true;
      });
    const asked = () => bench.world.nango.faults.list().length === 0;
    await eventually(() => asked() || over, "Nango was asked");
    if (asked() || tries > 10) return { working, asked: asked() };
    expect(await working).toBe("database_unavailable");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
