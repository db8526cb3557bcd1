import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startNango } from "@/emulators/nango/start";
import { pause, type Stack, startStack } from "./harness";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  for (const key of ["acme", "other"]) await stack.integration("private-api-bearer", key);
});
afterAll(() => stack.close());
beforeEach(() => stack.forget());

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

describe("the rate limit", () => {
  it("answers 429 with Retry-After once the minute's calls are used up", async () => {
    await stack.control("PATCH", "/settings", { rateLimit: 0 });
    const answer = await stack.call("GET", "/integrations");
    await stack.control("PATCH", "/settings", { rateLimit: null });
    expect(answer).toMatchObject({ status: 429, body: { error: { code: "too_many_request" } } });
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

describe("what the control API shows", () => {
  it("counts the calls that reached the API", async () => {
    await stack.control("DELETE", "/calls");
    await stack.session({ tags: { a: "b" } });
    await stack.call("GET", "/integrations");
    const { count, calls } = await stack.control("GET", "/calls?method=POST&path=/connect/sessions");
    expect(count).toBe(2);
    expect(calls).toMatchObject([{ method: "POST", path: "/connect/sessions", status: 201, auth: "api_key" }]);
  });

  it("is shown to no page in a browser", async () => {
    const answer = await fetch(`${stack.nango.control}/state`, { headers: { origin: "https://elsewhere.test" } });
    expect(answer.status).toBe(403);
  });

  it("lists connections by itself, and loses one silently", async () => {
    const token = await stack.session({ tags: { a: "b" }, allowed_integrations: ["acme"] });
    const { connectionId } = (await stack.connect("/api-auth/api-key/acme", token, { apiKey: "k" })).body;
    await stack.webhooks(1);
    const ids = async () => (await stack.control("GET", "/connections")).connections.map((entry) => entry.connectionId);
    expect(await ids()).toContain(connectionId);
    await stack.control("POST", `/connections/${connectionId}/vanish`);
    expect(await ids()).not.toContain(connectionId);
    expect(await stack.webhooks(1)).toHaveLength(1);
  });

  it("sends any body signed, and the same bytes once more", async () => {
    await stack.control("POST", "/webhooks/send", { body: { from: "nango", type: "auth", operation: "deletion" } });
    await stack.webhooks(1);
    const [delivery] = (await stack.control("GET", "/webhooks")).deliveries;
    await stack.control("POST", `/webhooks/${delivery?.number}/resend`);
    const hooks = await stack.webhooks(2);
    expect(hooks.map((hook) => hook.raw)).toEqual([hooks[0]?.raw, hooks[0]?.raw]);
    expect(stack.sdk.verifyIncomingWebhookRequest(hooks[1]?.raw ?? "", hooks[1]?.headers ?? {})).toBe(true);
  });
});

describe("state on disk", () => {
  it("outlives a restart, and a kill right after a call", async () => {
    const stateDir = mkdtempSync(join(tmpdir(), "nango-state-"));
    try {
      const first = await startNango({ stateDir });
      const headers = { authorization: `Bearer ${first.apiKey}`, "content-type": "application/json" };
      const post = (path: string, body: unknown) =>
        fetch(first.host + path, { method: "POST", headers, body: JSON.stringify(body) }).then((r) => r.json());
      await post("/integrations", { provider: "private-api-bearer", unique_key: "acme" });
      await post("/connections", { provider_config_key: "acme", credentials: { type: "API_KEY", apiKey: "k" } });
      // What a kill would leave, a moment after the call.
      await pause(150);
      const left = JSON.parse(readFileSync(join(stateDir, "nango.json"), "utf8"));
      expect(left.connections).toHaveLength(1);
      expect(statSync(join(stateDir, "nango.json")).mode & 0o777).toBe(0o600);
      await post("/connections", { provider_config_key: "acme", credentials: { type: "API_KEY", apiKey: "k2" } });
      await first.close();
      expect(readdirSync(stateDir)).toEqual(["nango.json"]);

      const second = await startNango({ stateDir });
      expect([second.apiKey, second.webhookSigningKey]).toEqual([first.apiKey, first.webhookSigningKey]);
      const listed = await fetch(`${second.host}/connections`, { headers }).then((r) => r.json());
      expect((listed as { connections: unknown[] }).connections).toHaveLength(2);
      await second.close();
    } finally {
      rmSync(stateDir, { recursive: true, force: true });
    }
  });

  it("names itself a stand-in in the signing key", () => {
    expect(stack.nango.webhookSigningKey).toContain("standin");
  });
});
