import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Stack, startStack } from "./harness";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  for (const key of ["acme", "other"]) await stack.integration("private-api-bearer", key);
  for (const key of ["hubspot", "intercom", "linear", "github", "slack"]) await stack.oauthIntegration(key);
});
afterAll(() => stack.close());
beforeEach(() => stack.forget());

async function connect(key = "acme", tags: Record<string, string> = { end_user_id: "u1" }) {
  const token = await stack.session({ tags, allowed_integrations: [key] });
  return (await stack.connect(`/api-auth/api-key/${key}`, token, { apiKey: "k" })).body.connectionId;
}

describe("the SDK", () => {
  it("mints, reads, lists, tags and deletes", async () => {
    const { data } = await stack.sdk.createConnectSession({
      tags: { end_user_id: "u9" },
      allowed_integrations: ["acme"],
    });
    expect(data.token).toMatch(/^nango_connect_session_[0-9a-f]{64}$/);
    const { body } = await stack.connect("/api-auth/api-key/acme", data.token, { apiKey: "k" });
    expect((await stack.sdk.listConnections({ tags: { end_user_id: "u9" } })).connections).toHaveLength(1);
    await stack.sdk.setMetadata("acme", body.connectionId, { a: 1 });
    await stack.sdk.updateMetadata("acme", body.connectionId, { b: 2 });
    expect((await stack.sdk.getConnection("acme", body.connectionId)).metadata).toEqual({ a: 1, b: 2 });
    expect((await stack.sdk.listIntegrations()).configs.map((config) => config.unique_key)).toContain("acme");
    await stack.sdk.deleteConnection("acme", body.connectionId);
    const gone = await stack.sdk.deleteConnection("acme", body.connectionId).catch((error: unknown) => error);
    expect(gone).toMatchObject({
      name: "AxiosError",
      response: { status: 400, data: { error: { code: "unknown_connection" } } },
    });
  });
});

describe("connect sessions", () => {
  it("end after half an hour", async () => {
    const { body } = await stack.call("POST", "/connect/sessions", { tags: { a: "b" } });
    const life = Date.parse(body.data.expires_at) - Date.now();
    expect(Math.abs(life - 30 * 60_000)).toBeLessThan(5_000);
  });

  it("answer the same whether they expired, were deleted or never were", async () => {
    const expired = await stack.session({ tags: { end: "soon" } });
    const deleted = await stack.session({ tags: { a: "b" } });
    await stack.control("POST", "/sessions/expire", { tag: { key: "end", value: "soon" } });
    await stack.call("DELETE", "/connect/session", undefined, deleted);
    const unknown = `nango_connect_session_${"0".repeat(64)}`;
    for (const token of [expired, deleted, unknown]) {
      const answer = await stack.call("GET", "/connect/session", undefined, token);
      expect(answer).toMatchObject({ status: 401, body: { error: { code: "unknown_connect_session_token" } } });
      expect((await stack.connect("/api-auth/api-key/acme", token, { apiKey: "k" })).status).toBe(401);
    }
  });

  it("allow every integration when the list of allowed ones is empty", async () => {
    const token = await stack.session({ tags: { a: "b" }, allowed_integrations: [] });
    for (const key of ["acme", "other"]) {
      expect((await stack.connect(`/api-auth/api-key/${key}`, token, { apiKey: "k" })).status).toBe(200);
    }
  });

  it("refuse wrong tags and keep the case of good ones' values only", async () => {
    const wrong: Record<string, string>[] = [
      { end_user_email: "nope" },
      { end_user_email: "" },
      { empty: "" },
      { "1st": "x" },
      { [`k${"x".repeat(64)}`]: "x" },
      { long: "x".repeat(256) },
    ];
    for (const tags of wrong) expect((await stack.call("POST", "/connect/sessions", { tags })).status).toBe(400);
    const id = await connect("acme", { Team: "Blue" });
    expect((await stack.sdk.getConnection("acme", id)).tags).toEqual({ team: "Blue" });
  });

  it("are refused when the plan's connections are used up", async () => {
    await stack.control("PATCH", "/settings", { connectionLimit: 0 });
    const answer = await stack.call("POST", "/connect/sessions", { tags: { a: "b" } });
    await stack.control("PATCH", "/settings", { connectionLimit: null });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "resource_capped" } } });
  });

  it("give a link that does not say where the API is", async () => {
    const { body } = await stack.call("POST", "/connect/sessions", { tags: { a: "b" } });
    const link = new URL(body.data.connect_link);
    expect(link.origin).toBe(stack.nango.connectUrl);
    expect(link.searchParams.get("session_token")).toBe(body.data.token);
    expect(link.searchParams.has("apiURL")).toBe(false);
  });

  it("may look providers up, and nothing that needs a key", async () => {
    const token = await stack.session({ tags: { a: "b" } });
    expect((await stack.call("GET", "/providers/github", undefined, token)).status).toBe(200);
    expect((await stack.call("POST", "/connect/sessions", { tags: {} }, token)).status).toBe(401);
  });
});

