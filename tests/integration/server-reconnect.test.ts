import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POST as checkNow } from "@/app/api/v1/connections/[id]/check/route";
import { GET as listEvents } from "@/app/api/v1/connections/[id]/events/route";
import { POST as keepAccount } from "@/app/api/v1/connections/[id]/keep-account/route";
import { POST as reconnect } from "@/app/api/v1/connections/[id]/reconnect/route";
import { GET as getConnection, PATCH as patchConnection } from "@/app/api/v1/connections/[id]/route";
import { GET as listNotices } from "@/app/api/v1/notices/route";
import { POST as seeNotices } from "@/app/api/v1/notices/seen/route";
import type { ConnectionView, EventList, NangoSession } from "@/lib/api/views";
import { resetEnv } from "@/lib/env";
import { journeyOf } from "@/tests/support/journey";
import type { SignedIn } from "@/tests/support/people";
import { type Server, startServer } from "@/tests/support/server";

let server: Server;
let go: ReturnType<typeof journeyOf>;
let ada: SignedIn;
let grace: SignedIn;
let katherine: SignedIn;

beforeAll(async () => {
  server = await startServer({ SECOND_LOOK_SECONDS: "0" });
  go = journeyOf(server);
  ada = await server.signIn("ada@acme.test", "acme");
  grace = await server.signIn("grace@acme.test", "acme");
  katherine = await server.signIn("katherine@globex.test", "globex");
});
afterAll(() => server?.close());
beforeEach(() => {
  server.provider.answerWith(200);
  Object.assign(server.provider.account, { id: "acc-1", name: "Acme workspace" });
  server.door.handler = null;
});

const at = (id: string) => ({ params: { id } });
const path = (id: string, rest = "") => `/api/v1/connections/${id}${rest}`;
const twilio = { username: "AC1", password: "good" };

async function connectTwilio(as: SignedIn = ada, extra: object = {}) {
  const session = await go.start(as, "twilio", extra);
  const nangoId = await server.complete(session, "twilio", twilio);
  const answer = await go.confirm(as, session.attemptId, nangoId);
  await server.runJobs();
  return { id: answer.json.connection.id as string, nangoId };
}
async function show(as: SignedIn, id: string): Promise<ConnectionView> {
  const answer = await server.call(getConnection, path(id), { as, ...at(id) });
  expect(answer.status, answer.text).toBe(200);
  return answer.json.connection;
}
async function startAgain(as: SignedIn, id: string): Promise<NangoSession> {
  const answer = await server.call(reconnect, path(id, "/reconnect"), { as, ...at(id), body: {} });
  expect(answer.status, answer.text).toBe(201);
  return answer.json;
}
async function signInAgain(as: SignedIn, id: string) {
  const session = await startAgain(as, id);
  const nangoId = await server.complete(session, "twilio", twilio);
  const confirmed = await go.confirm(as, session.attemptId, nangoId);
  expect(confirmed.status, confirmed.text).toBe(200);
  return { session, nangoId, attempt: confirmed.json.attempt };
}
const atNango = async (nangoId: string) => {
  const answer = await fetch(`${server.nango.host}/connections?connectionId=${nangoId}`, {
    headers: { authorization: `Bearer ${server.nango.apiKey}` },
  });
  return ((await answer.json()) as { connections: { tags: Record<string, string> }[] }).connections[0];
};
const look = async (id: string) => {
  await server.sql`select graphile_worker.add_job('identify_connection', json_build_object('connection_id', ${id}::text))`;
  await server.runJobs();
};

