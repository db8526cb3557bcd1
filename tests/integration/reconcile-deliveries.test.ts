import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POST as webhook } from "@/app/api/webhooks/nango/route";
import { countDeliveries, replayDeliveries } from "@/lib/db/deliveries";
import { listStuckJobs, retryJob } from "@/lib/db/stuck-jobs";
import { applyStoredDelivery } from "@/lib/webhooks/apply";
import { hmac } from "@/tests/support/forgeries";
import type { SignedIn } from "@/tests/support/people";
import { APP_URL } from "@/tests/support/server";
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
  await world.sql`delete from webhook_deliveries`;
  await world.sql`delete from graphile_worker._private_jobs`;
});

/** A signed delivery; returns its id here. */
async function deliver(connectionId: string, extra: object = {}): Promise<string> {
  const text = JSON.stringify({
    from: "nango",
    type: "auth",
    operation: "creation",
    success: true,
    connectionId,
    providerConfigKey: "openai",
    note: "canary-of-the-body",
    ...extra,
  });
  const headers = {
    "content-type": "application/json",
    "x-nango-hmac-sha256": hmac(world.server.nango.webhookSigningKey, text),
  };
  const answer = await webhook(
    new Request(`${APP_URL}/api/webhooks/nango`, { method: "POST", headers, body: Buffer.from(text) }),
  );
  expect(answer.status).toBe(200);
  const [row] = await world.sql`select id::text from webhook_deliveries where body = ${Buffer.from(text)}`;
  return row?.id;
}
const delivery = async (id: string) => {
  const [row] = await world.sql`
    select attempts, failures, last_error, verdict, reason_code, connection_id from webhook_deliveries where id = ${id}`;
  return row;
};
const fail = (id: string) => applyStoredDelivery(id).catch((error: Error) => error);

describe("a delivery", () => {
  it("counts each run of its job, and says why the last one failed, without a word of Nango's or its own", async () => {
    const { nangoId } = await world.completeInSilence(ada);
    const id = await deliver(nangoId);
    world.server.wire.trouble({ kind: "answer", status: 500, body: '{"error":"canary-upstream sk-canary12345678"}' });
    await fail(id);
    expect(await delivery(id)).toMatchObject({ attempts: 1, failures: 1, last_error: "nango_unreachable (500)" });
    world.server.wire.trouble({ kind: "cut" });
    await fail(id);
    expect(await delivery(id)).toMatchObject({ attempts: 2, last_error: "nango_unreachable", verdict: null });
    world.server.wire.trouble({ kind: "none" });
    await world.workOff();
    expect(await delivery(id)).toMatchObject({ attempts: 3, failures: 0, verdict: "applied", reason_code: null });
  });

  it("whose job failed twenty times is parked as gave_up instead of lost, and can be replayed", async () => {
    const { nangoId } = await world.completeInSilence(ada);
    const id = await deliver(nangoId);
    world.server.wire.trouble({ kind: "cut" });
    for (let run = 1; run < 20; run++) expect(await fail(id), `run ${run}`).toBeInstanceOf(Error);
    expect(await delivery(id)).toMatchObject({ attempts: 19, verdict: null });
    // The last job ends well: it is not to be tried again.
    expect(await fail(id)).toBeUndefined();
    expect(await delivery(id)).toMatchObject({ attempts: 20, verdict: "parked", reason_code: "gave_up" });
    world.server.wire.trouble({ kind: "none" });
    expect(await world.row(nangoId)).toBeUndefined();
    const { code, output, errors } = await world.script("replay-deliveries", "--reason", "gave_up").ended;
    expect([code, output, errors]).toEqual([0, "1 to be looked into again\n", ""]);
    expect(await delivery(id)).toMatchObject({ verdict: null, last_error: null, failures: 0 });
    await world.workOff();
    expect(await delivery(id)).toMatchObject({ verdict: "applied", attempts: 21 });
    expect(await world.row(nangoId)).toMatchObject({ status: "connected" });
  });

  it("that cannot be applied for a reason of ours says its kind only", async () => {
    const { nangoId } = await world.completeInSilence(ada);
    const id = await deliver(nangoId);
    await world.sql.unsafe(`create function public.boom() returns trigger language plpgsql as
      $$ begin raise exception 'canary-of-the-database %', new.nango_connection_id; end $$;
      create trigger boom before insert on public.connections for each row execute function public.boom()`);
    await fail(id);
    await world.sql.unsafe("drop function public.boom() cascade");
    const { last_error } = (await delivery(id)) as { last_error: string };
    expect(last_error).toMatch(/^\w+ P0001$/);
    await world.workOff();
    expect(await delivery(id)).toMatchObject({ verdict: "applied" });
  });
});

