import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { POST as cancel } from "@/app/api/nango/attempts/[id]/cancel/route";
import { POST as confirm } from "@/app/api/nango/attempts/[id]/confirm/route";
import { GET as readAttempt } from "@/app/api/nango/attempts/[id]/route";
import { POST as startSession } from "@/app/api/nango/session/route";
import { DELETE as disconnect, PATCH as relabel } from "@/app/api/v1/connections/[id]/route";
import { POST as undo } from "@/app/api/v1/connections/[id]/undo/route";
import { GET as list } from "@/app/api/v1/connections/route";
import { errorCodes, errorStatus } from "@/lib/error-codes";
import { journeyOf } from "@/tests/support/journey";
import type { SignedIn } from "@/tests/support/people";
import { type Server, startServer } from "@/tests/support/server";

let server: Server;
let ada: SignedIn;
let katherine: SignedIn;
let attemptId: string;
let connectionId: string;

beforeAll(async () => {
  server = await startServer();
  const go = journeyOf(server);
  ada = await server.signIn("ada@acme.test", "acme");
  katherine = await server.signIn("katherine@globex.test", "globex");
  connectionId = (await go.connect(ada)).connection.id;
  attemptId = (await go.start(ada)).attemptId;
});
afterAll(() => server?.close());

/** Every route behind a session, with a request that would be right. */
const mutations = () => [
  {
    name: "start",
    handler: startSession,
    path: "/api/nango/session",
    method: "POST",
    body: { connector: "openai" },
    id: "",
  },
  {
    name: "confirm",
    handler: confirm,
    path: `/api/nango/attempts/${attemptId}/confirm`,
    method: "POST",
    body: {},
    id: attemptId,
  },
  {
    name: "cancel",
    handler: cancel,
    path: `/api/nango/attempts/${attemptId}/cancel`,
    method: "POST",
    body: { reason: "closed" },
    id: attemptId,
  },
  {
    name: "label",
    handler: relabel,
    path: `/api/v1/connections/${connectionId}`,
    method: "PATCH",
    body: { label: "stolen" },
    id: connectionId,
  },
  {
    name: "disconnect",
    handler: disconnect,
    path: `/api/v1/connections/${connectionId}`,
    method: "DELETE",
    body: {},
    id: connectionId,
  },
  {
    name: "undo",
    handler: undo,
    path: `/api/v1/connections/${connectionId}/undo`,
    method: "POST",
    body: {},
    id: connectionId,
  },
];
const reads = () => [
  { name: "read attempt", handler: readAttempt, path: `/api/nango/attempts/${attemptId}`, id: attemptId },
  { name: "list", handler: list, path: "/api/v1/connections", id: "" },
];
const state = async () => {
  const connections = await server.sql`select id, status, label from connections order by id`;
  const attempts = await server.sql`select id, status from connection_attempts order by id`;
  return JSON.stringify([connections, attempts]);
};

describe("without a session", () => {
  it("every route is locked, whatever stands in for one, and says the same", async () => {
    const token = await ada.token();
    const [head, claims, signature] = token.split(".");
    const other = Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(claims ?? "", "base64url").toString()), sub: katherine.userId }),
    ).toString("base64url");
    const none = Buffer.from(JSON.stringify({ alg: "none", typ: "JWT" })).toString("base64url");
    const standIns: [string, Record<string, string>][] = [
      ["nothing", {}],
      ["an empty token", { authorization: "Bearer " }],
      ["nonsense", { authorization: "Bearer nonsense" }],
      ["a token of three words", { authorization: "Bearer a.b.c" }],
      ["changed claims", { authorization: `Bearer ${head}.${other}.${signature}` }],
      ["no algorithm", { authorization: `Bearer ${none}.${claims}.` }],
      ["a cut signature", { authorization: `Bearer ${head}.${claims}.${signature?.slice(0, -4)}` }],
      ["a forged cookie", { cookie: `__session=${head}.${other}.${signature}; __client_uat=1` }],
      [
        "the middleware's headers",
        {
          "x-clerk-auth-status": "signed-in",
          "x-clerk-auth-token": `${head}.${other}.x`,
          "x-clerk-auth-signature": "x",
        },
      ],
      ["Nango's key", { authorization: `Bearer ${server.nango.apiKey}` }],
      ["Clerk's key", { authorization: `Bearer ${server.clerk.secretKey}` }],
      ["the cron secret", { authorization: "Bearer cron-secret-of-the-tests" }],
      ["basic credentials", { authorization: `Basic ${Buffer.from("ada@acme.test:x").toString("base64")}` }],
    ];
    const before = await state();
    for (const { name, handler, path, id, ...rest } of [...mutations(), ...reads()]) {
      const { method = "GET", body } = rest as { method?: string; body?: unknown };
      for (const [what, headers] of standIns) {
        const answer = await server.callRaw(handler, path, {
          method,
          body,
          headers: { "content-type": "application/json", ...headers },
          params: { id },
        });
        expect([answer.status, answer.json.error.code], `${name} with ${what}`).toEqual([401, "unauthenticated"]);
      }
    }
    expect(await state()).toBe(before);
  });

  it("a token that was issued for another site does not open ours", async () => {
    const elsewhere = await server.signInFrom("https://evil.test", "ada@acme.test", "acme");
    const answer = await server.call(list, "/api/v1/connections", { as: elsewhere });
    expect([answer.status, answer.json.error.code]).toEqual([401, "unauthenticated"]);
  });
});

