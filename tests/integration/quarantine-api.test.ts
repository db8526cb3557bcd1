import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POST as adoptRoute } from "@/app/api/v1/quarantine/[id]/adopt/route";
import { DELETE as deleteRoute } from "@/app/api/v1/quarantine/[id]/route";
import { GET as listRoute } from "@/app/api/v1/quarantine/route";
import type { QuarantineItem } from "@/lib/api/quarantine-views";
import { reconcile } from "@/lib/webhooks/reconcile";
import type { SignedIn } from "@/tests/support/people";
import { openWorld, type World } from "./reconcile-world";

let world: World;
/** Administrator and member of acme, administrator of globex, and somebody outside any organisation. */
let ada: SignedIn;
let grace: SignedIn;
let katherine: SignedIn;
let alone: SignedIn;

beforeAll(async () => {
  world = await openWorld();
  ada = await world.ada();
  grace = await world.server.signIn("grace@acme.test", "acme");
  katherine = await world.server.signIn("katherine@globex.test", "globex");
  alone = await world.server.signIn("ada@acme.test", null);
});
afterAll(() => world?.close());
beforeEach(() => world.server.wire.trouble({ kind: "none" }));

const list = (as: SignedIn, query = "") => world.server.call(listRoute, `/api/v1/quarantine${query}`, { as });
const adopt = (as: SignedIn, id: string, body: object = {}) =>
  world.server.call(adoptRoute, `/api/v1/quarantine/${id}/adopt`, { as, params: { id }, body });
const remove = (as: SignedIn, id: string, body: object = {}) =>
  world.server.call(deleteRoute, `/api/v1/quarantine/${id}`, { as, method: "DELETE", params: { id }, body });

/** What a session that was used again leaves behind: a second connection. */
async function usedTwice(as: SignedIn, extra: object = {}) {
  const session = await world.go.start(as, "openai", extra);
  const first = await world.server.complete(session, "openai", { apiKey: "sk-good" });
  const second = await world.server.complete(session, "openai", { apiKey: "sk-good" });
  await world.go.confirm(as, session.attemptId, first);
  await reconcile();
  const held = await world.quarantined(second);
  return { ...session, first, nangoId: second, id: held?.id as string };
}
const item = async (as: SignedIn, id: string): Promise<QuarantineItem | undefined> =>
  (await list(as, "?limit=200")).json.items.find((each: QuarantineItem) => each.id === id);

describe("what waits in quarantine", () => {
  it("is listed to the administrators of the attempt's owner, newest first, in pages", async () => {
    const made = [await usedTwice(ada), await usedTwice(grace), await usedTwice(ada)];
    const first = await list(ada, "?limit=2");
    expect(first.status).toBe(200);
    expect(first.json.items.map(({ id }: QuarantineItem) => id)).toEqual([made[2]?.id, made[1]?.id]);
    expect(first.json.total_count).toBe(3);
    const second = await list(ada, `?limit=2&cursor=${first.json.next_cursor}`);
    expect(second.json.items.map(({ id }: QuarantineItem) => id)).toEqual([made[0]?.id]);
    expect(second.json.next_cursor).toBeNull();
    expect(first.json.items[1]).toEqual({
      id: made[1]?.id,
      connector: "openai",
      integration_key: "openai",
      reason_code: "attempt_used",
      started_by: { id: grace.userId, name: expect.any(String) },
      visibility: "everyone",
      first_seen_at: expect.stringMatching(/Z$/),
      seen_count: 1,
      can_adopt: true,
    });
    // Nango's ids and tags stay here.
    expect(first.text).not.toContain(made[2]?.nangoId);
    expect((await list(katherine)).json).toEqual({
      items: [],
      next_cursor: null,
      total_count: 0,
      others_only_me_count: 0,
    });
    expect((await list(alone)).json.total_count).toBe(0);
  });

  it("is not for members where it is everyone's, nor for nobody, and a page of another owner gets nothing", async () => {
    expect((await list(grace)).json).toMatchObject({ items: [], total_count: 0, others_only_me_count: 0 });
    expect((await world.server.call(listRoute, "/api/v1/quarantine")).status).toBe(401);
    expect((await list(ada, `?owner_id=${katherine.orgId}`)).json.error.code).toBe("owner_mismatch");
    expect((await list(ada, "?cursor=nonsense")).json.error.code).toBe("invalid_request");
  });

  it("of somebody outside any organisation is theirs to decide", async () => {
    const { id, nangoId } = await usedTwice(alone);
    expect(await item(alone, id)).toMatchObject({ can_adopt: true });
    expect(await item(ada, id)).toBeUndefined();
    expect((await adopt(alone, id)).status).toBe(200);
    expect(await world.row(nangoId)).toMatchObject({ owner_id: alone.userId, connected_by: alone.userId });
  });
});