describe("replaying", () => {
  it("takes those that are asked for, once, and applies them by asking Nango", async () => {
    const ids = [await deliver("nowhere-1"), await deliver("nowhere-2"), await deliver("x", { type: "something_new" })];
    const open = await deliver("nowhere-3");
    await world.sql`delete from graphile_worker._private_jobs where payload ->> 'delivery_id' = ${open}`;
    await world.workOff();
    expect(await replayDeliveries({ ids: [ids[0] as string, open] })).toBe(1);
    await world.workOff();
    expect(await delivery(ids[0] as string)).toMatchObject({
      attempts: 2,
      verdict: "parked",
      reason_code: "not_at_nango",
    });
    expect(await replayDeliveries({ verdict: "parked", reason: "unknown_type" })).toBe(1);
    expect(await replayDeliveries({ verdict: "parked" })).toBe(2);
    // All are open now.
    expect(await replayDeliveries({ verdict: "parked" })).toBe(0);
    await world.workOff();
    expect(await replayDeliveries({ verdict: "applied" })).toBe(0);
    expect((await world.script("replay-deliveries", "--parked").ended).output).toBe("3 to be looked into again\n");
  });

  it("does nothing without being told which", async () => {
    await deliver("nowhere");
    await world.workOff();
    expect(await replayDeliveries({})).toBe(0);
    for (const args of [[], ["--id", "1 or 1=1"]]) {
      const { code, errors } = await world.script("replay-deliveries", ...args).ended;
      expect([code, errors.length > 0]).toEqual([1, true]);
    }
  });
});

it("what arrived is counted by type and verdict", async () => {
  await deliver("a");
  await deliver("b");
  await deliver("c", { type: "something_new" });
  await world.workOff();
  await deliver("d");
  const old = await deliver("e");
  await world.sql`update webhook_deliveries set received_at = now() - interval '3 days' where id = ${old}`;
  expect(await countDeliveries(2)).toEqual([
    { type: "auth", verdict: "parked", reason: "not_at_nango", count: 2 },
    { type: "auth", verdict: null, reason: null, count: 1 },
    { type: "something_new", verdict: "parked", reason: "unknown_type", count: 1 },
  ]);
  expect((await countDeliveries(7)).reduce((sum, { count }) => sum + count, 0)).toBe(5);
});

describe("jobs that do not get done", () => {
  it("are listed with what they are about and an error without secrets, and can be made due", async () => {
    const { connection, nangoId } = await world.go.connect(ada);
    await world.go.disconnect(ada, connection.id);
    expect(await listStuckJobs()).toEqual([]);
    const secret = world.server.nango.apiKey;
    await world.sql`update graphile_worker._private_jobs set attempts = 12, run_at = now() + interval '6 hours',
      last_error = ${`it failed with ${secret}\n at somewhere.ts:1`} where key = ${`remote_delete:${connection.id}`}`;
    const [job, ...others] = await listStuckJobs();
    expect(others).toEqual([]);
    expect(job).toEqual({
      id: expect.any(String),
      task: "remote_delete",
      connectionId: connection.id,
      deliveryId: null,
      attempts: 12,
      gaveUp: false,
      lastError: "it failed with [secret]",
      nextRunAt: expect.stringMatching(/Z$/),
    });
    await world.sql`update graphile_worker._private_jobs set attempts = max_attempts where id = ${job?.id ?? ""}`;
    expect(await listStuckJobs()).toMatchObject([{ gaveUp: true, nextRunAt: null }]);
    await world.server.runJobs();
    expect(await world.existsAt(nangoId)).toBe(true);
    await world.sql`update connections set remote_delete_after = now() where id = ${connection.id}`;
    expect(await retryJob(job?.id ?? "")).toBe(true);
    await world.server.runJobs();
    expect(await world.existsAt(nangoId)).toBe(false);
    expect(await listStuckJobs()).toEqual([]);
    expect(await retryJob(job?.id ?? "")).toBe(false);
    expect(await retryJob("1; drop table connections")).toBe(false);
  });
});
