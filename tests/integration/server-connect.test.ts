import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PATCH as relabel } from "@/app/api/v1/connections/[id]/route";
import { POST as undo } from "@/app/api/v1/connections/[id]/undo/route";
import { POST as webhook } from "@/app/api/webhooks/nango/route";
import { eventually } from "@/tests/support/eventually";
import { journeyOf } from "@/tests/support/journey";
import type { SignedIn } from "@/tests/support/people";
import { type Server, startServer } from "@/tests/support/server";

let server: Server;
let go: ReturnType<typeof journeyOf>;
let ada: SignedIn;
let grace: SignedIn;
let mary: SignedIn;

beforeAll(async () => {
  server = await startServer();
  go = journeyOf(server);
  ada = await server.signIn("ada@acme.test", "acme");
  grace = await server.signIn("grace@acme.test", "acme");
  mary = await server.signIn("mary@nowhere.test", null);
});
afterAll(() => server?.close());
beforeEach(() => {
  server.wire.calls.length = 0;
  server.door.handler = null;
});

describe("connecting an account", () => {
  it("goes from session to connection, list, label, disconnect and undo", async () => {
    const { connection, attemptId } = await go.connect(ada);
    expect(connection).toMatchObject({
      connector: "openai",
      status: "connected",
      visibility: "everyone",
      can_manage: true,
    });
    expect(connection.connected_at).not.toBeNull();
    const attempt = await go.read(ada, attemptId);
    expect(attempt.json.attempt).toMatchObject({
      status: "confirmed",
      outcome: "connected",
      connection_id: connection.id,
    });

    const colleagues = (await go.list(grace, "?connector=openai")).find((row) => row.id === connection.id);
    expect(colleagues).toMatchObject({ can_manage: false });

    const path = `/api/v1/connections/${connection.id}`;
    const params = { id: connection.id };
    const named = await server.call(relabel, path, { as: ada, method: "PATCH", params, body: { label: " Billing " } });
    expect(named.json.connection.label).toBe("Billing");
    const unnamed = await server.call(relabel, path, { as: ada, method: "PATCH", params, body: { label: "" } });
    expect(unnamed.json.connection.label).toBeNull();
    const gone = await go.disconnect(ada, connection.id);
    expect(gone.json.connection).toMatchObject({ status: "disconnected", reason_code: "by_person" });
    expect(gone.json.connection.undo_until).not.toBeNull();
    expect(await go.list(ada, "?connector=openai")).toEqual([]);
    const back = await server.call(undo, `${path}/undo`, { as: ada, params, body: {} });
    expect(back.json.connection).toMatchObject({ status: "connected", undo_until: null });
  });

  it("mints with exactly one call to Nango, for one integration, with exactly the tags of the attempt", async () => {
    const session = await go.start(ada, "openai");
    expect(server.wire.calls.map(({ method, path }) => `${method} ${path}`)).toEqual(["POST /connect/sessions"]);
    expect(JSON.parse(server.wire.calls[0]?.body ?? "")).toEqual({
      allowed_integrations: ["openai"],
      tags: {
        organization_id: ada.orgId,
        end_user_id: ada.userId,
        connector: "openai",
        attempt_id: session.attemptId,
        instance: "localhost:3999",
      },
    });
    expect(new URL(session.connectLink).searchParams.get("apiURL")).toBe(server.wire.url);
    expect(Date.parse(session.expiresAt)).toBeGreaterThan(Date.now());
  });

  it("leaves the organisation's tag out for a person without one, who then owns the connection", async () => {
    const { connection } = await go.connect(mary);
    const { tags } = JSON.parse(server.wire.calls[0]?.body ?? "");
    expect(Object.keys(tags).sort()).toEqual(["attempt_id", "connector", "end_user_id", "instance"]);
    expect((await go.list(mary)).map((row) => row.id)).toEqual([connection.id]);
    expect((await go.list(ada)).map((row) => row.id)).not.toContain(connection.id);
  });

  it("finds the connection by itself when neither the browser nor a webhook says a word", async () => {
    const session = await go.start(ada);
    await go.read(ada, session.attemptId);
    await server.complete(session, "openai", { apiKey: "sk-good" });
    await eventually(
      async () => (await go.read(ada, session.attemptId)).json.attempt.status === "confirmed",
      "confirmed by polling",
    );
  });

  it("asks Nango at most every two seconds per attempt, however often the page asks", async () => {
    const session = await go.start(ada);
    server.wire.calls.length = 0;
    await Promise.all(Array.from({ length: 12 }, () => go.read(ada, session.attemptId)));
    expect(server.wire.calls).toHaveLength(1);
  });

  it("is settled by the webhook alone", async () => {
    server.door.handler = webhook;
    const session = await go.start(ada);
    await server.complete(session, "openai", { apiKey: "sk-good" });
    await eventually(async () => {
      await server.runJobs();
      const [row] = await server.sql`select status from connection_attempts where id = ${session.attemptId}`;
      return row?.status === "confirmed";
    }, "confirmed by the webhook");
  });

  it("makes one connection when page, webhook and poll race, ten times over", async () => {
    server.door.handler = webhook;
    for (let round = 0; round < 10; round++) {
      const session = await go.start(ada);
      const nangoId = await server.complete(session, "openai", { apiKey: "sk-good" });
      const answers = await Promise.all([
        go.confirm(ada, session.attemptId, nangoId),
        go.confirm(ada, session.attemptId),
        go.read(ada, session.attemptId),
        server.runJobs(),
        go.confirm(ada, session.attemptId, nangoId),
      ]);
      for (const answer of answers) if (answer) expect(answer.status, answer.text).toBe(200);
      const rows = await server.sql`select id from connections where nango_connection_id = ${nangoId}`;
      expect(rows).toHaveLength(1);
      const events =
        await server.sql`select type from connection_events where connection_id = ${rows[0]?.id} and type = 'connected'`;
      expect(events).toHaveLength(1);
    }
  });

  it("names the account as the provider does, and people by their names", async () => {
    const { connection } = await go.connect(ada, "openai");
    await server.runJobs();
    await eventually(async () => {
      const row = (await go.list(ada)).find(({ id }) => id === connection.id);
      return row?.connected_by?.name === "Ada Lovelace";
    }, "the person's name");
    const row = (await go.list(ada)).find(({ id }) => id === connection.id);
    expect(row?.connected_by?.id).toBe(ada.userId);
  });

  it("keeps several accounts of one connector apart by number", async () => {
    const first = await go.connect(mary, "sendgrid");
    const second = await go.connect(mary, "sendgrid");
    expect([first.connection.number, second.connection.number]).toEqual([1, 2]);
    expect([first.connection.is_default, second.connection.is_default]).toEqual([true, false]);
  });

  it("keeps what is only for one person from colleagues", async () => {
    const { connection } = await go.connect(grace, "openai", { visibility: "only_me" });
    expect((await go.list(grace)).map(({ id }) => id)).toContain(connection.id);
    expect((await go.list(ada)).map(({ id }) => id)).not.toContain(connection.id);
  });
});
