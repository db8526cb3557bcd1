import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reconcile } from "@/lib/webhooks/reconcile";
import { authBody, type Bench, soaking, startBench } from "./harness";

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench?.close());

/** Seconds that the database is away. The short form has one outage, as long as its deliveries take. */
const outages = soaking ? [5, 60, 300] : [2];
const events = soaking ? 500 : 40;

describe.each(outages)("while the database is away for %i s", (seconds) => {
  it(`each of ${events} deliveries is answered 503, and one sweep later nothing is missing or wrong`, {
    timeout: 900_000,
  }, async () => {
    const { world, random } = bench;
    const before: { nangoId: string; broken: boolean }[] = [];
    const living = Math.max(6, Math.floor(events / 10));
    for (let index = 0; index < living; index++) {
      before.push({ nangoId: (await bench.connect(index % 2 ? "openai" : "github")).nangoId, broken: false });
    }
    await bench.drain();
    // People were at the provider when it happened: their sign-ins are finished while we cannot write.
    const open = [];
    for (let index = 0; index < living; index++) open.push(await bench.complete(index % 2 ? "openai" : "notion"));
    const ends: typeof open = open;
    bench.posted.length = 0;

    world.cutDatabase();
    const until = Date.now() + seconds * 1_000;
    const answers: number[] = [];
    for (let index = 0; index < events; index++) {
      const about = random.pick([...before, ...ends]);
      const kind = random.pick([{}, { operation: "override" }, { operation: "refresh", success: false }]);
      const text = authBody(about.nangoId, { ...kind, nonce: index });
      answers.push((await bench.deliver(bench.sign(text))).status);
      if (index % 5 === 0) {
        const victim = before[(index / 5) % before.length];
        // Deletions stay few: a fifth at once would be a wrong key.
        if (victim && !victim.broken && index % 25 === 0) {
          await world.nango.control(`/connections/${victim.nangoId}/kill`, {});
          await world.nango.control(`/connections/${victim.nangoId}/break`, {});
          victim.broken = true;
        }
      }
      const left = until - Date.now();
      if (left > 0) await new Promise((resolve) => setTimeout(resolve, left / (events - index)));
    }
    expect(new Set(answers)).toEqual(new Set([503]));
    await world.mendDatabase();
    expect((await bench.deliver(bench.sign(authBody("after-the-outage", { nonce: seconds })))).status).toBe(200);

    expect((await reconcile()).status).toBe("done");
    await bench.drain();
    for (const { nangoId, broken } of before) {
      const expected = broken ? "needs_attention" : "connected";
      expect(await bench.rowOf(nangoId), `seed ${random.seed}`).toMatchObject({ status: expected });
    }
    for (const { nangoId } of ends) expect(await bench.rowOf(nangoId)).toMatchObject({ status: "connected" });
    const twice = await bench.sql`
      select connection_id from connection_events where type = 'connected' group by 1 having count(*) > 1`;
    expect(twice).toHaveLength(0);
  });
});
