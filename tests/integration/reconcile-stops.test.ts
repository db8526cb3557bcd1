import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { reconcile } from "@/lib/webhooks/reconcile";
import { eventually } from "@/tests/support/eventually";
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

const pages = () =>
  world.server.wire.calls.filter(({ path }) => path.startsWith("/connections?")).map(({ path }) => path);
describe("a sweep that was killed between two pages", () => {
  it("is gone on with at the page where it was, and nothing is done twice", async () => {
    await Promise.all(Array.from({ length: 120 }, () => world.import({ instance: "elsewhere" })));
    const { nangoId } = await world.completeInSilence(ada);
    const second = "/connections?limit=100&page=1";
    world.server.wire.calls.length = 0;
    world.server.wire.trouble({ kind: "silent" }, { path: second });
    const { child, ended } = world.script("reconcile");
    await eventually(() => pages().includes(second), "the second page is asked for");
    child.kill("SIGKILL");
    expect((await ended).code).toBeNull();
    world.server.wire.trouble({ kind: "none" });
    world.server.wire.calls.length = 0;

    // Whoever was killed gives nothing back: the lease has to run out.
    expect((await reconcile()).status).toBe("busy");
    expect(world.server.wire.calls).toEqual([]);
    await world.sql`update patchbay.leases set lease_until = now() - interval '1 second'`;
    const report = await reconcile();
    expect(report.status).toBe("done");
    expect(pages()[0]).toBe(second);
    expect(report.seen).toBeGreaterThanOrEqual(121);
    expect(report.healed).toMatchObject({ adopted: 1, quarantined: 120 });
    expect(await world.sql`select 1 from connections where nango_connection_id = ${nangoId}`).toHaveLength(1);
    const [{ events }] = (await world.sql`
      select count(*)::int as events from connection_events where type = 'quarantined'`) as unknown as [
      { events: number },
    ];
    expect(events).toBe(120);
  });
});

describe("a list that shifts while it is read", () => {
  it("is walked again, so that what moved onto a page that was read is not missed", async () => {
    const { nangoId } = await world.completeInSilence(ada);
    const made = await world.go.connect(ada);
    await Promise.all(Array.from({ length: 99 }, () => world.import({ instance: "elsewhere" })));
    // The completion is the first of the second page. Then one of the first page is deleted.
    await world.go.disconnect(ada, made.connection.id);
    await world.sql`update connections set remote_delete_after = now() where id = ${made.connection.id}`;
    await world.withBudget(10, async () => {
      // One call is left for this minute.
      await world.sql`select patchbay.take_nango_calls(9, 10)`;
      return reconcile();
    });
    expect(await world.sql`select cursor from patchbay.reconcile_runs`).toMatchObject([{ cursor: "1" }]);
    await world.workOff();
    await world.later();
    const report = await reconcile();
    expect(report).toMatchObject({ status: "done", healed: { adopted: 1 } });
    expect(await world.row(nangoId)).toMatchObject({ status: "connected" });
    expect(pages().filter((path) => path === "/connections?limit=100")).toHaveLength(2);
  });
});

describe("two sweeps at once", () => {
  it("are one: the others are told that it is busy, and ask Nango nothing", async () => {
    world.server.wire.trouble({ kind: "silent" });
    const first = reconcile();
    await eventually(() => pages().length > 0, "the first has asked");
    const others = await Promise.all(Array.from({ length: 4 }, () => reconcile()));
    expect(others.map(({ status }) => status)).toEqual(Array(4).fill("busy"));
    expect(pages()).toHaveLength(1);
    expect(await first).toMatchObject({ status: "paused", code: "nango_timeout" });
    expect(await world.sql`select 1 from patchbay.reconcile_runs`).toHaveLength(1);
  });

  it("stop being two when one was too slow to keep its lease: it stops at its next step", async () => {
    await world.import({ instance: "elsewhere" });
    const page = { path: "/connections?limit=100" };
    world.server.wire.trouble({ kind: "silent" }, page);
    const slow = reconcile();
    await eventually(() => pages().length > 0, "the first has asked");
    await world.sql`update patchbay.leases set lease_until = now() - interval '1 second'`;
    world.server.wire.trouble({ kind: "none" });
    expect((await reconcile()).status).toBe("done");
    // It has waited in vain for Nango, and has nothing to say any more.
    expect((await slow).status).not.toBe("done");
    expect(await world.sql`select status from patchbay.reconcile_runs`).toMatchObject([{ status: "done" }]);
  });
});

