import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POST as startSession } from "@/app/api/nango/session/route";
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
  server.wire.calls.length = 0;
});

const quarantined = async (nangoId: string) => {
  const [row] =
    await server.sql`select reason_code from quarantined_connections where nango_connection_id = ${nangoId}`;
  return row?.reason_code ?? null;
};
const rowsOf = (nangoId: string) => server.sql`select id from connections where nango_connection_id = ${nangoId}`;

/** Connects at Nango with a session of the test's own, as a stranger with the operator's key could. */
async function connectionWithTags(tags: Record<string, string>): Promise<string> {
  const minted = await fetch(`${server.nango.host}/connect/sessions`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.nango.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ tags, allowed_integrations: ["openai"] }),
  });
  const { data } = (await minted.json()) as { data: { token: string } };
  return server.complete({ sessionToken: data.token }, "openai", { apiKey: "sk-good" });
}

describe("an attempt", () => {
  it("does not take somebody else's connection, whatever the browser says", async () => {
    const victim = await go.start(katherine);
    const victims = await server.complete(victim, "openai", { apiKey: "sk-good" });
    const mine = await go.start(ada);
    const answer = await go.confirm(ada, mine.attemptId, victims);
    expect([answer.status, answer.json.attempt.status, answer.json.connection]).toEqual([200, "open", null]);
    // Nor is it told that there is one.
    expect((await go.confirm(ada, mine.attemptId, "unknown")).json).toEqual(answer.json);
    expect(await rowsOf(victims)).toHaveLength(0);
    const theirs = await go.confirm(katherine, victim.attemptId, victims);
    expect(theirs.json.connection).toMatchObject({ status: "connected" });
  });

  it("is not claimed by a connection whose tags differ from it in one point", async () => {
    const tags = (attemptId: string) => ({
      organization_id: ada.orgId ?? "",
      end_user_id: ada.userId,
      connector: "openai",
      attempt_id: attemptId,
      instance: "localhost:3999",
    });
    const changes: [Partial<ReturnType<typeof tags>>, string][] = [
      [{ organization_id: katherine.orgId ?? "" }, "tags_mismatch"],
      [{ end_user_id: grace.userId }, "tags_mismatch"],
      [{ connector: "github" }, "tags_mismatch"],
      [{ instance: "another.host" }, "foreign_instance"],
    ];
    for (const [change, reason] of changes) {
      const { attemptId } = await go.start(ada);
      const nangoId = await connectionWithTags({ ...tags(attemptId), ...change });
      const answer = await go.confirm(ada, attemptId, nangoId);
      expect(answer.json.connection ?? null, reason).toBeNull();
      expect(await rowsOf(nangoId)).toHaveLength(0);
      expect(await quarantined(nangoId)).toBe(reason);
    }
  });

  it("that was cancelled stays cancelled: what completes afterwards is quarantined, and its session is deleted", async () => {
    const session = await go.start(ada);
    expect((await go.cancel(ada, session.attemptId)).json.attempt).toMatchObject({
      status: "cancelled",
      outcome: "cancelled",
    });
    const nangoId = await server.complete(session, "openai", { apiKey: "sk-good" });
    const answer = await go.confirm(ada, session.attemptId, nangoId);
    expect(answer.json).toMatchObject({ attempt: { status: "cancelled" }, connection: null });
    expect(await rowsOf(nangoId)).toHaveLength(0);
    await server.runJobs();
    const [row] = await server.sql`select session_token from connection_attempts where id = ${session.attemptId}`;
    expect(row?.session_token).toBeNull();
    await expect(server.complete(session, "openai", { apiKey: "sk-good" })).rejects.toThrow(
      /unknown_connect_session_token/,
    );
  });

  it("whose frame was closed can still be finished in a popup", async () => {
    const session = await go.start(ada);
    expect((await go.cancel(ada, session.attemptId, "closed")).json.attempt).toMatchObject({
      status: "abandoned",
      outcome: "closed",
    });
    const nangoId = await server.complete(session, "openai", { apiKey: "sk-good" });
    const answer = await go.confirm(ada, session.attemptId, nangoId);
    expect(answer.json).toMatchObject({ attempt: { status: "confirmed" }, connection: { status: "connected" } });
  });

  it("makes one connection: a second completion of its session is quarantined", async () => {
    const session = await go.start(ada);
    const first = await server.complete(session, "openai", { apiKey: "sk-good" });
    const second = await server.complete(session, "openai", { apiKey: "sk-other" });
    await go.confirm(ada, session.attemptId, first);
    const answer = await go.confirm(ada, session.attemptId, second);
    expect(answer.json.attempt.status).toBe("confirmed");
    expect(await rowsOf(second)).toHaveLength(0);
  });

  it("ends its session at Nango once it has made its connection", async () => {
    const session = await go.connect(ada);
    await server.runJobs();
    await expect(server.complete(session, "openai", { apiKey: "sk-good" })).rejects.toThrow(
      /unknown_connect_session_token/,
    );
  });

  it("belongs to who started it: for a colleague or a stranger it does not exist", async () => {
    const { attemptId } = await go.start(ada);
    for (const other of [grace, katherine]) {
      for (const answer of [
        await go.read(other, attemptId),
        await go.confirm(other, attemptId),
        await go.cancel(other, attemptId),
      ]) {
        expect([answer.status, answer.json.error.code]).toEqual([404, "not_found"]);
      }
    }
    const unknown = await go.read(ada, "00000000-0000-4000-8000-000000000000");
    const malformed = await go.read(ada, "1");
    const foreign = await go.read(grace, attemptId);
    const bytes = [unknown, malformed, foreign].map(({ text, json }) => text.replace(json.error.request_id, ""));
    expect(new Set(bytes).size).toBe(1);
  });

  it("is told as not ready yet, without an error, while nothing is at Nango", async () => {
    const { attemptId } = await go.start(ada);
    const answer = await go.confirm(ada, attemptId);
    expect(answer.json).toMatchObject({ attempt: { status: "open", outcome: null }, connection: null });
  });

  it("looks only for ids that can be Nango's: a path is not one", async () => {
    const { attemptId } = await go.start(ada);
    server.wire.calls.length = 0;
    for (const hint of ["../integrations", "..", "a/b", "a?b=c", "%2e%2e", "a b"]) {
      const answer = await go.confirm(ada, attemptId, hint);
      expect(answer.json, hint).toMatchObject({ connection: null });
    }
    for (const { path } of server.wire.calls) expect(path).toMatch(/^\/connections\?/);
  });
});