describe("a foreign id", () => {
  it("is answered with the bytes of an unknown one, and nothing happens to it", async () => {
    const { id, nangoId } = await usedTwice(ada);
    const bytes = (text: string) => text.replace(/"request_id":"[^"]*"/, "");
    for (const act of [adopt, remove]) {
      for (const as of [katherine, alone]) {
        const [foreign, unknown] = [await act(as, id), await act(as, randomUUID())];
        expect([foreign.status, bytes(foreign.text)]).toEqual([404, bytes(unknown.text)]);
      }
      const member = await act(grace, id);
      expect([member.status, member.json.error.code]).toEqual([403, "forbidden"]);
      expect((await act(grace, randomUUID())).status).toBe(404);
      expect((await act(ada, "not-an-id")).status).toBe(404);
      expect((await act(ada, id, { owner_id: katherine.orgId })).json.error.code).toBe("owner_mismatch");
    }
    expect(await item(ada, id)).toBeDefined();
    expect(await world.existsAt(nangoId)).toBe(true);
    expect(await world.row(nangoId)).toBeUndefined();
  });
});

describe("what somebody meant for themselves alone", () => {
  const onlyMe = { visibility: "only_me" };

  it("is listed to them alone, adopted and deleted by them, whatever their role", async () => {
    const [first, second] = [await usedTwice(grace, onlyMe), await usedTwice(grace, onlyMe)];
    const mine = (await list(grace)).json;
    expect(mine.items.map(({ id }: QuarantineItem) => id)).toEqual([second.id, first.id]);
    expect(mine).toMatchObject({ total_count: 2, others_only_me_count: 0 });
    expect(mine.items[0]).toMatchObject({ visibility: "only_me", started_by: { id: grace.userId }, can_adopt: true });
    const adopted = await adopt(grace, first.id);
    expect([adopted.status, adopted.json.connection?.visibility]).toEqual([200, "only_me"]);
    expect(await world.row(first.nangoId)).toMatchObject({ owner_id: grace.orgId, connected_by: grace.userId });
    expect((await remove(grace, second.id)).json).toEqual({ deleted: true });
    await world.workOff();
    expect(await world.existsAt(second.nangoId)).toBe(false);
    expect((await list(grace)).json.items).toEqual([]);
    const own = await usedTwice(ada, onlyMe);
    expect((await adopt(ada, own.id)).json.connection.visibility).toBe("only_me");
  });

  it("finished after it was cancelled, or reappeared, is theirs as well", async () => {
    const session = await world.go.start(grace, "openai", onlyMe);
    await world.go.cancel(grace, session.attemptId);
    const late = await world.server.complete(session, "openai", { apiKey: "sk-good" });
    const { nangoId } = await world.go.connect(grace, "openai", onlyMe);
    const tags = (await world.tagsAt(nangoId)) ?? {};
    await world.deed(nangoId, "vanish");
    await reconcile();
    await world.import(tags, nangoId);
    await reconcile();
    for (const id of [(await world.quarantined(late))?.id, (await world.quarantined(nangoId))?.id]) {
      expect(await item(grace, id)).toBeDefined();
      expect(await item(ada, id)).toBeUndefined();
      expect((await remove(ada, id)).status).toBe(404);
      expect((await remove(grace, id)).status).toBe(200);
    }
    // A sweep before the deletions are done takes nothing of this back.
    await reconcile();
    expect((await list(grace)).json.items).toEqual([]);
    await world.workOff();
    for (const id of [late, nangoId]) expect(await world.existsAt(id)).toBe(false);
  });

  it("is a count to administrators: not whose, not what, and its id is as unknown as any", async () => {
    const before = (await list(ada)).json;
    const { id, nangoId, attemptId } = await usedTwice(grace, onlyMe);
    const answer = await list(ada, "?limit=200");
    const { items, total_count, others_only_me_count } = answer.json;
    expect([total_count, others_only_me_count]).toEqual([before.total_count, before.others_only_me_count + 1]);
    expect(items.map((each: QuarantineItem) => each.id)).not.toContain(id);
    for (const secret of [id, nangoId, attemptId]) expect(answer.text).not.toContain(secret);
    const bytes = (text: string) => text.replace(/"request_id":"[^"]*"/, "");
    for (const act of [adopt, remove]) {
      for (const as of [ada, katherine, alone]) {
        const [hidden, unknown] = [await act(as, id), await act(as, randomUUID())];
        expect([hidden.status, bytes(hidden.text)]).toEqual([404, bytes(unknown.text)]);
      }
    }
    expect(await item(grace, id)).toBeDefined();
    expect((await list(katherine)).json.others_only_me_count).toBe(0);
  });
});

