import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POST as reconnect } from "@/app/api/v1/connections/[id]/reconnect/route";
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

const sweep = async () => {
  const report = await reconcile();
  expect(report).toMatchObject({ status: "done", code: null, failed: 0 });
  return report;
};

describe("a sweep heals", () => {
  it("a completion that nobody told us of: adopted, once, for who started it", async () => {
    const { nangoId, attemptId } = await world.completeInSilence(ada, "openai", { visibility: "only_me" });
    expect((await sweep()).healed.adopted).toBe(1);
    const row = await world.row(nangoId);
    expect(row).toMatchObject({ owner_id: ada.orgId, connected_by: ada.userId, visibility: "only_me" });
    const [attempt] = await world.sql`select status, connection_id from connection_attempts where id = ${attemptId}`;
    expect(attempt).toEqual({ status: "confirmed", connection_id: row?.id });
    expect((await sweep()).healed.adopted).toBe(0);
  });

  it("a connection that was deleted at Nango: a tombstone", async () => {
    const { connection, nangoId } = await world.go.connect(ada);
    await world.deed(nangoId, "vanish");
    expect((await sweep()).healed.gone).toBe(1);
    expect(await world.row(nangoId)).toMatchObject({ status: "disconnected", reason_code: "gone_upstream" });
    expect(await world.events(connection.id, "disconnected")).toHaveLength(1);
    expect((await sweep()).healed.gone).toBe(0);
  });

  it("Nango's broken flag, and its recovery", async () => {
    const { nangoId } = await world.go.connect(ada);
    await world.workOff();
    await world.deed(nangoId, "break");
    await world.deed(nangoId, "kill");
    expect((await sweep()).healed.status_changed).toBe(1);
    expect((await world.row(nangoId))?.suspect_since).not.toBeNull();
    await world.workOff();
    expect(await world.row(nangoId)).toMatchObject({ status: "needs_attention", reason_code: "auth_failed" });
    // Nango says so too: there is nothing new to look at.
    expect((await sweep()).checked).toBe(0);
    const { json } = await world.nango("GET", `/connections?connectionId=${nangoId}`);
    await world.import(json.connections[0].tags, nangoId);
    expect((await sweep()).checked).toBe(1);
    await world.workOff();
    expect(await world.row(nangoId)).toMatchObject({ status: "connected", reason_code: null, suspect_since: null });
  });

  it("wiped tags: the full set is written back, and said once", async () => {
    const { connection, nangoId, attemptId } = await world.go.connect(ada);
    const before = await world.tagsAt(nangoId);
    await world.writeTags(nangoId, {});
    expect((await sweep()).healed.retagged).toBe(1);
    expect(await world.tagsAt(nangoId)).toEqual(before);
    expect(before).toEqual({
      organization_id: ada.orgId,
      end_user_id: ada.userId,
      connector: "openai",
      attempt_id: attemptId,
      instance: "localhost:3999",
    });
    const retagged = await world.events(connection.id, "retagged");
    expect(retagged.map(({ actor_kind, data }) => [actor_kind, data])).toEqual([["system", { wiped: true }]]);
    expect(await sweep()).toMatchObject({ checked: 0, healed: { retagged: 0 } });
    expect(await world.events(connection.id, "reconnected")).toHaveLength(0);
  });

  it("a reconnect that nobody told us of: the same row, signed in anew, and its tags stay", async () => {
    const { connection, nangoId } = await world.go.connect(ada);
    const path = `/api/v1/connections/${connection.id}/reconnect`;
    const { json } = await world.server.call(reconnect, path, { as: ada, params: { id: connection.id }, body: {} });
    expect(await world.server.complete(json, "openai", { apiKey: "sk-better" })).toBe(nangoId);
    const tags = await world.tagsAt(nangoId);
    expect(tags?.attempt_id).toBe(json.attemptId);
    const report = await sweep();
    expect(report.healed).toMatchObject({ status_changed: 1, retagged: 0, adopted: 0 });
    expect(await world.row(nangoId)).toMatchObject({ id: connection.id, signed_in_attempt: json.attemptId });
    const [attempt] = await world.sql`select status, outcome from connection_attempts where id = ${json.attemptId}`;
    expect(attempt).toEqual({ status: "confirmed", outcome: "reconnected" });
    expect(await world.events(connection.id, "reconnected")).toHaveLength(1);
    expect((await sweep()).checked).toBe(0);
    // Wiped later, they are those of the last sign-in.
    await world.writeTags(nangoId, {});
    await sweep();
    expect(await world.tagsAt(nangoId)).toEqual(tags);
  });

  it("tags that name another owner, and keeps those that the operator added", async () => {
    const { nangoId } = await world.go.connect(ada);
    const before = (await world.tagsAt(nangoId)) ?? {};
    await world.writeTags(nangoId, { ...before, organization_id: "org_stolen", plan: "gold" });
    expect((await sweep()).healed.retagged).toBe(1);
    expect(await world.tagsAt(nangoId)).toEqual({ ...before, plan: "gold" });
    expect(await world.row(nangoId)).toMatchObject({ owner_id: ada.orgId });
    expect((await sweep()).checked).toBe(0);
  });

  it("tags with an organisation on what a person owns by themselves", async () => {
    const alone = await world.server.signIn("ada@acme.test", null);
    const { nangoId } = await world.go.connect(alone);
    const before = (await world.tagsAt(nangoId)) ?? {};
    expect(before).not.toHaveProperty("organization_id");
    await world.writeTags(nangoId, { ...before, organization_id: "org_stolen" });
    expect((await sweep()).healed.retagged).toBe(1);
    expect(await world.tagsAt(nangoId)).toEqual(before);
  });

  it("a completion of a cancelled attempt: quarantined for its owner, not adopted", async () => {
    const session = await world.go.start(ada);
    await world.go.cancel(ada, session.attemptId);
    const nangoId = await world.server.complete(session, "openai", { apiKey: "sk-good" });
    expect((await sweep()).healed).toMatchObject({ adopted: 0, quarantined: 1 });
    expect(await world.row(nangoId)).toBeUndefined();
    expect(await world.quarantined(nangoId)).toMatchObject({ reason_code: "attempt_cancelled", owner_id: ada.orgId });
    // What is quarantined already is not asked about again.
    expect(await sweep()).toMatchObject({ checked: 0, healed: { quarantined: 0 } });
  });

  it("deliveries that lost their job, and attempts whose time is over", async () => {
    const [delivery] = await world.sql`
      insert into webhook_deliveries (body_sha256, body, type, integration_key, nango_connection_id, received_at)
      values (sha256('lost'), '{}', 'auth', 'openai', 'nowhere', now() - interval '11 minutes') returning id`;
    const attempt = await world.go.start(ada);
    await world.sql`update connection_attempts set session_expires_at = now() - interval '11 minutes'
      where id = ${attempt.attemptId}`;
    const { healed } = await sweep();
    expect([healed.requeued, healed.attempts_expired]).toEqual([1, 1]);
    expect((await sweep()).healed.requeued).toBe(0);
    await world.workOff();
    const [after] = await world.sql`select verdict, reason_code from webhook_deliveries where id = ${delivery?.id}`;
    expect(after).toEqual({ verdict: "parked", reason_code: "not_at_nango" });
  });
});