describe("starting an attempt", () => {
  const startWith = (as: SignedIn, body: unknown) => server.call(startSession, "/api/nango/session", { as, body });
  const counts = async () => {
    const [row] =
      await server.sql`select (select count(*) from connection_attempts) as attempts, (select count(*) from connections) as connections`;
    return JSON.stringify(row);
  };

  it("is refused with a code, and writes nothing, for every request that makes no sense", async () => {
    const before = await counts();
    const cases: [unknown, number, string][] = [
      ["{", 400, "invalid_json"],
      ["", 400, "invalid_json"],
      [[], 400, "invalid_request"],
      [{}, 400, "invalid_request"],
      [{ connector: 5 }, 400, "invalid_request"],
      [{ connector: "../x" }, 400, "invalid_request"],
      [{ connector: "openai", visibility: "all" }, 400, "invalid_request"],
      [{ connector: "openai", extra: 1 }, 400, "invalid_request"],
      [{ connector: "no-such-connector" }, 404, "unknown_connector"],
      [{ connector: "constructor" }, 404, "unknown_connector"],
      [{ connector: "when2meet" }, 409, "connector_unavailable"],
      [{ connector: "openai", owner_id: katherine.ownerId }, 409, "owner_mismatch"],
    ];
    for (const [body, status, code] of cases) {
      const answer = await startWith(ada, body);
      expect([answer.status, answer.json.error.code], JSON.stringify(body)).toEqual([status, code]);
    }
    expect(await counts()).toBe(before);
    expect(server.wire.calls).toHaveLength(0);
  });

  it("says that the operator has not set a connector up, and closes the attempt", async () => {
    const answer = await startWith(ada, { connector: "asana" });
    expect([answer.status, answer.json.error.code]).toEqual([409, "connector_not_configured"]);
    const [row] = await server.sql`select status, outcome from connection_attempts where connector = 'asana'`;
    expect(row).toMatchObject({ status: "failed", outcome: "not_configured" });
  });

  it("is refused where the organisation blocks the connector, for admins as well, and for nobody else", async () => {
    await server.sql`insert into connector_policies (owner_id, subject_kind, subject, effect, created_by)
      values (${ada.ownerId}, 'connector', 'twilio', 'block', ${ada.userId})`;
    for (const person of [ada, grace]) {
      const answer = await startWith(person, { connector: "twilio" });
      expect([answer.status, answer.json.error.code]).toEqual([403, "connector_blocked"]);
    }
    expect((await startWith(katherine, { connector: "twilio" })).status).toBe(201);
  });
});