describe("adopting", () => {
  it("makes a connection of whoever started the attempt, numbered and identified like any other", async () => {
    const { id, nangoId, first, attemptId } = await usedTwice(grace);
    const before = await world.tagsAt(nangoId);
    const answer = await adopt(ada, id);
    expect([answer.status, answer.json.connection?.connector]).toEqual([200, "openai"]);
    const [row, sibling] = [await world.row(nangoId), await world.row(first)];
    expect(row).toMatchObject({
      id: answer.json.connection.id,
      owner_id: ada.orgId,
      connected_by: grace.userId,
      visibility: "everyone",
      status: "connected",
      is_default: false,
      number: (sibling?.number ?? 0) + 1,
    });
    expect((await world.events(row?.id, "adopted")).map(({ actor_id, data }) => [actor_id, data])).toEqual([
      [ada.userId, { attempt_id: attemptId }],
    ]);
    const look = world.sql`select 1 from graphile_worker.jobs where key = ${`identify:${row?.id}`}`;
    expect(await look).toHaveLength(1);
    // Its tags stay, and the sweep agrees with them.
    expect(await world.tagsAt(nangoId)).toEqual(before);
    expect((await reconcile()).healed.retagged).toBe(0);
    expect(await item(ada, id)).toBeUndefined();
    expect((await adopt(ada, id)).status).toBe(404);
    expect((await remove(ada, id)).status).toBe(404);
    await world.writeTags(nangoId, {});
    expect((await reconcile()).healed.retagged).toBe(1);
    expect(await world.tagsAt(nangoId)).toEqual(before);
  });

  it("twice at once makes one connection", async () => {
    const { id, nangoId } = await usedTwice(ada);
    const answers = await Promise.all(Array.from({ length: 5 }, () => adopt(ada, id)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404, 404, 404]);
    expect(await world.sql`select 1 from connections where nango_connection_id = ${nangoId}`).toHaveLength(1);
  });

  it("works for what was cancelled and for what came too late", async () => {
    const cancelled = await world.go.start(ada);
    await world.go.cancel(ada, cancelled.attemptId);
    const tooLate = await world.go.start(ada);
    const made = [];
    for (const [session, reason] of [
      [cancelled, "attempt_cancelled"],
      [tooLate, "attempt_expired"],
    ] as const) {
      const nangoId = await world.server.complete(session, "openai", { apiKey: "sk-good" });
      if (session === tooLate)
        await world.sql`update connection_attempts set session_expires_at = now() - interval '1 hour'
          where id = ${session.attemptId}`;
      await reconcile();
      const held = await world.quarantined(nangoId);
      expect(held).toMatchObject({ reason_code: reason, owner_id: ada.orgId });
      made.push({ nangoId, id: held?.id as string });
    }
    for (const { id, nangoId } of made) {
      expect((await adopt(ada, id)).status).toBe(200);
      expect(await world.row(nangoId)).toMatchObject({ status: "connected", connected_by: ada.userId });
    }
  });

  it("is refused where the owner is not certain", async () => {
    const session = await world.go.start(ada);
    const nangoId = await world.server.complete(session, "openai", { apiKey: "sk-good" });
    const tags = (await world.tagsAt(nangoId)) ?? {};
    await world.writeTags(nangoId, { ...tags, organization_id: katherine.orgId ?? "" });
    await reconcile();
    const held = await world.quarantined(nangoId);
    expect(held).toMatchObject({ reason_code: "tags_mismatch" });
    expect(await item(ada, held?.id)).toMatchObject({ can_adopt: false });
    const answer = await adopt(ada, held?.id);
    expect([answer.status, answer.json.error.code]).toEqual([409, "connection_mismatch"]);
    expect(await world.row(nangoId)).toBeUndefined();
    // What Nango says now decides, not what was noted then.
    const again = await usedTwice(ada);
    await world.writeTags(again.nangoId, { ...tags, attempt_id: again.attemptId, end_user_id: katherine.userId });
    expect((await adopt(ada, again.id)).json.error.code).toBe("connection_mismatch");
  });

  it("of what has reappeared is refused: it can only be deleted", async () => {
    const { nangoId } = await world.go.connect(ada);
    const tags = (await world.tagsAt(nangoId)) ?? {};
    await world.deed(nangoId, "vanish");
    await reconcile();
    await world.import(tags, nangoId);
    await reconcile();
    const held = await world.quarantined(nangoId);
    expect(await item(ada, held?.id)).toMatchObject({
      reason_code: "reappeared",
      connector: "openai",
      started_by: { id: ada.userId },
      can_adopt: false,
    });
    expect((await adopt(ada, held?.id)).json.error.code).toBe("connection_mismatch");
    expect((await remove(ada, held?.id)).json).toEqual({ deleted: true });
    // A sweep that comes before the job does not take the decision back.
    expect((await reconcile()).healed).toMatchObject({ quarantined: 0 });
    await world.workOff();
    expect(await world.existsAt(nangoId)).toBe(false);
    expect(await world.row(nangoId)).toMatchObject({ status: "disconnected", reason_code: "gone_upstream" });
    // What is there again after that waits for a new one.
    await world.import(tags, nangoId);
    expect((await reconcile()).healed).toMatchObject({ quarantined: 1 });
  });

  it("of what Nango no longer has settles the matter", async () => {
    const { id, nangoId } = await usedTwice(ada);
    await world.deed(nangoId, "vanish");
    expect((await adopt(ada, id)).status).toBe(404);
    expect(await world.quarantined(nangoId)).toMatchObject({ resolution: "gone" });
    expect(await world.row(nangoId)).toBeUndefined();
  });

  it("while Nango is down changes nothing and says so", async () => {
    const { id } = await usedTwice(ada);
    world.server.wire.trouble({ kind: "cut" });
    expect((await adopt(ada, id)).json.error.code).toBe("nango_unreachable");
    world.server.wire.trouble({ kind: "none" });
    expect((await adopt(ada, id)).status).toBe(200);
  });
});