describe("the budget", () => {
  it("pauses the sweep until the next minute, and it goes on where it was", async () => {
    const made = [];
    for (let n = 0; n < 4; n++) made.push(await world.completeInSilence(ada));
    await world.withBudget(3, async () => {
      const first = await reconcile();
      expect(first).toMatchObject({ status: "paused", code: "budget_used_up", healed: { adopted: 2 } });
      const next = Date.parse(first.next ?? "");
      expect(next % 60_000).toBe(0);
      expect(next - Date.now()).toBeGreaterThan(-1_000);
      expect(next - Date.now()).toBeLessThanOrEqual(60_000);
      world.server.wire.calls.length = 0;
      expect(await reconcile()).toMatchObject({ status: "paused", code: "budget_used_up", next: first.next });
      expect(world.server.wire.calls).toEqual([]);
      let report = first;
      for (let minute = 0; minute < 10 && report.status === "paused"; minute++) {
        await world.later();
        await world.nextMinute();
        report = await reconcile();
      }
      expect(report).toMatchObject({ status: "done", healed: { adopted: 4 } });
    });
    for (const { nangoId } of made) expect(await world.row(nangoId)).toMatchObject({ status: "connected" });
  });

  it("however small, lets it get on", async () => {
    await world.completeInSilence(ada);
    await world.withBudget(1, async () => {
      let report = await reconcile();
      for (let minute = 0; minute < 10 && report.status === "paused"; minute++) {
        await world.later();
        await world.nextMinute();
        report = await reconcile();
      }
      expect(report).toMatchObject({ status: "done", healed: { adopted: 1 } });
    });
  });

  it("is shared: what others took is not there", async () => {
    const take = async (wanted: number) =>
      (await world.sql`select patchbay.take_nango_calls(${wanted}, 10) as granted`)[0]?.granted;
    await world.withBudget(10, async () => {
      const granted = await Promise.all([take(4), take(4), take(4)]);
      expect(granted.sort()).toEqual([2, 4, 4]);
      expect(await take(1)).toBe(0);
    });
    await world.nextMinute();
    expect(await take(100)).toBe(10);
  });
});

describe("Nango", () => {
  it("that says 429 is left alone for as long as it says", async () => {
    const { nangoId } = await world.completeInSilence(ada);
    world.server.wire.trouble({
      kind: "answer",
      status: 429,
      body: '{"error":{"code":"too_many_request"}}',
      headers: { "retry-after": "7" },
    });
    const report = await reconcile();
    expect(report).toMatchObject({ status: "paused", code: "nango_rate_limited" });
    const wait = Date.parse(report.next ?? "") - Date.now();
    expect(wait).toBeGreaterThan(5_000);
    expect(wait).toBeLessThanOrEqual(7_000);
    world.server.wire.trouble({ kind: "none" });
    world.server.wire.calls.length = 0;
    expect((await reconcile()).status).toBe("paused");
    expect(world.server.wire.calls).toEqual([]);
    await world.later();
    expect(await reconcile()).toMatchObject({ status: "done", healed: { adopted: 1 } });
    expect(await world.row(nangoId)).toMatchObject({ status: "connected" });
  });

  it.each([
    ["is down", { kind: "cut" } as const, "nango_unreachable"],
    [
      "refuses our key",
      { kind: "answer", status: 401, body: '{"error":{"code":"unknown_account"}}' } as const,
      "nango_rejected",
    ],
    ["answers garbage", { kind: "answer", status: 200, body: "<<<>>>" } as const, "nango_invalid_answer"],
  ])("that %s changes nothing, and the sweep goes on later", async (_, trouble, code) => {
    const { nangoId } = await world.go.connect(ada);
    await world.deed(nangoId, "vanish");
    const before = await world.live();
    world.server.wire.trouble(trouble);
    expect(await reconcile()).toMatchObject({ status: "paused", code });
    expect(await world.live()).toBe(before);
    world.server.wire.trouble({ kind: "none" });
    await world.later();
    expect(await reconcile()).toMatchObject({ status: "done", healed: { gone: 1 } });
    expect(await world.live()).toBe(before - 1);
  });

  it("that goes down in the middle of a page pauses the sweep, which then passes nothing over", async () => {
    const made = [await world.completeInSilence(ada), await world.completeInSilence(ada)];
    const read = { path: "/connections/" };
    world.server.wire.trouble({ kind: "silent" }, read);
    const report = reconcile();
    await eventually(() => world.server.wire.calls.some(({ path }) => path.startsWith(read.path)), "one is read");
    world.server.wire.trouble({ kind: "cut" });
    expect(await report).toMatchObject({ status: "paused", code: "nango_unreachable", failed: 0 });
    world.server.wire.trouble({ kind: "none" });
    await world.later();
    expect(await reconcile()).toMatchObject({ status: "done", failed: 0, healed: { adopted: 2 } });
    for (const { nangoId } of made) expect(await world.row(nangoId)).toMatchObject({ status: "connected" });
  });

  it("that cannot answer for one connection does not hold up the others", async () => {
    const [bad, good] = [await world.go.connect(ada), await world.go.connect(ada)];
    await world.writeTags(bad.nangoId, {});
    await world.writeTags(good.nangoId, {});
    world.server.wire.trouble({ kind: "answer", status: 500, body: "{}" }, { path: `/connections/${bad.nangoId}` });
    expect(await reconcile()).toMatchObject({ status: "done", failed: 1, healed: { retagged: 1, gone: 0 } });
    world.server.wire.trouble({ kind: "none" });
    expect(await reconcile()).toMatchObject({ status: "done", failed: 0, healed: { retagged: 1 } });
  });
});
