import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { pause, type Stack, startStack } from "./harness";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  for (const key of ["acme", "other"]) await stack.integration("private-api-bearer", key);
});
afterAll(() => stack.close());
beforeEach(() => stack.forget());

async function connect(tags: Record<string, string> = { end_user_id: "u1" }, key = "acme"): Promise<string> {
  const token = await stack.session({ tags, allowed_integrations: [key] });
  return (await stack.connect(`/api-auth/api-key/${key}`, token, { apiKey: "k" })).body.connectionId;
}

describe("faults ordered for API calls", () => {
  it("answer with a status, only where they are scoped to, only as often as told", async () => {
    await stack.control("POST", "/faults", {
      on: "api",
      effect: "status",
      status: 429,
      method: "POST",
      path: "/connect/sessions",
      integration: "acme",
      times: 1,
    });
    const mint = (key: string) =>
      stack.call("POST", "/connect/sessions", { tags: { a: "b" }, allowed_integrations: [key] });
    expect((await mint("other")).status).toBe(201);
    const struck = await mint("acme");
    expect(struck).toMatchObject({ status: 429, body: { error: { code: "too_many_request" } } });
    expect(struck.headers.get("retry-after")).toBe("1");
    expect((await mint("acme")).status).toBe(201);
  });

  it("are scoped by a tag of the session that is being minted", async () => {
    await stack.control("POST", "/faults", {
      on: "api",
      effect: "status",
      status: 500,
      tag: { key: "org", value: "a" },
    });
    expect((await stack.call("POST", "/connect/sessions", { tags: { org: "a" } })).status).toBe(500);
    expect((await stack.call("POST", "/connect/sessions", { tags: { org: "b" } })).status).toBe(201);
  });

  it("answer garbage, slowly, or hang up", async () => {
    await stack.control("POST", "/faults", { on: "api", effect: "garbage", path: "/connections", times: 1 });
    expect((await stack.call("GET", "/connections")).text).toContain("<html>");
    await stack.control("POST", "/faults", { on: "api", effect: "slow", ms: 150, path: "/connections", times: 1 });
    const started = performance.now();
    expect((await stack.call("GET", "/connections")).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(140);
    await stack.control("POST", "/faults", { on: "api", effect: "hangup", path: "/connections", times: 1 });
    await expect(stack.call("GET", "/connections")).rejects.toThrow();
  });
});

describe("faults of one call that an app makes", () => {
  const at = (id: string) => `/connections/${id}?provider_config_key=acme`;
  /** Every call, by its name, and the status of its answer when nothing is wrong. */
  const calls: Record<string, (id: string, token: string) => ReturnType<Stack["call"]>> = {
    list: () => stack.call("GET", "/connections"),
    get: (id) => stack.call("GET", at(id)),
    patch: (id) => stack.call("PATCH", at(id), { tags: { a: "b" } }),
    import: () =>
      stack.call("POST", "/connections", {
        provider_config_key: "acme",
        credentials: { type: "API_KEY", apiKey: "k" },
      }),
    metadata: (id) =>
      stack.call("POST", "/connections/metadata", {
        connection_id: id,
        provider_config_key: "acme",
        metadata: { a: 1 },
      }),
    session: () => stack.call("POST", "/connect/sessions", { tags: { a: "b" } }),
    reconnect: (id) => stack.call("POST", "/connect/sessions/reconnect", { connection_id: id, integration_id: "acme" }),
    session_delete: (_id, token) => stack.call("DELETE", "/connect/session", undefined, token),
    integrations: () => stack.call("GET", "/integrations"),
    proxy: (id) =>
      stack.call("GET", "/proxy/x", undefined, undefined, { "provider-config-key": "acme", "connection-id": id }),
    delete: (id) => stack.call("DELETE", at(id)),
  };

  it.each(Object.keys(calls))("strike %s, and none of the others", async (name) => {
    const id = await connect();
    const token = await stack.session({ tags: { a: "b" } });
    await stack.control("POST", "/faults", { on: "api", effect: "status", status: 503, call: name });
    const answers: [string, number][] = [];
    for (const [each, make] of Object.entries(calls)) answers.push([each, (await make(id, token)).status]);
    expect(answers.filter(([, status]) => status === 503)).toEqual([[name, 503]]);
  });

  it("are scoped by the integration or by a tag of the connection that is named anywhere in the call", async () => {
    const id = await connect({ owner: "a" });
    const other = await connect({ owner: "b" }, "other");
    const read = (key: string, connection: string) =>
      stack.call("GET", `/connections/${connection}?provider_config_key=${key}`);
    const statuses = async () => [
      (await read("acme", id)).status,
      (await read("other", other)).status,
      (await calls.reconnect?.(id, ""))?.status,
      (await stack.call("GET", "/connections?integrationId=acme,x")).status,
    ];
    await stack.control("POST", "/faults", { on: "api", effect: "status", status: 500, integration: "acme" });
    expect(await statuses()).toEqual([500, 200, 500, 500]);
    await stack.control("DELETE", "/faults");
    await stack.control("POST", "/faults", {
      on: "api",
      effect: "status",
      status: 500,
      tag: { key: "owner", value: "b" },
    });
    expect(await statuses()).toEqual([200, 500, 201, 200]);
  });

  it("lose only the answer when they strike after", async () => {
    const id = await connect();
    const lost = { on: "api", call: "delete", when: "after", times: 1 };
    await stack.control("POST", "/faults", { ...lost, effect: "hangup" });
    await expect(stack.call("DELETE", at(id))).rejects.toThrow();
    expect((await stack.call("DELETE", at(id))).body.error.code).toBe("unknown_connection");
    const second = await connect();
    await stack.control("POST", "/faults", { ...lost, effect: "status", status: 502 });
    expect((await stack.call("DELETE", at(second))).status).toBe(502);
    expect((await stack.call("GET", at(second))).status).toBe(404);
  });

  it("say how long a 429 asks to wait", async () => {
    const order = { on: "api", effect: "status", status: 429, retryAfter: 7, call: "list" };
    await stack.control("POST", "/faults", order);
    const answer = await stack.call("GET", "/connections");
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, "7"]);
  });
});