describe("nonsense", () => {
  it("is answered 4xx, whatever it is", async () => {
    const token = await stack.session({ tags: { a: "b" } });
    const routes: [string, string][] = [
      ["POST", "/integrations"],
      ["PATCH", "/integrations/acme"],
      ["POST", "/connect/sessions"],
      ["POST", "/connect/sessions/reconnect"],
      ["POST", "/connections"],
      ["POST", "/connections/metadata"],
      ["PATCH", "/connections/x?provider_config_key=acme"],
      ["GET", "/connections?tags=x&limit=no"],
      ["GET", "/connections/%E0%A4%A?provider_config_key=acme"],
      ["DELETE", "/connections/x"],
      ["GET", "/providers/constructor"],
      ["GET", "/integrations/__proto__"],
      ["POST", `/api-auth/api-key/acme?connect_session_token=${token}`],
      ["POST", "/webhook/x/y"],
      ["GET", "/proxy/x"],
      ["PUT", "/nowhere"],
    ];
    for (const [method, path] of routes) {
      for (const body of method === "GET" ? [undefined] : [null, [], "x", 5, { tags: [] }, { credentials: 1 }]) {
        const { status } = await stack.call(method, path, body);
        // An empty patch is the one thing that does no harm.
        const harmless = method === "PATCH" && status === 200;
        if (!harmless) expect(`${method} ${path} ${status}`).toMatch(/ 4\d\d$/);
      }
    }
  });
});

describe("scoped API keys", () => {
  it("read a connection without its credentials, and cannot refresh it", async () => {
    const id = await connect();
    const { key } = await stack.control("POST", "/keys", { scopes: ["connections:read", "connections:list"] });
    const answer = await stack.call("GET", `/connections/${id}?provider_config_key=acme`, undefined, key);
    expect(answer.status).toBe(200);
    expect(answer.body.credentials).toEqual({});
    const forced = await stack.call(
      "GET",
      `/connections/${id}?provider_config_key=acme&force_refresh=true`,
      undefined,
      key,
    );
    expect(forced).toMatchObject({ status: 403, body: { error: { code: "forbidden" } } });
  });

  it("neither refresh nor see what is broken when they read", async () => {
    const token = await stack.session({ tags: { a: "b" }, allowed_integrations: ["github"] });
    const id = await stack.consent("github", token);
    await stack.control("POST", `/connections/${id}/expire`);
    await stack.forget();
    const { key } = await stack.control("POST", "/keys", { scopes: ["environment:connections:read"] });
    expect((await stack.call("GET", `/connections/${id}?provider_config_key=github`, undefined, key)).status).toBe(200);
    expect(stack.provider.requests).toHaveLength(0);
  });

  it.each([
    ["connect_sessions:write", "POST", "/connect/sessions", 201],
    ["proxy", "GET", "/proxy/x", 400],
    ["integrations:*", "GET", "/integrations", 200],
    ["connections:list", "GET", "/connections", 200],
  ] as const)("with %s may do that and nothing else", async (scope, method, path, status) => {
    const { key } = await stack.control("POST", "/keys", { scopes: [scope] });
    const body = method === "POST" ? { tags: { a: "b" } } : undefined;
    expect((await stack.call(method, path, body, key)).status).toBe(status);
    const other = scope === "connections:list" ? "/integrations" : "/connections";
    expect((await stack.call("GET", other, undefined, key)).status).toBe(403);
  });
});

