import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
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
  server.provider.answerWith(200);
  Object.assign(server.provider.account, { id: "acc-1", name: "Acme workspace" });
  server.provider.calls.length = 0;
  server.wire.calls.length = 0;
});

async function connectTwilio(password = "good") {
  const session = await go.start(ada, "twilio");
  const nangoId = await server.complete(session, "twilio", { username: "AC1", password });
  const answer = await go.confirm(ada, session.attemptId, nangoId);
  return { id: answer.json.connection.id as string, nangoId };
}

/** Connects Slack as its consent page would end: Nango holds the token, tagged with the attempt. */
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
  return { id: answer.json.connection.id as string, nangoId };
}

const rowOf = async (id: string) => {
  const [row] =
    await server.sql`select status, reason_code, account_id, account_name, remote_result, upstream_result from connections where id = ${id}`;
  return row;
};
async function lookAgain(id: string): Promise<void> {
  await server.sql`select graphile_worker.add_job('identify_connection', json_build_object('connection_id', ${id}::text))`;
  await server.sql`update graphile_worker._private_jobs set run_at = now()`;
  await server.runJobs();
}
async function letUndoTimePass(): Promise<void> {
  await server.sql`update connections set remote_delete_after = now() - interval '1 second' where status = 'disconnected'`;
  await server.sql`update graphile_worker._private_jobs set run_at = now()`;
  await server.runJobs();
}

describe("the account behind a connection", () => {
  it("is named as the provider names it, asked through Nango", async () => {
    const { id } = await connectTwilio();
    await server.runJobs();
    expect(await rowOf(id)).toMatchObject({ status: "connected", account_id: "acc-1", account_name: "Acme workspace" });
    expect(server.provider.calls.some((call) => call.startsWith("GET /2010-04-01/Accounts/AC1.json"))).toBe(true);
  });

  it("that is another one than before needs attention, and keeps its name until somebody decides", async () => {
    const { id } = await connectTwilio();
    await server.runJobs();
    Object.assign(server.provider.account, { id: "acc-2", name: "Somebody else" });
    await lookAgain(id);
    expect(await rowOf(id)).toMatchObject({
      status: "needs_attention",
      reason_code: "account_mismatch",
      account_name: "Acme workspace",
    });
  });
});

describe("credentials that stop working", () => {
  it("need attention, and are well again by themselves when they work again", async () => {
    const { id } = await connectTwilio();
    await server.runJobs();
    server.provider.answerWith(401);
    await lookAgain(id);
    expect(await rowOf(id)).toMatchObject({ status: "needs_attention", reason_code: "auth_failed" });
    await lookAgain(id);
    const notices =
      await server.sql`select 1 from connection_events where connection_id = ${id} and type = 'needs_attention'`;
    expect(notices).toHaveLength(1);
    server.provider.answerWith(200);
    await lookAgain(id);
    expect(await rowOf(id)).toMatchObject({ status: "connected", reason_code: null });
  });

  it("are not to blame when the provider is down, busy, or refuses one thing", async () => {
    const { id } = await connectTwilio();
    await server.runJobs();
    for (const status of [500, 503, 429, 404]) {
      server.provider.answerWith(status);
      await lookAgain(id);
      expect(await rowOf(id), String(status)).toMatchObject({ status: "connected" });
      await server.sql`delete from graphile_worker._private_jobs`;
    }
  });
});

describe("a provider that answers 403", () => {
  it("has taken a permission away when the same call was allowed before", async () => {
    const { id } = await connectTwilio();
    await server.runJobs();
    server.provider.answerWith(403);
    await lookAgain(id);
    expect(await rowOf(id)).toMatchObject({ status: "needs_attention", reason_code: "permission_lost" });
  });

  it("is busy when it says so", async () => {
    const { id } = await connectTwilio();
    await server.runJobs();
    server.provider.answerWith(403, { message: "You have exceeded a secondary rate limit." });
    await lookAgain(id);
    expect(await rowOf(id)).toMatchObject({ status: "connected" });
    await server.sql`delete from graphile_worker._private_jobs`;
  });
});

describe("disconnecting Slack", () => {
  it("takes the token back at Slack before Nango forgets it", async () => {
    const { id } = await connectSlack();
    await go.disconnect(ada, id);
    server.wire.calls.length = 0;
    await letUndoTimePass();
    const calls = server.wire.calls.map(
      ({ method, path }) => `${method} ${path.split("?")[0]?.replace(/[0-9a-f-]{36}/, "ID")}`,
    );
    expect(calls).toEqual(["POST /proxy/auth.revoke", "DELETE /connections/ID"]);
    expect(await rowOf(id)).toMatchObject({ remote_result: "deleted", upstream_result: "revoked" });
  });

  it("leaves the token alone while another connection uses the same account", async () => {
    const first = await connectSlack();
    const second = await connectSlack();
    await go.disconnect(ada, first.id);
    server.provider.calls.length = 0;
    await letUndoTimePass();
    expect(server.provider.calls.filter((call) => call.includes("auth.revoke"))).toEqual([]);
    expect(await rowOf(first.id)).toMatchObject({ remote_result: "deleted", upstream_result: "kept_in_use" });
    await go.disconnect(ada, second.id);
    await letUndoTimePass();
    expect(await rowOf(second.id)).toMatchObject({ upstream_result: "revoked" });
  });

  it("still ends at Nango when Slack does not take the token back", async () => {
    const { id, nangoId } = await connectSlack();
    await go.disconnect(ada, id);
    server.provider.answerWith(500);
    await letUndoTimePass();
    const left = await fetch(`${server.nango.host}/connections?connectionId=${nangoId}`, {
      headers: { authorization: `Bearer ${server.nango.apiKey}` },
    });
    expect(((await left.json()) as { connections: unknown[] }).connections).toEqual([]);
    expect(await rowOf(id)).toMatchObject({ remote_result: "deleted", upstream_result: "failed" });
  });
});
