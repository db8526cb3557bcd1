import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { authBody, type Bench, permutations, startBench, times } from "./harness";

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench?.close());
beforeEach(() => {
  bench.posted.length = 0;
});

const nango = (deed: string, nangoId: string) => bench.world.nango.control(`/connections/${nangoId}/${deed}`, {});

describe("signed deliveries that a stranger wrote", () => {
  const lies = times(80, 5_000);
  it(`change nothing, whatever ${lies} of them say about ours, others' and unknown connections`, {
    timeout: 900_000,
  }, async () => {
    const ids: [string, string][] = [];
    for (const connector of ["openai", "github", "google-calendar", "twilio"]) {
      const person = bench.world.people[ids.length % bench.world.people.length];
      ids.push([(await bench.connect(connector, person)).nangoId, connector]);
    }
    await bench.drain();
    const before = await bench.snapshot();
    const mallory = { organization_id: "org_mallory", end_user_id: "user_mallory", instance: "test" };
    for (let round = 0; round < lies; round++) {
      const [id, key] = bench.random.chance(0.8) ? bench.random.pick(ids) : [randomUUID(), "openai"];
      const lie = bench.random.pick<object>([
        { operation: "deletion" },
        { operation: "refresh", success: false, error: { type: "a", description: "b" } },
        { operation: "refresh", success: true },
        { operation: "override", tags: { ...mallory, attempt_id: randomUUID() } },
        { operation: "creation", tags: mallory, endUser: { endUserId: "user_mallory", endUserEmail: null, tags: {} } },
        { operation: "creation", success: false, error: { type: "denied", description: "no" } },
        { operation: "something_new", status: "disconnected", owner_id: "org_mallory" },
        { type: "forward", payload: { connectionId: id, deleted: true } },
      ]);
      const { status } = await bench.deliver(bench.sign(authBody(id, { ...lie, nonce: round }, key)));
      expect(status).toBe(200);
    }
    await bench.drain();
    expect(await bench.snapshot()).toEqual(before);
    const open = await bench.sql`select 1 from webhook_deliveries where verdict is null`;
    expect(open).toHaveLength(0);
  });
});

describe("the same delivery", () => {
  const rounds = times(3, 100);
  it(`fifty times at once and ten times later has one effect, all answered 200 (${rounds} times over)`, {
    timeout: 900_000,
  }, async () => {
    for (let round = 0; round < rounds; round++) {
      bench.posted.length = 0;
      const { nangoId } = await bench.complete(round % 2 ? "openai" : "github");
      const [creation] = bench.posted;
      if (!creation) throw new Error("Nango said nothing");
      const many = await Promise.all(Array.from({ length: 50 }, () => bench.deliver(creation)));
      expect(new Set(many.map(({ status }) => status))).toEqual(new Set([200]));
      expect(many.filter(({ outcome }) => outcome === "stored")).toHaveLength(1);
      await bench.drain();
      for (let later = 0; later < 10; later++) {
        expect((await bench.deliver(creation)).status).toBe(200);
        await bench.world.pass(later < 5 ? 10_000 : 130_000);
        await bench.world.runJobs();
      }
      await bench.drain();
      const events = await bench.eventsOf(nangoId);
      expect(events.filter((type) => type === "connected")).toHaveLength(1);
      expect(events.filter((type) => type === "reconnected")).toHaveLength(0);
      expect(await bench.rowOf(nangoId)).toMatchObject({ status: "connected" });
    }
  });
});

