/** What people do to a connection is followed by a look, and decides nothing that only a look can know. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POST as webhook } from "@/app/api/webhooks/nango/route";
import { openTruth, type Truth } from "./truth-world";

let truth: Truth;

beforeAll(async () => {
  truth = await openTruth();
});
afterAll(() => truth?.close());
beforeEach(() => {
  truth.server.provider.answerWith(200);
  truth.server.door.handler = null;
});

const provider = (status: number) => truth.server.provider.answerWith(status);
const workspace = (id: string) => ({ account: `Workspace ${id}` });
/** A connection in which another account than its own has signed in. */
async function swapped(own: string, other: string) {
  const made = await truth.connect(own);
  await truth.signInAgain(made.id, other);
  await truth.server.runJobs();
  expect((await truth.show(made.id)).condition.code).toBe("account_mismatch");
  return made;
}

describe("undoing a disconnect", () => {
  it("finds out who finished a sign-in meanwhile", async () => {
    const { id } = await truth.connect("mine");
    const session = await truth.startAgain(id);
    await truth.go.disconnect(truth.ada, id);
    truth.account("somebody-elses");
    truth.server.door.handler = webhook;
    await truth.finish(session);
    await truth.server.runJobs();
    expect((await truth.undo(id)).json.connection).toMatchObject({ condition: { code: "checking" } });
    await truth.workOff();
    expect(await truth.show(id)).toMatchObject({
      condition: { code: "account_mismatch" },
      account_name: "Workspace mine",
      found_account_name: "Workspace somebody-elses",
    });
  });

  it("has a suspicion decided whose look ran meanwhile", async () => {
    const { id, nangoId } = await truth.connect("suspect");
    await truth.doubt(id);
    await truth.go.disconnect(truth.ada, id);
    await truth.look(id);
    await truth.undo(id);
    expect((await truth.row(nangoId))?.suspect_since).not.toBeNull();
    await truth.workOff();
    expect((await truth.row(nangoId))?.suspect_since).toBeNull();
    expect((await truth.show(id)).condition.code).toBe("healthy");
  });

  it("leaves the default among three what it was", async () => {
    const made = [];
    for (let n = 0; n < 3; n += 1) made.push((await truth.go.connect(truth.ada, "sendgrid")).connection.id);
    const [first = "", ...others] = made;
    const isDefault = async (id: string) => (await truth.show(id)).is_default;
    expect(await isDefault(first)).toBe(true);
    await truth.go.disconnect(truth.ada, first);
    await truth.undo(first);
    expect(await isDefault(first)).toBe(true);
    for (const other of others) expect(await isDefault(other)).toBe(false);
  });
});

describe("keeping another account", () => {
  it("does not make credentials good that have died meanwhile", async () => {
    const { id } = await swapped("kept-own", "kept-dead");
    provider(401);
    expect((await truth.keep(id, workspace("kept-dead"))).status).toBe(200);
    await truth.workOff();
    expect(await truth.show(id)).toMatchObject({
      status: "needs_attention",
      reason_code: "auth_failed",
      account_name: "Workspace kept-dead",
    });
  });

  it("is refused for another one than the one that was shown, or while a newer sign-in is not known yet", async () => {
    const { id, nangoId } = await swapped("toctou-own", "toctou-second");
    const before = await truth.row(nangoId);
    const wrong = await truth.keep(id, workspace("toctou-third"));
    expect([wrong.status, wrong.json.error.code]).toEqual([409, "connection_not_ready"]);
    expect(await truth.row(nangoId)).toEqual(before);
    await truth.signInAgain(id, "toctou-third");
    provider(503);
    await truth.server.runJobs();
    for (const name of ["toctou-second", "toctou-third"]) {
      const early = await truth.keep(id, workspace(name));
      expect([early.status, early.json.error.code], name).toEqual([409, "connection_not_ready"]);
    }
    expect(await truth.row(nangoId)).toMatchObject({ status: "needs_attention", account_id: "toctou-own" });
    provider(200);
    await truth.workOff();
    expect((await truth.keep(id, workspace("toctou-third"))).status).toBe(200);
  });

  it("tells when another connection has that account already", async () => {
    await truth.connect("twin");
    const { id } = await swapped("twin-own", "twin");
    await truth.keep(id, workspace("twin"));
    await truth.workOff();
    expect(await truth.notices(id)).toContain("duplicate_account");
  });
});

describe("disconnecting and checking", () => {
  it("takes no access back from an account that a live connection holds, whichever account is on record", async () => {
    truth.account("team-a");
    const first = await truth.consent("slack");
    truth.account("team-b");
    await truth.consent("slack");
    await truth.look(first.id);
    expect(await truth.show(first.id)).toMatchObject({ found_account_name: "Workspace team-b" });
    truth.server.provider.calls.length = 0;
    await truth.go.disconnect(truth.ada, first.id);
    await truth.sql`update connections set remote_delete_after = now() where id = ${first.id}`;
    await truth.workOff();
    expect((await truth.show(first.id)).receipt).toMatchObject({ upstream: "kept_in_use" });
    expect(truth.server.provider.calls.filter((call) => call.includes("auth.revoke"))).toEqual([]);
  });

  it("a check asked for right after a webhook was read does look", async () => {
    const { id, nangoId } = await truth.connect("checked");
    await truth.deliver(nangoId, { type: "sync", syncName: "contacts", model: "Contact", success: true });
    await truth.server.runJobs();
    provider(401);
    expect((await truth.check(id)).json.connection.condition.code).toBe("checking");
    await truth.server.runJobs();
    expect((await truth.show(id)).condition.code).toBe("auth_failed");
  });
});
