import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GET, POST } from "@/app/api/cron/reconcile/route";
import { reconcile } from "@/lib/webhooks/reconcile";
import type { SignedIn } from "@/tests/support/people";
import { openWorld, type World } from "./reconcile-world";

let world: World;
let ada: SignedIn;

beforeAll(async () => {
  world = await openWorld();
  ada = await world.ada();
});
afterAll(() => world?.close());
beforeEach(async () => {
  world.server.wire.trouble({ kind: "none" });
  await world.forgetRuns();
  world.server.wire.calls.length = 0;
});

describe("the brake", () => {
  it("holds before the first of too many is buried, and gives way to a person's word", async () => {
    await reconcile();
    const made = [];
    for (let n = 0; n < 14; n++) made.push(await world.go.connect(ada));
    for (const { nangoId } of made.slice(0, 12)) await world.deed(nangoId, "vanish");
    await world.sql`update connections set created_at = created_at - interval '1 hour'`;
    const before = await world.live();
    expect(12 / before).toBeGreaterThan(0.2);
    const report = await reconcile();
    expect(report).toMatchObject({ status: "braked", code: "too_many_gone", healed: { gone: 0 } });
    expect(await world.live()).toBe(before);
    expect((await reconcile()).status).toBe("braked");

    const { code, output } = await world.script("reconcile").ended;
    expect([code, output]).toEqual([1, expect.stringContaining("braked (too_many_gone)")]);
    expect(await world.live()).toBe(before);
    const accepted = await world.script("reconcile", "--accept-gone", "--json").ended;
    expect(accepted.code, accepted.errors).toBe(0);
    expect(JSON.parse(accepted.output)).toMatchObject({ status: "done", healed: { gone: 12 } });
    expect(await world.live()).toBe(before - 12);
  });

  it("does not hold for connections that the list left out and Nango still has", async () => {
    for (let n = 0; n < 12; n++) await world.go.connect(ada);
    const before = await world.live();
    world.server.wire.trouble(
      { kind: "answer", status: 200, body: '{"connections":[]}' },
      { path: "/connections?limit=100" },
    );
    expect(await reconcile()).toMatchObject({ status: "done", seen: 0, healed: { gone: 0 } });
    expect(await world.live()).toBe(before);
  });
});

describe("the cron route", () => {
  it("needs the secret, and answers with the report to GET and POST", async () => {
    expect((await world.server.call(GET, "/api/cron/reconcile")).status).toBe(401);
    const headers = { authorization: "Bearer cron-secret-of-the-tests" };
    for (const [handler, method] of [
      [GET, "GET"],
      [POST, "POST"],
    ] as const) {
      const answer = await world.server.call(handler, "/api/cron/reconcile", { headers, method });
      expect([answer.status, answer.json.status]).toEqual([200, "done"]);
      expect(Object.keys(answer.json)).toEqual([
        ...["status", "code", "seen", "checked", "failed", "healed", "calls", "started_at", "finished_at", "next"],
      ]);
    }
  });

  it("ends when its time is over, and the next call goes on", async () => {
    const { nangoId } = await world.completeInSilence(ada);
    expect(await reconcile({ milliseconds: 0 })).toMatchObject({ status: "paused", code: "out_of_time", calls: 0 });
    expect(await reconcile()).toMatchObject({ status: "done", healed: { adopted: 1 } });
    expect(await world.row(nangoId)).toMatchObject({ status: "connected" });
    expect(await world.sql`select 1 from patchbay.reconcile_runs`).toHaveLength(1);
  });

  it("goes on in a job of its own when a slice is not enough", async () => {
    for (let n = 0; n < 3; n++) await world.completeInSilence(ada);
    await world.withBudget(2, async () => {
      await world.sql`select patchbay.add_job('reconcile', '{}', null, 'reconcile')`;
      await world.server.runJobs();
      const [waiting] =
        await world.sql`select run_at > now() as later from graphile_worker.jobs where key = 'reconcile'`;
      expect(waiting).toEqual({ later: true });
    });
    await world.later();
    await world.workOff();
    expect(await world.sql`select status from patchbay.reconcile_runs`).toMatchObject([{ status: "done" }]);
  });
});
