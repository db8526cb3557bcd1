/** What is no answer, or none that decides, changes nothing that was known of a connection. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { log } from "@/lib/log";
import { healConnection } from "@/lib/webhooks/reconcile-one";
import { gatewaysNotFound, openTruth, type Truth } from "./truth-world";

let truth: Truth;

beforeAll(async () => {
  truth = await openTruth();
});
afterAll(() => truth?.close());
beforeEach(() => {
  truth.server.wire.trouble({ kind: "none" });
  truth.server.provider.answerWith(200);
});

const provider = (status: number, body?: unknown) => truth.server.provider.answerWith(status, body);
const trouble = (method: string, path: string, what: Parameters<Truth["server"]["wire"]["trouble"]>[0]) =>
  truth.server.wire.trouble(what, { method, path });
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
const sync = { type: "sync", syncName: "contacts", model: "Contact", success: true };
const auth = (operation: string, success: boolean) => ({ type: "auth", operation, success });

describe("a 404 that is not Nango's own", () => {
  it("on a read changes nothing, and the delivery is tried again", async () => {
    const { id, nangoId } = await truth.connect("gateway");
    trouble("GET", `/connections/${nangoId}`, gatewaysNotFound);
    const told = [await truth.deliver(nangoId, sync), await truth.deliver(nangoId, auth("deletion", true))];
    await truth.workOff();
    expect(await truth.show(id)).toMatchObject({ status: "connected", condition: { code: "healthy" } });
    for (const each of told) expect(await truth.delivery(each)).toEqual({ verdict: null, reason_code: null });
    truth.server.wire.trouble({ kind: "none" });
    await truth.workOff();
    for (const each of told) expect(await truth.delivery(each)).toMatchObject({ verdict: "applied" });
    expect(await truth.show(id)).toMatchObject({ status: "connected" });
  });

  it("on a delete is not taken for a deletion", async () => {
    const { id, nangoId } = await truth.connect("gateway-delete");
    await truth.go.disconnect(truth.ada, id);
    await truth.sql`update connections set remote_delete_after = now() where id = ${id}`;
    trouble("DELETE", "/connection", gatewaysNotFound);
    await truth.workOff();
    expect(await truth.row(nangoId)).toMatchObject({ remote_deleted_at: null, remote_result: null });
    expect(await truth.existsAt(nangoId)).toBe(true);
    truth.server.wire.trouble({ kind: "none" });
    await truth.workOff();
    expect(await truth.row(nangoId)).toMatchObject({ remote_result: "deleted" });
    expect(await truth.existsAt(nangoId)).toBe(false);
  });

  it("on writing tags does not end the try to write them", async () => {
    const { id, nangoId } = await truth.connect("gateway-tags");
    const tags = await truth.tagsAt(nangoId);
    await truth.writeTags(nangoId, {}, "twilio");
    trouble("PATCH", "/connection", gatewaysNotFound);
    await truth.sql`select patchbay.add_job('retag', ${truth.sql.json({ connection_id: id })}, null, ${`retag:${id}`})`;
    await truth.server.runJobs();
    expect(await truth.jobs(id)).toEqual(["retag"]);
    truth.server.wire.trouble({ kind: "none" });
    await truth.workOff();
    expect(await truth.tagsAt(nangoId)).toEqual(tags);
  });
});

describe("a connection that Nango says it does not have", () => {
  const endedBy = async (id: string) =>
    (await truth.events(id, "disconnected")).map(({ reason_code, data }) => [reason_code, data.source]);

  it("is left to a look and the sweep when a sync or a failed refresh named it", async () => {
    for (const about of [sync, auth("refresh", false)]) {
      const { id, nangoId } = await truth.connect("lost");
      await truth.deed(nangoId, "vanish");
      const told = await truth.deliver(nangoId, about);
      await truth.server.runJobs();
      expect(await truth.delivery(told)).toEqual({ verdict: "parked", reason_code: "not_at_nango" });
      expect(await endedBy(id)).toEqual([["gone_upstream", "reconcile"]]);
    }
  });

  it("is buried by a deletion that Nango confirms", async () => {
    const { id, nangoId } = await truth.connect("deleted");
    await truth.deed(nangoId, "vanish");
    const told = await truth.deliver(nangoId, auth("deletion", true));
    await truth.server.runJobs();
    expect(await truth.delivery(told)).toEqual({ verdict: "applied", reason_code: "gone_upstream" });
    expect(await endedBy(id)).toEqual([["gone_upstream", "webhook"]]);
  });
});

describe("a look that decides nothing", () => {
  it.each([
    ["without an account", () => provider(200, {})],
    ["404", () => provider(404)],
    ["garbage", () => provider(200, "<html>Welcome</html>")],
    ["of Nango, that there is no such connection", (id: string) => truth.deed(id, "vanish")],
  ])("ends no needs_attention: an answer %s", async (_, happen) => {
    // A key, and a token that is renewed before the provider is asked.
    for (const made of [await truth.connect("revoked"), await truth.consent("notion")]) {
      provider(401);
      await truth.look(made.id);
      const before = await truth.show(made.id);
      expect(before.status).toBe("needs_attention");
      provider(200);
      await happen(made.nangoId);
      await truth.look(made.id);
      const { status, reason_code } = await truth.show(made.id);
      expect([status, reason_code]).toEqual(["needs_attention", before.reason_code]);
      expect(await truth.events(made.id, "recovered")).toEqual([]);
      expect(await truth.notices(made.id)).not.toContain("recovered");
      provider(200);
    }
  });

  it("leaves a new sign-in to be checked, however long, until another account is found out", async () => {
    const { id } = await truth.connect("before");
    await truth.signInAgain(id, "another");
    provider(404);
    await truth.server.runJobs();
    expect((await truth.show(id)).condition.code).toBe("checking");
    await truth.minutesLater(id, 6);
    expect((await truth.show(id)).condition.code).toBe("checking");
    expect(await truth.jobs(id)).toContain("identify");
    provider(200);
    await truth.workOff();
    expect(await truth.show(id)).toMatchObject({
      condition: { code: "account_mismatch" },
      found_account_name: "Workspace another",
    });
  });

  it("leaves one that works as it is, and says so in the log", async () => {
    const { id } = await truth.connect("healthy");
    const warn = vi.spyOn(log(), "warn");
    provider(404);
    await truth.look(id);
    expect(await truth.show(id)).toMatchObject({ status: "connected", condition: { code: "healthy" } });
    expect(warn).toHaveBeenCalledWith(
      { connection_id: id, why: "the provider answered 404" },
      "a look has decided nothing",
    );
    warn.mockRestore();
  });

  it("and Nango's silence do not take back what the provider said against it", async () => {
    const { id, nangoId } = await truth.connect("doubted");
    await truth.doubt(id);
    provider(503);
    await truth.deliver(nangoId, sync);
    await truth.server.runJobs();
    expect((await truth.row(nangoId))?.suspect_since).not.toBeNull();
    expect((await truth.show(id)).condition.code).toBe("checking");
    provider(200);
    await truth.workOff();
    expect((await truth.row(nangoId))?.suspect_since).toBeNull();
    expect((await truth.show(id)).condition.code).toBe("healthy");
  });
});

describe("what Nango says", () => {
  it("of another connection than was asked for is no answer, and no tag is written anywhere", async () => {
    const katherine = await truth.server.signIn("katherine@globex.test", "globex");
    const [mine, theirs] = [await truth.connect("mine"), await truth.connect("theirs", katherine)];
    await truth.writeTags(theirs.nangoId, {}, "twilio");
    const { json } = await truth.nango("GET", `/connections/${theirs.nangoId}?provider_config_key=twilio`);
    const tags = await truth.tagsAt(mine.nangoId);
    trouble("GET", `/connections/${mine.nangoId}`, { kind: "answer", status: 200, body: JSON.stringify(json) });
    truth.server.wire.calls.length = 0;
    const healing = healConnection({ integrationKey: "twilio", connectionId: mine.nangoId }, false);
    await expect(healing).rejects.toMatchObject({ code: "nango_invalid_answer" });
    expect(truth.server.wire.calls.map(({ method }) => method)).toEqual(["GET"]);
    expect([await truth.tagsAt(mine.nangoId), await truth.tagsAt(theirs.nangoId)]).toEqual([tags, {}]);
  });

  it("in its list alone confirms a reconnect without the end of the sign-in before; the new end follows", async () => {
    const { id, nangoId, tags } = await truth.consent("notion", { expires_at: inDays(5) });
    expect((await truth.show(id)).expires_at).not.toBeNull();
    await truth.sql`update connections set expiry_warned = 14 where id = ${id}`;
    const session = await truth.startAgain(id);
    await truth.control(`/connections/${nangoId}/credentials`, { expires_at: inDays(60) });
    await truth.writeTags(nangoId, { ...tags, attempt_id: session.attemptId }, "notion");
    trouble("GET", `/connections/${nangoId}`, { kind: "answer", status: 500, body: "{}" });
    expect((await truth.go.read(truth.ada, session.attemptId)).json.attempt.status).toBe("confirmed");
    expect(await truth.row(nangoId)).toMatchObject({ expires_at: null, expiry_warned: null });
    // A look reads all of it again, too; here it has no time for that.
    provider(503);
    truth.server.wire.trouble({ kind: "none" });
    await truth.workOff();
    expect(Date.parse((await truth.show(id)).expires_at ?? "")).toBeGreaterThan(Date.now() + 50 * 86_400_000);
  });

  // The last one: for ten minutes Nango is not asked for credentials after it refused them.
  it("without the right to read credentials takes back no end that was known", async () => {
    const { id, nangoId } = await truth.consent("notion", { expires_at: inDays(5) });
    const known = (await truth.show(id)).expires_at;
    expect(known).not.toBeNull();
    const scopes = ["connections:read", "connections:list", "connections:update", "connections:delete", "proxy"];
    await truth.control("/keys/default", { scopes }, "PATCH");
    await truth.deliver(nangoId, sync, "notion");
    await truth.workOff();
    expect(await truth.show(id)).toMatchObject({ credentials_readable: false, expires_at: known });
  });
});
