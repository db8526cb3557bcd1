import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { journeyOf } from "@/tests/support/journey";
import type { SignedIn } from "@/tests/support/people";
import { type Server, startServer } from "@/tests/support/server";

let server: Server;
let go: ReturnType<typeof journeyOf>;
let ada: SignedIn;

beforeAll(async () => {
  server = await startServer();
  go = journeyOf(server);
  ada = await server.signIn("ada@acme.test", "acme");
});
afterAll(() => server?.close());
beforeEach(() => {
  server.provider.calls.length = 0;
});

const control = async (path: string, body: object = {}) => {
  const answer = await fetch(`${server.nango.control}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(answer.status, await answer.text()).toBeLessThan(300);
};

/** Slack, as its consent page would leave it: a token without an end, which Nango never refreshes. */
async function connectSlack() {
  const session = await go.start(ada, "slack");
  const [attempt] = await server.sql`select instance from connection_attempts where id = ${session.attemptId}`;
  const imported = await fetch(`${server.nango.host}/connections`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.nango.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({
      provider_config_key: "slack",
      credentials: { type: "OAUTH2", access_token: "xoxb-good" },
      tags: {
        organization_id: ada.orgId,
        end_user_id: ada.userId,
        connector: "slack",
        attempt_id: session.attemptId,
        instance: attempt?.instance,
      },
    }),
  });
  const { connection_id: nangoId } = (await imported.json()) as { connection_id: string };
  const answer = await go.confirm(ada, session.attemptId, nangoId);
  expect(answer.json.connection, answer.text).toBeTruthy();
  await server.runJobs();
  server.provider.calls.length = 0;
  return { id: answer.json.connection.id as string, nangoId };
}

const rowOf = async (id: string) =>
  (await server.sql`select status, reason_code, suspect_since, account_name from connections where id = ${id}`)[0];
const eventsOf = async (id: string, type: string) =>
  server.sql`select reason_code from connection_events where connection_id = ${id} and type = ${type}`;
const makeDue = (id: string) => server.sql`update connections set next_probe_at = now() where id = ${id}`;

it("a token that was revoked at its provider and never expires is found by the next probe, and told once", async () => {
  const { id, nangoId } = await connectSlack();
  await control(`/connections/${nangoId}/kill`);
  await server.runJobs();
  expect(server.provider.calls).toEqual([]);
  expect(await rowOf(id)).toMatchObject({ status: "connected" });

  await makeDue(id);
  await server.runJobs();
  expect(server.provider.calls.length).toBeGreaterThan(0);
  expect(await rowOf(id)).toMatchObject({ status: "needs_attention", reason_code: "auth_failed" });
  // Nango has not noticed: its own flag is not set, and no webhook came.
  const listed = await fetch(`${server.nango.host}/connections?connectionId=${nangoId}`, {
    headers: { authorization: `Bearer ${server.nango.apiKey}` },
  });
  const { connections } = (await listed.json()) as { connections: { errors: unknown[] }[] };
  expect(connections).toMatchObject([{ errors: [] }]);

  await makeDue(id);
  await server.runJobs();
  expect(await eventsOf(id, "needs_attention")).toEqual([{ reason_code: "auth_failed" }]);
  const notices = await server.sql`select kind from notices where connection_id = ${id}`;
  expect(notices).toEqual([{ kind: "needs_attention" }]);
});

it("one that works again is found well by the next probe, without anybody's doing", async () => {
  const { id, nangoId } = await connectSlack();
  await control(`/connections/${nangoId}/kill`);
  await makeDue(id);
  await server.runJobs();
  expect(await rowOf(id)).toMatchObject({ status: "needs_attention" });
  await control(`/connections/${nangoId}/credentials`, { access_token: "xoxb-good" });
  await makeDue(id);
  await server.runJobs();
  expect(await rowOf(id)).toMatchObject({ status: "connected", reason_code: null, suspect_since: null });
  expect(await eventsOf(id, "recovered")).toHaveLength(1);
});

it("a probe of a connection that works leaves no trace but the time of the look", async () => {
  const { id } = await connectSlack();
  const before = await server.sql`select count(*)::int as n from connection_events where connection_id = ${id}`;
  await server.sql`update connections set checked_at = null where id = ${id}`;
  await makeDue(id);
  await server.runJobs();
  const [row] = await server.sql`select status, checked_at from connections where id = ${id}`;
  expect(row?.status).toBe("connected");
  expect(row?.checked_at).not.toBeNull();
  expect(await server.sql`select count(*)::int as n from connection_events where connection_id = ${id}`).toEqual(
    before,
  );
});