describe("creation, override, refresh failure and deletion, each three times", () => {
  const rounds = times(1, 10);
  it(`end at Nango's truth in each of 24 orders (${rounds} times over)`, { timeout: 1_800_000 }, async () => {
    const kinds = ["creation", "override", "refresh", "deletion"] as const;
    for (let round = 0; round < rounds; round++) {
      for (const [index, order] of permutations(kinds).entries()) {
        const { nangoId } = await bench.complete("openai");
        const bodies = {
          creation: bench.sign(authBody(nangoId)),
          override: bench.sign(authBody(nangoId, { operation: "override" })),
          refresh: bench.sign(authBody(nangoId, { operation: "refresh", success: false, error: { type: "x" } })),
          deletion: bench.sign(authBody(nangoId, { operation: "deletion" })),
        };
        // Nango's truth when the last of them arrives: there, broken, or gone.
        const truth = (["there", "broken", "gone"] as const)[(index + round) % 3];
        const turn = bench.random.between(0, 11);
        for (const [place, kind] of order.flatMap((each) => [each, each, each]).entries()) {
          if (place === turn && truth === "broken") await nango("kill", nangoId);
          if (place === turn && truth === "broken") await nango("break", nangoId);
          if (place === turn && truth === "gone") await nango("vanish", nangoId);
          expect((await bench.deliver(bodies[kind])).status).toBe(200);
          if (bench.random.chance(0.5)) await bench.world.runJobs();
          // Later than two minutes each is looked into anew; sooner it is a duplicate.
          if (bench.random.chance(0.3)) await bench.world.pass(130_000);
        }
        // The last word comes after what it tells of.
        await bench.world.pass(130_000);
        expect((await bench.deliver(bodies[order.at(-1) ?? "creation"])).status).toBe(200);
        await bench.drain();
        const row = await bench.rowOf(nangoId);
        const what = `order ${order}, ${truth} at ${turn}, seed ${bench.random.seed}`;
        if (truth === "there") expect(row, what).toMatchObject({ status: "connected" });
        if (truth === "broken")
          expect(row, what).toMatchObject({ status: "needs_attention", reason_code: "auth_failed" });
        // Gone before anybody had heard of it: there is no row, and none is made.
        if (truth === "gone" && row)
          expect(row, what).toMatchObject({ status: "disconnected", reason_code: "gone_upstream" });
        const ends = (await bench.eventsOf(nangoId)).filter((type) => type === "disconnected" || type === "connected");
        expect(new Set(ends).size, what).toBe(ends.length);
      }
    }
  });
});

describe("poison", () => {
  const rounds = times(2, 200);
  it(`is kept with its reason and never blocks what comes after it (${rounds} times over)`, {
    timeout: 900_000,
  }, async () => {
    for (let round = 0; round < rounds; round++) {
      const nonce = `${round}-${randomUUID()}`;
      const poison: [unknown, string][] = [
        [authBody("x", { type: "no_such_type", nonce }), "parked"],
        [{ action: "opened", issue: { nonce } }, "parked"],
        [`no JSON ${nonce}`, "parked"],
        [`[${JSON.stringify(nonce)}]`, "parked"],
        [authBody("../../etc/passwd", { nonce }), "parked"],
        [authBody("x".repeat(300), { nonce }), "parked"],
        [authBody("a\u0000b", { nonce }), "parked"],
        [
          authBody(randomUUID(), { tags: { attempt_id: "'; drop table connections; --", instance: "test" }, nonce }),
          "parked",
        ],
        [authBody(randomUUID(), { tags: { attempt_id: { deep: true } }, nonce }), "parked"],
        [authBody(randomUUID(), { nonce }, "no-such-integration"), "parked"],
        [{ ...authBody(randomUUID(), { nonce }), operation: 5, success: "maybe" }, "parked"],
      ];
      bench.posted.length = 0;
      const { nangoId } = await bench.complete();
      for (const [value] of poison) expect((await bench.deliver(bench.sign(value))).status).toBe(200);
      expect((await bench.deliver(bench.posted[0] ?? bench.sign("none"))).status).toBe(200);
      await bench.world.runJobs();
      expect(await bench.rowOf(nangoId)).toMatchObject({ status: "connected" });
      for (const [value, verdict] of poison) {
        const body = Buffer.from(bench.sign(value).body);
        const [row] = await bench.sql`select verdict, reason_code from webhook_deliveries where body = ${body}`;
        expect(row, body.toString().slice(0, 90)).toMatchObject({ verdict, reason_code: expect.stringMatching(/./) });
      }
    }
  });
});
