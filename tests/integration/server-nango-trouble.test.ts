import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GET as health } from "@/app/api/health/route";
import { POST as startSession } from "@/app/api/nango/session/route";
import { withDeadline } from "@/lib/deadline";
import { resetEnv } from "@/lib/env";
import { isErrorCode } from "@/lib/error-codes";
import { nangoAnswers } from "@/lib/nango/health";
import { forgetIntegrationKeys, listIntegrationKeys } from "@/lib/nango/integrations";
import { journeyOf } from "@/tests/support/journey";
import type { SignedIn } from "@/tests/support/people";
import type { Trouble } from "@/tests/support/relay";
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
  server.wire.trouble({ kind: "none" });
  server.wire.calls.length = 0;
});

/** What can be wrong with Nango, and how a person's request that needs it then ends. */
const troubles: [string, Trouble, string][] = [
  ["cuts the connection", { kind: "cut" }, "nango_unreachable"],
  ["says nothing", { kind: "silent" }, "nango_timeout"],
  ["never stops talking", { kind: "drip" }, "nango_timeout"],
  ["answers 500", { kind: "answer", status: 500, body: '{"error":{"code":"server_error"}}' }, "nango_unreachable"],
  [
    "answers 502 in HTML",
    { kind: "answer", status: 502, body: "<html>Bad gateway canary-upstream</html>" },
    "nango_unreachable",
  ],
  [
    "answers 429",
    { kind: "answer", status: 429, body: '{"error":{"code":"too_many_request"}}', headers: { "retry-after": "7" } },
    "nango_rate_limited",
  ],
  ["refuses our key", { kind: "answer", status: 401, body: '{"error":{"code":"unknown_account"}}' }, "nango_rejected"],
  [
    "redirects elsewhere",
    { kind: "answer", status: 302, body: "", headers: { location: "http://127.0.0.1:1/" } },
    "nango_invalid_answer",
  ],
  ["answers garbage", { kind: "answer", status: 200, body: "<<<garbage canary-upstream>>>" }, "nango_invalid_answer"],
  ["answers an empty body", { kind: "answer", status: 200, body: "" }, "nango_invalid_answer"],
  [
    "answers another shape",
    { kind: "answer", status: 200, body: '{"data":null,"connections":null}' },
    "nango_invalid_answer",
  ],
  ["answers a list", { kind: "answer", status: 200, body: "[]" }, "nango_invalid_answer"],
];

/** Runs one call and checks that it ended in time, with a code, and without a word of the upstream's. */
async function ended(work: () => Promise<{ status: number; text: string; json: { error?: { code: string } } }>) {
  const begun = performance.now();
  const answer = await work();
  expect(performance.now() - begun).toBeLessThan(5_000);
  expect(answer.text).not.toMatch(/canary-upstream|at .*\.ts|ECONN|Axios/);
  return answer;
}

describe.each(troubles)("while Nango %s", (_, trouble, code) => {
  it("starting, confirming and reading an attempt end within 5 s with a clear code", async () => {
    const open = await go.start(ada);
    await server.sql`update connection_attempts set looked_at = null where id = ${open.attemptId}`;
    server.wire.trouble(trouble);
    const [started, confirmed, hinted, read] = await Promise.all([
      ended(() => server.call(startSession, "/api/nango/session", { as: ada, body: { connector: "openai" } })),
      ended(() => go.confirm(ada, open.attemptId)),
      ended(() => go.confirm(ada, open.attemptId, "11111111-1111-4111-8111-111111111111")),
      ended(() => go.read(ada, open.attemptId)),
    ]);
    for (const answer of [started, confirmed, hinted]) {
      expect(answer.json.error?.code).toBe(code);
      expect(isErrorCode(answer.json.error?.code)).toBe(true);
      expect(answer.status).toBeGreaterThanOrEqual(500);
    }
    // Asking how it stands is no error for the person: the page simply asks again.
    expect(read.json).toMatchObject({ attempt: { status: "open" } });
    server.wire.trouble({ kind: "none" });
    expect((await go.confirm(ada, open.attemptId)).json).toMatchObject({ attempt: { status: "open" } });
  });

  it("listing, labelling and disconnecting go on as if nothing were", async () => {
    const { connection } = await go.connect(ada);
    server.wire.trouble(trouble);
    server.wire.calls.length = 0;
    expect((await go.list(ada)).map(({ id }) => id)).toContain(connection.id);
    const gone = await go.disconnect(ada, connection.id);
    expect(gone.json.connection.status).toBe("disconnected");
    expect(server.wire.calls).toHaveLength(0);
  });
});

describe("the list of integrations", () => {
  it("is asked for once a minute, and keeps its last good answer when Nango fails", async () => {
    forgetIntegrationKeys();
    const lists = await Promise.all(Array.from({ length: 20 }, () => listIntegrationKeys()));
    expect(lists.every((keys) => keys?.has("openai"))).toBe(true);
    expect(server.wire.calls.filter(({ path }) => path === "/integrations")).toHaveLength(1);
  });

  it("is not decided for everybody by whoever asks first and has no time, nor is whether Nango answers", async () => {
    forgetIntegrationKeys();
    expect(await withDeadline(1, listIntegrationKeys)).toBeNull();
    expect(await listIntegrationKeys()).toContain("openai");
    // Another address than the one that was asked about before.
    const { NANGO_HOST: host } = process.env;
    process.env.NANGO_HOST = `${host}/`.replace("127.0.0.1", "localhost").replace(/\/$/, "");
    resetEnv();
    try {
      expect(await withDeadline(1, nangoAnswers)).toBe(false);
      expect(await nangoAnswers()).toBe(true);
    } finally {
      process.env.NANGO_HOST = host;
      resetEnv();
    }
  });

  it("is unknown, without an error, when Nango never answered", async () => {
    forgetIntegrationKeys();
    server.wire.trouble({ kind: "answer", status: 500, body: "" });
    expect(await listIntegrationKeys()).toBeNull();
    forgetIntegrationKeys();
  });
});

describe("a connection whose details no database can hold", () => {
  it("is connected all the same, without them", async () => {
    const session = await go.start(ada);
    const connectionId = await server.complete(session, "openai", { apiKey: "sk-good" });
    const read = await fetch(`${server.nango.host}/connections/${connectionId}?provider_config_key=openai`, {
      headers: { authorization: `Bearer ${server.nango.apiKey}` },
    });
    const told = {
      ...((await read.json()) as object),
      credentials: { expires_at: "+275760-09-13T00:00:00.000Z", raw: { scope: ["read", "a\u0000b", "\ud800"] } },
    };
    const path = `/connections/${connectionId}`;
    server.wire.trouble({ kind: "answer", status: 200, body: JSON.stringify(told) }, { method: "GET", path });
    const { status, json, text } = await go.confirm(ada, session.attemptId, connectionId);
    expect(status, text).toBe(200);
    expect(json.connection).toMatchObject({ status: "connected", expires_at: null, scopes_granted: ["read"] });
  });
});

describe("a busy Nango", () => {
  it("passes on when to come back", async () => {
    server.wire.trouble({ kind: "answer", status: 429, body: "{}", headers: { "retry-after": "7" } });
    const answer = await server.call(startSession, "/api/nango/session", { as: ada, body: { connector: "openai" } });
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "7"]);
  });
});

describe("health", () => {
  it("is told without a key, and says nothing but whether things answer", async () => {
    const answer = await server.call(health, "/api/health");
    expect([answer.status, answer.json]).toEqual([200, { status: "ok", database: true, nango: true }]);
  });
});