describe("every change", () => {
  it("is let through from a page of ours with a cookie, and from a program with a token", async () => {
    const { handler, path, id } = mutations()[3] ?? expect.fail();
    const options = { as: ada, method: "PATCH", body: { label: "mine" }, params: { id } };
    expect((await server.call(handler, path, { ...options, via: "cookie" })).status).toBe(200);
    expect((await server.call(handler, path, { ...options, via: "header" })).status).toBe(200);
  });

  it("names the owner whose page it comes from: after a switch it is refused", async () => {
    for (const { name, handler, path, method, body, id } of mutations()) {
      const answer = await server.call(handler, path, {
        as: ada,
        method,
        body: { ...body, owner_id: katherine.ownerId },
        params: { id },
      });
      expect([answer.status, answer.json.error.code], name).toEqual([409, "owner_mismatch"]);
    }
  });

  it("refuses bodies that it does not know, with a code", async () => {
    for (const { name, handler, path, method, body, id } of mutations()) {
      for (const wrong of ["{", "null", "[]", '"x"', "5", "\ufeff{}{}", JSON.stringify({ ...body, surprise: 1 })]) {
        const answer = await server.call(handler, path, { as: ada, method, body: wrong, params: { id } });
        expect(answer.status, `${name} ${wrong}`).toBe(400);
        expect(answer.json.error.code).toMatch(/^invalid_(json|request)$/);
      }
    }
  });

  it("refuses more than 1 MiB", async () => {
    const { handler, path } = mutations()[0] ?? expect.fail();
    const answer = await server.call(handler, path, { as: ada, body: { connector: "x".repeat(1024 * 1024) } });
    expect([answer.status, answer.json.error.code]).toEqual([413, "payload_too_large"]);
  });

  it("answers for somebody else's connection as for none, byte for byte", async () => {
    for (const { name, handler, path, method, body, id } of mutations().filter(({ id }) => id !== "")) {
      const texts = [];
      for (const asked of [id, "00000000-0000-4000-8000-000000000000", "not-an-id"]) {
        const answer = await server.call(handler, path, { as: katherine, method, body, params: { id: asked } });
        expect(answer.status, name).toBe(404);
        texts.push(answer.text.replace(answer.json.error.request_id, ""));
      }
      expect(new Set(texts).size, name).toBe(1);
    }
  });
});

describe("an error", () => {
  it("has a code, a fixed text, the id that the header names and where the input is wrong, and nothing else", async () => {
    const answer = await server.call(list, "/api/v1/connections?limit=nonsense", { as: ada });
    expect(Object.keys(answer.json)).toEqual(["error"]);
    expect(Object.keys(answer.json.error).sort()).toEqual(["code", "issues", "message", "request_id"]);
    expect(answer.json.error.issues).toEqual([{ path: "limit", message: expect.any(String) }]);
    expect(answer.headers.get("x-request-id")).toBe(answer.json.error.request_id);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it("has a status for each code of the closed list", () => {
    for (const code of errorCodes) expect(errorStatus[code], code).toBeGreaterThanOrEqual(400);
  });

  it("of the query is a coded 400, also for names given twice or unknown", async () => {
    for (const query of [
      "limit=0",
      "limit=201",
      "limit=1e9",
      "status=dead",
      "owner=all",
      "cursor=garbage",
      "cursor=",
      "connector=../x",
      "limit=1&limit=2",
      "nothing=1",
    ]) {
      const answer = await server.call(list, `/api/v1/connections?${query}`, { as: ada });
      expect([answer.status, answer.json.error.code], query).toEqual([400, "invalid_request"]);
    }
  });
});