describe("signing in again", () => {
  it("mends a connection in place: same id, same connection at Nango, all tags, and one history", async () => {
    const { id, nangoId } = await connectTwilio();
    await server.call(patchConnection, path(id), {
      as: ada,
      method: "PATCH",
      ...at(id),
      body: { label: "Support line" },
    });
    server.provider.answerWith(401);
    await look(id);
    expect((await show(ada, id)).condition).toMatchObject({ code: "auth_failed", turn: "you", next_step: "reconnect" });
    server.provider.answerWith(200);
    const again = await signInAgain(ada, id);
    expect(again).toMatchObject({
      nangoId,
      attempt: { status: "confirmed", outcome: "reconnected", connection_id: id },
    });
    expect((await show(ada, id)).condition.code).toBe("checking");
    await server.runJobs();
    expect(await show(ada, id)).toMatchObject({
      status: "connected",
      label: "Support line",
      condition: { code: "healthy" },
    });
    expect((await atNango(nangoId))?.tags).toEqual({
      organization_id: ada.orgId,
      end_user_id: ada.userId,
      connector: "twilio",
      attempt_id: again.session.attemptId,
      instance: expect.any(String),
    });
    expect((await go.list(ada)).filter((row) => row.id === id)).toHaveLength(1);
    const history = await server.call(listEvents, path(id, "/events?limit=3"), { as: ada, ...at(id) });
    const { events, next_cursor } = history.json as EventList;
    expect(events.map((event) => event.type)).toEqual(["recovered", "reconnected", "needs_attention"]);
    expect(events[1]).toMatchObject({ actor: { kind: "person", id: ada.userId } });
    const rest = await server.call(listEvents, path(id, `/events?cursor=${next_cursor}`), { as: ada, ...at(id) });
    expect((rest.json as EventList).events.map((event) => event.type).at(-1)).toBe("connected");
  });

  it("keeps what was typed when it was connected", async () => {
    const { id, nangoId } = await connectTwilio();
    await fetch(`${server.nango.control}/connections/${nangoId}/config`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ subdomain: "acme" }),
    });
    await signInAgain(ada, id);
    const dump = (await (await fetch(`${server.nango.control}/dump`)).json()) as {
      connections: { connection_id: string; connection_config: Record<string, unknown> }[];
    };
    const kept = dump.connections.find((each) => each.connection_id === nangoId);
    expect(kept?.connection_config).toMatchObject({ subdomain: "acme" });
    await server.runJobs();
  });

  it("with a session that is used a second time is still the same connection", async () => {
    const { id, nangoId } = await connectTwilio();
    const { session } = await signInAgain(ada, id);
    await server.runJobs();
    const again = await server.complete(session, "twilio", twilio).catch(() => nangoId);
    expect(again).toBe(nangoId);
    expect((await go.confirm(ada, session.attemptId, nangoId)).json.attempt.outcome).toBe("reconnected");
  });

  it("that is refused, cancelled or left lying changes nothing", async () => {
    const { connection, nangoId } = await go.connect(ada, "openai");
    const { id } = connection;
    await server.runJobs();
    const before = await show(ada, id);
    const tags = (await atNango(nangoId))?.tags;
    const refused = await startAgain(ada, id);
    await expect(server.complete(refused, "openai", { apiKey: "bad-key" })).rejects.toThrow();
    await go.cancel(ada, refused.attemptId, "failed");
    await go.cancel(ada, (await startAgain(ada, id)).attemptId, "cancelled");
    await startAgain(ada, id);
    await server.runJobs();
    expect(await show(ada, id)).toEqual(before);
    expect((await atNango(nangoId))?.tags).toEqual(tags);
  });

  it("is refused to strangers as if it did not exist, to members who may not manage it, and after a disconnect", async () => {
    const { id } = await connectTwilio();
    const call = (as: SignedIn) => server.call(reconnect, path(id, "/reconnect"), { as, ...at(id), body: {} });
    const unknown = "00000000-0000-4000-8000-000000000000";
    const nowhere = await server.call(reconnect, path(unknown, "/reconnect"), { as: ada, ...at(unknown), body: {} });
    const foreign = await call(katherine);
    expect([foreign.status, foreign.json.error.code, foreign.json.error.message]).toEqual([
      404,
      nowhere.json.error.code,
      nowhere.json.error.message,
    ]);
    expect((await call(grace)).json.error.code).toBe("forbidden");
    await go.disconnect(ada, id);
    expect((await call(ada)).json.error.code).toBe("connection_disconnected");
  });

  it("of a connection that Nango no longer has says so and leaves no open attempt", async () => {
    const { id, nangoId } = await connectTwilio();
    await fetch(`${server.nango.host}/connections/${nangoId}?provider_config_key=twilio`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${server.nango.apiKey}` },
    });
    const answer = await server.call(reconnect, path(id, "/reconnect"), { as: ada, ...at(id), body: {} });
    expect(answer.json.error.code).toBe("connection_gone");
    expect(
      await server.sql`select 1 from connection_attempts where connection_id = ${id} and status = 'open'`,
    ).toHaveLength(0);
  });
});

describe("another account than before", () => {
  it("is found out, stands still, and can be kept", async () => {
    const { id } = await connectTwilio();
    Object.assign(server.provider.account, { id: "acc-2", name: "Other workspace" });
    await signInAgain(ada, id);
    await server.runJobs();
    expect(await show(ada, id)).toMatchObject({
      status: "needs_attention",
      account_name: "Acme workspace",
      found_account_name: "Other workspace",
      condition: { code: "account_mismatch", next_step: "reconnect_or_keep" },
    });
    const keeping = { account: "Other workspace" };
    const members = await server.call(keepAccount, path(id, "/keep-account"), { as: grace, ...at(id), body: keeping });
    expect(members.json.error.code).toBe("forbidden");
    const kept = await server.call(keepAccount, path(id, "/keep-account"), { as: ada, ...at(id), body: keeping });
    expect(kept.json.connection).toMatchObject({ status: "connected", account_name: "Other workspace" });
    const again = await server.call(keepAccount, path(id, "/keep-account"), { as: ada, ...at(id), body: keeping });
    expect(again.json.error.code).toBe("connection_not_ready");
  });

  it("is over when the right one signs in", async () => {
    const { id } = await connectTwilio();
    Object.assign(server.provider.account, { id: "acc-2", name: "Other workspace" });
    await signInAgain(ada, id);
    await server.runJobs();
    Object.assign(server.provider.account, { id: "acc-1", name: "Acme workspace" });
    await signInAgain(ada, id);
    await server.runJobs();
    expect(await show(ada, id)).toMatchObject({ status: "connected", found_account_name: null });
  });
});

describe("an API key of Nango's that may not read credentials", () => {
  it("still connects and looks, and says that neither end nor permissions are known", async () => {
    const whole = server.nango.apiKey;
    const made = await fetch(`${server.nango.control}/keys`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        scopes: ["connect_sessions:write", "connections:read", "connections:list", "connections:delete", "proxy"],
      }),
    });
    process.env.NANGO_SECRET_KEY = ((await made.json()) as { key: string }).key;
    resetEnv();
    try {
      const { id } = await connectTwilio();
      expect(await show(ada, id)).toMatchObject({ status: "connected", credentials_readable: false, expires_at: null });
      await look(id);
      expect((await show(ada, id)).condition.code).toBe("healthy");
    } finally {
      process.env.NANGO_SECRET_KEY = whole;
      resetEnv();
    }
  });
});

describe("asking and being told", () => {
  it("a person is told once of what broke and of what mended itself, and can mark it seen", async () => {
    Object.assign(server.provider.account, { id: "acc-of-grace" });
    const { id } = await connectTwilio(grace);
    server.provider.answerWith(401);
    for (let n = 0; n < 2; n += 1) await look(id);
    server.provider.answerWith(200);
    await server.sql`update connections set checked_at = now() - interval '1 hour' where id = ${id}`;
    const asked = await server.call(checkNow, path(id, "/check"), { as: grace, ...at(id), body: {} });
    expect(asked.json.connection.condition.code).toBe("checking");
    await server.runJobs();
    const { json } = await server.call(listNotices, "/api/v1/notices", { as: grace });
    const mine = json.notices.filter((notice: { connection_id: string }) => notice.connection_id === id);
    expect(mine.map((notice: { kind: string }) => notice.kind)).toEqual(["recovered", "needs_attention"]);
    expect(json.unseen_count).toBe(2);
    const seen = await server.call(seeNotices, "/api/v1/notices/seen", { as: grace, body: { until_id: mine[0].id } });
    expect(seen.json.unseen_count).toBe(0);
    expect((await server.call(listNotices, "/api/v1/notices", { as: katherine })).json.notices).toEqual([]);
  });

  it("one account of several is the default, and a change needs something to change", async () => {
    const [first, second] = [await connectTwilio(katherine), await connectTwilio(katherine)];
    expect(await show(katherine, first.id)).toMatchObject({ is_default: true, same_account_as: second.id });
    const patch = (body: object) =>
      server.call(patchConnection, path(second.id), { as: katherine, method: "PATCH", ...at(second.id), body });
    expect((await patch({ is_default: true })).json.connection.is_default).toBe(true);
    expect((await show(katherine, first.id)).is_default).toBe(false);
    for (const body of [{}, { is_default: false }]) expect((await patch(body)).json.error.code).toBe("invalid_request");
  });
});
