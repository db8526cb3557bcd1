import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startNango } from "@/emulators/nango/start";
import { type Stack, startStack } from "./harness";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  for (const key of ["acme", "other"]) await stack.integration("private-api-bearer", key);
});
afterAll(() => stack.close());
beforeEach(() => stack.forget());

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
  it("outlives a restart, in one file that only its owner reads", async () => {
    await withFolder(async (stateDir) => {
      const first = await startNango({ stateDir });
      await importConnections(first, 2);
      await first.close();
      expect(readdirSync(stateDir)).toEqual(["nango.json"]);
      expect(statSync(join(stateDir, "nango.json")).mode & 0o777).toBe(0o600);

      const second = await startNango({ stateDir });
      expect([second.apiKey, second.webhookSigningKey]).toEqual([first.apiKey, first.webhookSigningKey]);
      expect(await ids(second)).toEqual(["c2", "c1"]);
      await second.close();
    });
  });

  it("holds every call that was answered before a kill, among thousands of connections", async () => {
    await withFolder(async (stateDir) => {
      const cli = ["--import", "tsx", "emulators/nango/cli.ts", "--state-dir", stateDir];
      const child = spawn(process.execPath, cli);
      const [line] = await once(child.stdout, "data");
      const first = JSON.parse(String(line));
      await importConnections(first, 3);
      const post = (path: string, body?: unknown) =>
        fetch(first.control + path, { method: "POST", body: JSON.stringify(body ?? {}) });
      await post("/connections/bulk", { count: 3_000, integrationKey: "acme", connectionId: "b{n}" });
      await post("/connections/c2/vanish");
      await post("/connections/c3/tags", { tags: { kept: "yes" } });
      child.kill("SIGKILL");
      await once(child, "exit");

      const second = await startNango({ stateDir });
      const found = await ids(second);
      const { connections } = await (await fetch(`${second.control}/dump`)).json();
      await second.close();
      expect(found).toHaveLength(3_002);
      expect(found.slice(-2)).toEqual(["c3", "c1"]);
      expect(connections[1].tags).toEqual({ kept: "yes" });
    });
  });

  it("is not written for a read", async () => {
    await withFolder(async (stateDir) => {
      const nango = await startNango({ stateDir });
      await importConnections(nango, 1);
      const written = () => readdirSync(stateDir).map((file) => [file, statSync(join(stateDir, file)).mtimeMs]);
      const before = written();
      const headers = { authorization: `Bearer ${nango.apiKey}` };
      expect((await fetch(`${nango.host}/connections/c1?provider_config_key=acme`, { headers })).status).toBe(200);
      expect(await ids(nango)).toEqual(["c1"]);
      expect(written()).toEqual(before);
      await nango.close();
    });
  });

  it("names itself a stand-in in the signing key", () => {
    expect(stack.nango.webhookSigningKey).toContain("standin");
  });
});

async function withFolder(run: (stateDir: string) => Promise<void>): Promise<void> {
  const stateDir = mkdtempSync(join(tmpdir(), "nango-state-"));
  try {
    await run(stateDir);
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

type Running = { host: string; apiKey: string };

/** Makes connections c1, c2 and so on. */
async function importConnections({ host, apiKey }: Running, count: number): Promise<void> {
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
  const post = (path: string, body: unknown) =>
    fetch(host + path, { method: "POST", headers, body: JSON.stringify(body) });
  await post("/integrations", { provider: "private-api-bearer", unique_key: "acme" });
  for (let n = 1; n <= count; n++) {
    const credentials = { type: "API_KEY", apiKey: `k${n}` };
    await post("/connections", { connection_id: `c${n}`, provider_config_key: "acme", credentials });
  }
}

async function ids({ host, apiKey }: Running): Promise<string[]> {
  const answer = await fetch(`${host}/connections`, { headers: { authorization: `Bearer ${apiKey}` } });
  const { connections } = (await answer.json()) as { connections: { connection_id: string }[] };
  return connections.map((connection) => connection.connection_id);
}
