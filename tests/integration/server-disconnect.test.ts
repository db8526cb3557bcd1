import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POST as cron, GET as cronGet } from "@/app/api/cron/jobs/route";
import { POST as undo } from "@/app/api/v1/connections/[id]/undo/route";
import { journeyOf } from "@/tests/support/journey";
import type { SignedIn } from "@/tests/support/people";
import { type Server, startServer } from "@/tests/support/server";

let server: Server;
let go: ReturnType<typeof journeyOf>;
let ada: SignedIn;
let grace: SignedIn;
let katherine: SignedIn;

beforeAll(async () => {
  server = await startServer();
  go = journeyOf(server);
  ada = await server.signIn("ada@acme.test", "acme");
  grace = await server.signIn("grace@acme.test", "acme");
  katherine = await server.signIn("katherine@globex.test", "globex");
});
afterAll(() => server?.close());
beforeEach(() => {
  server.wire.trouble({ kind: "none" });
  server.wire.calls.length = 0;
});

/** Lets the undo time pass, and every waiting job be due. */
async function later(): Promise<void> {
  await server.sql`update connections set remote_delete_after = now() - interval '1 second' where status = 'disconnected'`;
  await server.sql`update graphile_worker._private_jobs set run_at = now()`;
  await server.runJobs();
}
const receipt = async (id: string) => {
  const [row] =
    await server.sql`select status, remote_deleted_at is not null as deleted, remote_result, upstream_result from connections where id = ${id}`;
  return row;
};
async function existsAtNango(connectionId: string): Promise<boolean> {
  const answer = await fetch(`${server.nango.host}/connections?connectionId=${connectionId}`, {
    headers: { authorization: `Bearer ${server.nango.apiKey}` },
  });
  return ((await answer.json()) as { connections: unknown[] }).connections.length > 0;
}
const undoAs = (as: SignedIn, id: string) =>
  server.call(undo, `/api/v1/connections/${id}/undo`, { as, params: { id }, body: {} });

describe("disconnecting", () => {
  it("takes effect here at once, and at Nango after the undo time", async () => {
    const { connection, nangoId } = await go.connect(ada);
    server.wire.calls.length = 0;
    await go.disconnect(ada, connection.id);
    expect(server.wire.calls).toHaveLength(0);
    await server.runJobs();
    expect(await existsAtNango(nangoId)).toBe(true);
    await later();
    expect(await existsAtNango(nangoId)).toBe(false);
    expect(await receipt(connection.id)).toEqual({
      status: "disconnected",
      deleted: true,
      remote_result: "deleted",
      upstream_result: "not_supported",
    });
  });

  it("is no error while Nango is down: the remote part is tried until it is done", async () => {
    const { connection, nangoId } = await go.connect(ada);
    server.wire.trouble({ kind: "cut" });
    expect((await go.disconnect(ada, connection.id)).status).toBe(200);
    await later();
    await later();
    expect(await receipt(connection.id)).toMatchObject({ status: "disconnected", deleted: false });
    server.wire.trouble({ kind: "none" });
    await later();
    expect(await receipt(connection.id)).toMatchObject({ deleted: true, remote_result: "deleted" });
    expect(await existsAtNango(nangoId)).toBe(false);
  });

  it("of a connection that is gone at Nango already counts as done", async () => {
    const { connection, nangoId } = await go.connect(ada);
    await go.disconnect(ada, connection.id);
    await fetch(`${server.nango.host}/connections/${nangoId}?provider_config_key=openai`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${server.nango.apiKey}` },
    });
    await later();
    expect(await receipt(connection.id)).toMatchObject({ deleted: true, remote_result: "already_gone" });
  });

  it("twice is no error and one tombstone", async () => {
    const { connection } = await go.connect(ada);
    const both = await Promise.all([go.disconnect(ada, connection.id), go.disconnect(ada, connection.id)]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    const events =
      await server.sql`select 1 from connection_events where connection_id = ${connection.id} and type = 'disconnected'`;
    expect(events).toHaveLength(1);
  });

  it("can be undone by whoever did it until Nango's part begins", async () => {
    const { connection, nangoId } = await go.connect(grace);
    await go.disconnect(ada, connection.id);
    expect([(await undoAs(grace, connection.id)).json.error.code]).toEqual(["forbidden"]);
    expect((await undoAs(ada, connection.id)).json.connection).toMatchObject({ status: "connected" });
    await later();
    expect(await existsAtNango(nangoId)).toBe(true);
    await go.disconnect(ada, connection.id);
    await later();
    const late = await undoAs(ada, connection.id);
    expect([late.status, late.json.error.code]).toEqual([409, "undo_expired"]);
  });

  it("is for whoever connected it and for admins: a member may not, a stranger sees nothing", async () => {
    const { connection } = await go.connect(ada);
    const member = await go.disconnect(grace, connection.id);
    expect([member.status, member.json.error.code]).toEqual([403, "forbidden"]);
    const stranger = await go.disconnect(katherine, connection.id);
    const unknown = await go.disconnect(katherine, "00000000-0000-4000-8000-000000000000");
    expect(stranger.status).toBe(404);
    expect(stranger.text.replace(stranger.json.error.request_id, "")).toBe(
      unknown.text.replace(unknown.json.error.request_id, ""),
    );
    expect((await go.list(ada)).map(({ id }) => id)).toContain(connection.id);
  });
});

describe("the route that runs jobs", () => {
  it("wants the secret, by either method, and runs what is due", async () => {
    for (const authorization of [
      undefined,
      "Bearer wrong",
      "Bearer ",
      "Basic cron-secret-of-the-tests",
      "Bearer cron-secret-of-the-tests2",
    ]) {
      const answer = await server.call(cron, "/api/cron/jobs", {
        method: "POST",
        headers: authorization ? { authorization } : {},
      });
      expect([answer.status, answer.json.error.code], String(authorization)).toEqual([401, "unauthenticated"]);
    }
    const { connection } = await go.connect(ada);
    await go.disconnect(ada, connection.id);
    await server.sql`update connections set remote_delete_after = now() - interval '1 second' where status = 'disconnected'`;
    await server.sql`update graphile_worker._private_jobs set run_at = now()`;
    const headers = { authorization: "Bearer cron-secret-of-the-tests" };
    expect((await server.call(cron, "/api/cron/jobs", { method: "POST", headers })).json).toEqual({ done: true });
    expect(await receipt(connection.id)).toMatchObject({ deleted: true });
    expect((await server.call(cronGet, "/api/cron/jobs", { headers })).status).toBe(200);
  });
});
