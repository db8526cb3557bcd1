import { ErrorCode, LATEST_PROTOCOL_VERSION, SUPPORTED_PROTOCOL_VERSIONS } from "@modelcontextprotocol/sdk/types.js";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DELETE, GET, POST } from "@/app/api/mcp/route";
import { GET as readMetadata } from "@/app/oauth/protected-resource/route";
import { keysOf } from "@/tests/support/api-keys";
import { APP_URL, type Server, startServer } from "@/tests/support/server";

/** In JSON a backslash of the text itself stands there twice. */
const holdsNul = (value: unknown) => /(?<!\\)(?:\\\\)*\\u0000/.test(JSON.stringify(value));

/** The door of the MCP endpoint: who comes in, and what it takes. OAuth clients are in mcp-oauth.test.ts. */

const list = { jsonrpc: "2.0", id: 1, method: "tools/list", params: {} };
const accept = { accept: "application/json, text/event-stream" };

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const ask = (headers: Record<string, string>, body: unknown = list) =>
  server.call(POST, "/api/mcp", { method: "POST", body, headers: { ...accept, ...headers } });

describe("the door of the MCP endpoint", () => {
  let key: string;
  let wide: string;
  beforeAll(async () => {
    const ada = await server.signIn("ada@acme.test", "acme");
    ({ key } = await keysOf(server).made(ada, ["connections:read"]));
    ({ key: wide } = await keysOf(server).made(ada, ["connectors:read", "connections:read", "actions:run:*"]));
  });
  const withKey = () => ({ authorization: `Bearer ${key}` });

  it("opens for a key, without a session before, and says what the limits are", async () => {
    const answer = await ask(withKey());
    expect(answer.status, answer.text).toBe(200);
    expect(answer.json.result.tools.map(({ name }: { name: string }) => name)).toEqual(["list_connections"]);
    expect(answer.headers.get("ratelimit")).toContain("r=");
    expect(answer.headers.get("x-request-id")).toBeTruthy();
  });

  it("opens for nothing that a browser sends by itself", async () => {
    const ada = await server.signIn("ada@acme.test", "acme");
    const token = await ada.token();
    for (const headers of [
      { cookie: `__session=${token}; __client_uat=1`, origin: APP_URL, "sec-fetch-site": "same-origin" },
      { authorization: `Bearer ${token}` },
      { authorization: `Basic ${Buffer.from("ada:x").toString("base64")}` },
      { authorization: "Bearer pby_wrong" },
      {},
    ] as Record<string, string>[]) {
      const answer = await ask(headers);
      expect(answer.status, JSON.stringify(headers)).toBe(401);
      expect(answer.json.error.code).toBe("unauthenticated");
      const fault = "authorization" in headers ? ', error="invalid_token"' : "";
      expect(answer.headers.get("www-authenticate")).toBe(`Bearer realm="patchbay"${fault}`);
    }
  });

  it("is closed to pages of other sites, with a key as well", async () => {
    for (const origin of ["https://evil.test", "null", "http://127.0.0.1:1"]) {
      const answer = await ask({ ...withKey(), origin });
      expect([answer.status, answer.json.error.code], origin).toEqual([403, "cross_site_request"]);
    }
    expect((await ask({ ...withKey(), origin: APP_URL })).status).toBe(200);
  });

  it("takes one message at a time, of a size, as JSON", async () => {
    expect((await ask(withKey(), [list, list])).json.error.code).toBe("invalid_request");
    expect((await ask(withKey(), "{")).json.error.code).toBe("invalid_json");
    expect((await ask({ ...withKey(), "content-type": "text/plain" })).json.error.code).toBe("unsupported_media_type");
    const large = { ...list, params: { cursor: "x".repeat(1_100_000) } };
    expect((await ask(withKey(), large)).status).toBe(413);
    for (const odd of [null, 7, {}, { jsonrpc: "1.0" }, { ...list, method: "no/such" }]) {
      const answer = await ask(withKey(), odd);
      expect(answer.status, JSON.stringify(odd)).toBeLessThan(500);
      expect(answer.text).not.toMatch(/at .*\.js|node_modules/);
    }
  });

  it("stands whatever a tool is called with", async () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 40 }),
      fc.constantFrom("\u0000", "__proto__", "../.."),
    );
    const fields = [
      "connector",
      "q",
      "limit",
      "cursor",
      "status",
      "connection_id",
      "channel",
      "text",
      "to",
      "__proto__",
    ];
    const args = fc.oneof(
      fc.dictionary(fc.constantFrom(...fields), fc.oneof(text, fc.integer(), fc.jsonValue({ maxDepth: 3 })), {
        maxKeys: 4,
      }),
      fc.jsonValue({ maxDepth: 3 }),
    );
    const name = fc.oneof(
      fc.constantFrom("list_connectors", "list_connections", "sendSlackMessage", "slack_read_messages", "sendEmail"),
      text,
    );
    await fc.assert(
      fc.asyncProperty(name, args, async (tool, given) => {
        const params = { name: tool, arguments: given };
        const answer = await ask({ authorization: `Bearer ${wide}` }, { ...list, method: "tools/call", params });
        const { result, error } = answer.json;
        if (holdsNul(params)) return void expect([answer.status, error.code]).toEqual([400, "invalid_request"]);
        expect(answer.status, answer.text).toBe(200);
        if (result) expect(result.structuredContent.error?.code, answer.text).not.toBe("internal");
        // JSON-RPC's code for our own faults.
        else expect(error.code, answer.text).not.toBe(-32_603);
      }),
      { numRuns: 200 },
    );
  });

  it("has no stream to listen to and no session to end", async () => {
    for (const [method, handler] of Object.entries({ GET, DELETE })) {
      const answer = await server.call(handler, "/api/mcp", {
        method,
        headers: { ...withKey(), accept: "text/event-stream" },
      });
      expect([answer.status, answer.json.error.code], method).toEqual([405, "method_not_allowed"]);
      expect(answer.headers.get("allow")).toBe("POST");
    }
  });

  it("speaks the protocol without sessions: versions, notifications, and what a client must accept", async () => {
    const hello = (protocolVersion: string) =>
      ask(withKey(), {
        ...list,
        method: "initialize",
        params: { protocolVersion, capabilities: {}, clientInfo: { name: "test", version: "1" } },
      });
    for (const version of SUPPORTED_PROTOCOL_VERSIONS) {
      const { json, headers } = await hello(version);
      expect(json.result.protocolVersion).toBe(version);
      expect(headers.get("mcp-session-id")).toBeNull();
      expect((await ask({ ...withKey(), "mcp-protocol-version": version })).status).toBe(200);
    }
    // A version that it does not know is answered with its own latest; in the header it is refused.
    expect((await hello("1999-01-01")).json.result.protocolVersion).toBe(LATEST_PROTOCOL_VERSION);
    expect((await ask({ ...withKey(), "mcp-protocol-version": "1999-01-01" })).status).toBe(400);
    const notice = await ask(withKey(), { jsonrpc: "2.0", method: "notifications/initialized" });
    expect([notice.status, notice.text]).toEqual([202, ""]);
    expect((await ask(withKey(), { jsonrpc: "2.0", id: 7, method: "ping" })).json).toEqual({
      jsonrpc: "2.0",
      id: 7,
      result: {},
    });
    expect((await ask({ ...withKey(), accept: "application/json" })).status).toBe(406);
    const codeOf = async (message: object) =>
      (await ask(withKey(), { jsonrpc: "2.0", id: 1, ...message })).json.error.code;
    expect(await codeOf({ method: "no/such" })).toBe(ErrorCode.MethodNotFound);
    expect(await codeOf({ method: "tools/call", params: { name: "no_such_tool" } })).toBe(ErrorCode.InvalidParams);
    expect(await codeOf({ method: "tools/call", params: { name: 7 } })).toBe(ErrorCode.InvalidParams);
    expect(await codeOf({ method: "tools/list", params: { cursor: "no_such_tool" } })).toBe(ErrorCode.InvalidParams);
  });

  it("names no place to get a token at, since the embedded Clerk gives none", async () => {
    expect((await server.call(async () => readMetadata(), "/oauth/protected-resource")).status).toBe(404);
  });
});