describe("the job of one connection", () => {
  it("writes wiped tags back, and buries nothing", async () => {
    const { connection, nangoId } = await world.go.connect(ada);
    const before = await world.tagsAt(nangoId);
    await world.writeTags(nangoId, {});
    const enqueue = () =>
      world.sql`select patchbay.add_job('retag', ${world.sql.json({ connection_id: connection.id })})`;
    await enqueue();
    await world.workOff();
    expect(await world.tagsAt(nangoId)).toEqual(before);
    await world.deed(nangoId, "vanish");
    await enqueue();
    await world.workOff();
    expect(await world.row(nangoId)).toMatchObject({ status: "connected" });
  });
});

describe("a sweep never brings back", () => {
  const disconnectFully = async () => {
    const made = await world.go.connect(ada);
    await world.go.disconnect(ada, made.connection.id);
    await world.sql`update connections set remote_delete_after = now() - interval '1 second' where id = ${made.connection.id}`;
    await world.workOff();
    expect(await world.existsAt(made.nangoId)).toBe(false);
    return made;
  };

  it("what a person disconnected: it is deleted again", async () => {
    const { connection, nangoId } = await disconnectFully();
    await world.import({}, nangoId);
    expect((await sweep()).healed.deletes_resumed).toBe(1);
    expect(await world.row(nangoId)).toMatchObject({ status: "disconnected", remote_deleted_at: null });
    expect((await sweep()).healed.deletes_resumed).toBe(0);
    await world.workOff();
    expect(await world.existsAt(nangoId)).toBe(false);
    const row = await world.row(nangoId);
    expect(row).toMatchObject({ status: "disconnected", reason_code: "by_person", remote_result: "deleted" });
    expect(await world.events(connection.id, "remote_deleted")).toHaveLength(2);
  });

  it("what a person disconnected while its job was lost: after the undo time it gets another", async () => {
    const { connection, nangoId } = await world.go.connect(ada);
    await world.go.disconnect(ada, connection.id);
    await world.sql`delete from graphile_worker._private_jobs where key = ${`remote_delete:${connection.id}`}`;
    // In its undo time it is left alone.
    expect((await sweep()).healed.deletes_resumed).toBe(0);
    await world.sql`update connections set remote_delete_after = now() - interval '2 minutes' where id = ${connection.id}`;
    expect((await sweep()).healed.deletes_resumed).toBe(1);
    await world.workOff();
    expect(await world.existsAt(nangoId)).toBe(false);
    expect(await world.row(nangoId)).toMatchObject({ status: "disconnected", remote_result: "deleted" });
  });

  it("what was gone: it is quarantined as reappeared, for its owner", async () => {
    const { nangoId } = await world.go.connect(ada);
    const tags = (await world.tagsAt(nangoId)) ?? {};
    await world.deed(nangoId, "vanish");
    await sweep();
    await world.import(tags, nangoId);
    expect((await sweep()).healed).toMatchObject({ quarantined: 1, adopted: 0 });
    expect(await world.row(nangoId)).toMatchObject({ status: "disconnected", reason_code: "gone_upstream" });
    expect(await world.quarantined(nangoId)).toMatchObject({ reason_code: "reappeared", owner_id: ada.orgId });
    expect((await sweep()).healed.quarantined).toBe(0);
    await world.deed(nangoId, "vanish");
    expect((await sweep()).healed.quarantine_gone).toBe(1);
    expect(await world.quarantined(nangoId)).toMatchObject({ resolution: "gone" });
    await world.import(tags, nangoId);
    expect((await sweep()).healed.quarantined).toBe(1);
    expect(await world.quarantined(nangoId)).toMatchObject({ resolved_at: null, resolution: null });
  });

  it("what was gone, also when its attempt has been forgotten", async () => {
    const { connection, nangoId } = await world.go.connect(ada);
    await world.deed(nangoId, "vanish");
    await sweep();
    await world.sql`delete from connection_attempts where connection_id = ${connection.id}`;
    await world.import({}, nangoId);
    expect((await sweep()).healed.quarantined).toBe(1);
    expect(await world.quarantined(nangoId)).toMatchObject({ reason_code: "reappeared", attempt_id: null });
  });
});