describe("deleting", () => {
  it("is settled at once and tried at Nango until it is done", async () => {
    const { id, nangoId } = await usedTwice(ada);
    world.server.wire.trouble({ kind: "cut" });
    expect((await remove(ada, id)).json).toEqual({ deleted: true });
    expect(await item(ada, id)).toBeUndefined();
    await world.workOff();
    expect(await world.existsAt(nangoId)).toBe(true);
    world.server.wire.trouble({ kind: "none" });
    // A sweep does not list it again meanwhile.
    expect((await reconcile()).healed).toMatchObject({ quarantined: 0, deletes_resumed: 0 });
    await world.workOff();
    expect(await world.existsAt(nangoId)).toBe(false);
    const held = await world.quarantined(nangoId);
    expect(held).toMatchObject({ resolution: "deleted", resolved_by: ada.userId });
    expect(held?.remote_deleted_at).not.toBeNull();
  });

  it("is done again when its job was lost, and when Nango has it again", async () => {
    const { id, nangoId } = await usedTwice(ada);
    const tags = (await world.tagsAt(nangoId)) ?? {};
    await remove(ada, id);
    await world.sql`delete from graphile_worker._private_jobs where key = ${`delete_quarantined:${id}`}`;
    expect((await reconcile()).healed.deletes_resumed).toBe(1);
    await world.workOff();
    expect(await world.existsAt(nangoId)).toBe(false);
    await world.import(tags, nangoId);
    expect((await reconcile()).healed).toMatchObject({ deletes_resumed: 1, quarantined: 0, adopted: 0 });
    await world.workOff();
    expect(await world.existsAt(nangoId)).toBe(false);
  });

  it("never takes a connection that has become one of ours meanwhile", async () => {
    const { id, nangoId } = await usedTwice(ada);
    await remove(ada, id);
    await world.sql`
      insert into connections (owner_id, connector, integration_key, nango_connection_id, status, number, connected_by)
      values (${ada.orgId}, 'openai', 'openai', ${nangoId}, 'connected', 9999, ${ada.userId})`;
    await world.workOff();
    expect(await world.existsAt(nangoId)).toBe(true);
  });
});