describe("deleting a connection", () => {
  it.each([
    ["hubspot", "api.hubapi.com", /^\/oauth\/v1\/refresh-tokens\/refresh-/],
    ["intercom", "api.intercom.io", /^\/auth\/uninstall$/],
    ["linear", "api.linear.app", /^\/oauth\/revoke$/],
  ] as const)("withdraws access at %s", async (key, host, path) => {
    const id = await stack.consent(key, await stack.session({ tags: { a: "b" }, allowed_integrations: [key] }));
    await stack.forget();
    await stack.sdk.deleteConnection(key, id);
    expect(stack.provider.requests).toHaveLength(1);
    expect(stack.provider.requests[0]?.host).toBe(host);
    expect(stack.provider.requests[0]?.path).toMatch(path);
  });

  it.each(["github", "slack"])("asks nothing of %s", async (key) => {
    const id = await stack.consent(key, await stack.session({ tags: { a: "b" }, allowed_integrations: [key] }));
    await stack.forget();
    await stack.sdk.deleteConnection(key, id);
    expect(stack.provider.requests).toHaveLength(0);
  });

  it("goes through although the provider refuses to withdraw it", async () => {
    const id = await stack.consent(
      "hubspot",
      await stack.session({ tags: { a: "b" }, allowed_integrations: ["hubspot"] }),
    );
    const stop = stack.provider.handle(() => ({ status: 500 }));
    await expect(stack.sdk.deleteConnection("hubspot", id)).resolves.toBeTruthy();
    stop();
  });
});

describe("webhooks of providers, forwarded", () => {
  const post = (environment: string, key: string, body: unknown) =>
    fetch(`${stack.nango.host}/webhook/${environment}/${key}`, { method: "POST", body: JSON.stringify(body) });

  it("come in an envelope when a connection is found for them", async () => {
    const { environmentUuid } = await stack.control("GET", "/state");
    const id = await stack.consent("slack", await stack.session({ tags: { a: "b" }, allowed_integrations: ["slack"] }));
    await stack.control("POST", `/connections/${id}/config`, { "team.id": "T42" });
    await stack.forget();
    await post(environmentUuid, "slack", { team_id: "T42", event: { type: "message" } });
    const [hook] = await stack.webhooks(1);
    expect(hook?.body).toEqual({
      from: "slack",
      type: "forward",
      connectionId: id,
      providerConfigKey: "slack",
      payload: { team_id: "T42", event: { type: "message" } },
    });
  });

  it("let a stranger put any words into a validly signed webhook", async () => {
    await stack.integration("unauthenticated", "open");
    const { environmentUuid } = await stack.control("GET", "/state");
    const forged = { from: "nango", type: "auth", operation: "creation", success: true, connectionId: "x" };
    await post(environmentUuid, "open", forged);
    const [hook] = await stack.webhooks(1);
    expect(hook?.body).toEqual(forged);
    expect(stack.sdk.verifyIncomingWebhookRequest(hook?.raw ?? "", hook?.headers ?? {})).toBe(true);
  });

  it("are refused for an unknown environment or integration", async () => {
    const { environmentUuid } = await stack.control("GET", "/state");
    expect((await post("00000000-0000-4000-8000-000000000000", "slack", {})).status).toBe(404);
    expect((await post(environmentUuid, "nope", {})).status).toBe(404);
    expect(await stack.webhooks(0)).toEqual([]);
  });
});