describe("faults that strike by chance", () => {
  /** Which of so many connections' webhooks were lost. */
  async function lost(order: Record<string, unknown>, names: string[]): Promise<string[]> {
    await stack.forget();
    await stack.control("POST", "/faults", { on: "webhook", effect: "drop", ...order });
    for (const name of names) await connect({ name });
    await stack.control("POST", "/webhooks/settle");
    const arrived = new Set(stack.receiver.hooks.map((hook) => (hook.body.tags as { name: string }).name));
    return names.filter((name) => !arrived.has(name));
  }
  const names = Array.from({ length: 40 }, (_, n) => `n${n}`);

  it("strike the same events for the same seed, and others for another", async () => {
    const first = await lost({ probability: 0.3, seed: 7 }, names);
    expect(first.length).toBeGreaterThan(3);
    expect(first.length).toBeLessThan(25);
    expect(await lost({ probability: 0.3, seed: 7 }, names)).toEqual(first);
    expect(await lost({ probability: 0.3, seed: 8 }, names)).not.toEqual(first);
  });

  it("strike the same connections in whatever order they come, when they draw by a tag", async () => {
    const order = { probability: 0.3, seed: 7, drawBy: "name" };
    const forth = await lost(order, names);
    expect(forth.length).toBeGreaterThan(3);
    expect((await lost(order, [...names].reverse())).sort()).toEqual([...forth].sort());
  });

  it("never strike at 0, always at 1, and leave to the next what they let pass", async () => {
    expect(await lost({ probability: 0 }, names.slice(0, 5))).toEqual([]);
    expect(await lost({ probability: 1 }, names.slice(0, 5))).toEqual(names.slice(0, 5));
    await stack.forget();
    await stack.control("POST", "/faults", { on: "webhook", effect: "drop", probability: 0 });
    await stack.control("POST", "/faults", { on: "webhook", effect: "duplicate", copies: 3 });
    await connect();
    expect(await stack.webhooks(3)).toHaveLength(3);
    const { faults } = await stack.control("GET", "/faults");
    expect(faults).toMatchObject([
      { struck: 0, spared: 1 },
      { struck: 1, spared: 0 },
    ]);
  });

  it("draw delays between two lengths", async () => {
    await stack.control("POST", "/faults", { on: "webhook", effect: "delay", ms: 0, maxMs: 300, seed: 3 });
    const sent = Date.now();
    await Promise.all(names.slice(0, 10).map((name) => connect({ name })));
    await stack.webhooks(10);
    await pause(50);
    const waits = stack.receiver.hooks.map((hook) => hook.at - sent);
    expect(waits).toHaveLength(10);
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(80);
  });
});