describe("a sweep lists and leaves alone", () => {
  it("connections of other deployments and without our tags, without a call about any of them", async () => {
    const tags = { instance: "other.example", attempt_id: randomUUID(), end_user_id: "user_x", connector: "openai" };
    const [foreign, bare] = [await world.import(tags), await world.import({})];
    world.server.wire.calls.length = 0;
    expect((await sweep()).healed.quarantined).toBe(2);
    expect(await world.quarantined(foreign)).toMatchObject({ reason_code: "foreign_instance", owner_id: null });
    expect(await world.quarantined(bare)).toMatchObject({ reason_code: "missing_tags", owner_id: null });
    expect(await world.tagsAt(foreign)).toEqual(tags);
    expect(await world.tagsAt(bare)).toEqual({});
    const aboutThem = world.server.wire.calls.filter(({ path }) => path.includes(foreign) || path.includes(bare));
    expect(aboutThem).toEqual([]);
    expect((await sweep()).healed.quarantined).toBe(0);
    // One that the list no longer shows is not read either: that would refresh its credentials.
    await world.deed(foreign, "vanish");
    world.server.wire.calls.length = 0;
    expect((await sweep()).healed.quarantine_gone).toBe(1);
    expect(world.server.wire.calls.filter(({ path }) => path.startsWith(`/connections/${foreign}`))).toEqual([]);
    expect(await world.quarantined(foreign)).toMatchObject({ resolution: "gone" });
  });

  it("a live connection of ours whose tags name another deployment", async () => {
    const { nangoId } = await world.go.connect(ada);
    const before = (await world.tagsAt(nangoId)) ?? {};
    await world.writeTags(nangoId, { ...before, instance: "other.example" });
    expect((await sweep()).healed).toMatchObject({ retagged: 0, gone: 0 });
    expect(await world.tagsAt(nangoId)).toEqual({ ...before, instance: "other.example" });
    expect(await world.row(nangoId)).toMatchObject({ status: "connected" });
  });

  it("tags while somebody is signing in again: the session brings its own", async () => {
    const { connection, nangoId } = await world.go.connect(ada);
    await world.sql`
      insert into connection_attempts (owner_id, started_by, connector, integration_key, visibility, instance,
        connection_id, is_reconnect)
      values (${ada.orgId}, ${ada.userId}, 'openai', 'openai', 'everyone', 'localhost:3999', ${connection.id}, true)`;
    await world.writeTags(nangoId, {});
    expect((await sweep()).healed.retagged).toBe(0);
    await world.sql`update connection_attempts set session_expires_at = now() - interval '1 hour'
      where connection_id = ${connection.id} and is_reconnect`;
    expect((await sweep()).healed.retagged).toBe(1);
  });

  it("everything, when everything agrees: pages are all it asks for, and no row is written but for the time", async () => {
    await sweep();
    const fingerprint = () => world.sql`
      select md5(string_agg((to_jsonb(c) - 'reconciled_at')::text, '' order by id)) as rows,
        (select count(*) from connection_events) as events from connections c`;
    const before = await fingerprint();
    world.server.wire.calls.length = 0;
    const report = await sweep();
    expect(report).toMatchObject({ checked: 0, calls: world.server.wire.calls.length });
    expect(new Set(Object.values(report.healed))).toEqual(new Set([0]));
    expect(await fingerprint()).toEqual(before);
  });
});
