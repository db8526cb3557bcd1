import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Stack, startStack } from "./harness";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  for (const key of ["acme", "other"]) await stack.integration("private-api-bearer", key);
});
afterAll(() => stack.close());
beforeEach(async () => {
  await stack.forget();
  await stack.control("POST", "/reset", { integrations: true });
});

const list = async (query = "") =>
  (await stack.call("GET", `/connections${query}`)).body.connections.map(({ connection_id }) => connection_id);
const bulk = (order: Record<string, unknown>) =>
  stack.control("POST", "/connections/bulk", { integrationKey: "acme", connectionId: "c{n}", ...order });

describe("listing connections", () => {
  it("gives the newest first, page after page, the last one short", async () => {
    await bulk({ count: 7 });
    expect(await list("?limit=3")).toEqual(["c6", "c5", "c4"]);
    expect(await list("?limit=3&page=1")).toEqual(["c3", "c2", "c1"]);
    expect(await list("?limit=3&page=2")).toEqual(["c0"]);
    expect(await list("?limit=3&page=3")).toEqual([]);
  });

  it("shifts pages when a connection is made between them, and repeats the last one seen", async () => {
    await bulk({ count: 4 });
    expect(await list("?limit=2")).toEqual(["c3", "c2"]);
    await bulk({ count: 1, startAt: 4 });
    expect(await list("?limit=2&page=1")).toEqual(["c2", "c1"]);
  });

  it("skips one when a connection that was seen goes away between two pages", async () => {
    await bulk({ count: 4 });
    expect(await list("?limit=2")).toEqual(["c3", "c2"]);
    await stack.control("POST", "/connections/c3/vanish");
    expect(await list("?limit=2&page=1")).toEqual(["c0"]);
  });

  it("keeps a connection's place when it is reconnected, changed or imported again", async () => {
    await bulk({ count: 3 });
    const token = await stack.reconnectSession({ connection_id: "c0", integration_id: "acme", tags: { a: "b" } });
    await stack.connect("/api-auth/api-key/acme", token, { apiKey: "new" });
    await stack.sdk.patchConnection({ connectionId: "c1", provider_config_key: "acme" }, { tags: { a: "b" } });
    const credentials = { type: "API_KEY", apiKey: "again" };
    await stack.call("POST", "/connections", { connection_id: "c0", provider_config_key: "acme", credentials });
    expect(await list()).toEqual(["c2", "c1", "c0"]);
    expect((await stack.webhooks(2)).map((hook) => hook.body.operation)).toEqual(["override", "override"]);
  });

  it("filters by connection id, by several integrations and by every tag given, together with pages", async () => {
    await bulk({ count: 6, integrationKey: ["acme", "other"], tags: { org: "o{n%3}", half: "{n/3}" } });
    expect(await list("?connectionId=c4")).toEqual(["c4"]);
    expect(await list("?integrationId=other")).toEqual(["c5", "c3", "c1"]);
    expect(await list("?integrationId=acme,%20other&limit=1&page=1")).toEqual(["c4"]);
    expect(await list("?tags[org]=o1")).toEqual(["c4", "c1"]);
    expect(await list("?tags[org]=o1&tags[half]=1")).toEqual(["c4"]);
    expect(await list("?tags[org]=o1&integrationId=other")).toEqual(["c1"]);
    expect(await list("?tags[org]=O1")).toEqual([]);
    expect(await list("?tags[ORG]=o1")).toEqual(["c4", "c1"]);
    const bySdk = await stack.sdk.listConnections({ integrationId: ["other"], tags: { org: "o2" }, limit: 5 });
    expect(bySdk.connections.map((connection) => connection.connection_id)).toEqual(["c5"]);
  });

  it("searches ids, names and addresses as SQL does, but neither tags nor the person's own id", async () => {
    const person = { id: "user_77", email: "ada@example.com", display_name: "Ada L" };
    const token = await stack.session({ end_user: person, tags: { secret: "hidden" } });
    const { connectionId } = (await stack.connect("/api-auth/api-key/acme", token, { apiKey: "k" })).body;
    await bulk({ count: 1, connectionId: "zx-q" });
    expect(await list("?search=ADA@EX")).toEqual([connectionId]);
    expect(await list("?search=da%20L")).toEqual([connectionId]);
    expect(await list(`?search=${connectionId.slice(3, 9)}`)).toEqual([connectionId]);
    expect(await list("?search=user_77")).toEqual([]);
    expect(await list("?search=hidden")).toEqual([]);
    expect(await list("?search=zx_q")).toEqual(["zx-q"]);
  });

  it.each(["limit=0", "limit=2001", "limit=x", "page=-1", "tags[bad%20key]=x", "search="])(
    "refuses %s",
    async (query) => {
      const answer = await stack.call("GET", `/connections?${query}`);
      expect(answer).toMatchObject({ status: 400, body: { error: { code: "invalid_query_params" } } });
    },
  );
});

describe("many connections", () => {
  it("cost a read, a change and a deletion no more than few do, though all is kept on disk", async () => {
    const stateDir = mkdtempSync(join(tmpdir(), "nango-many-"));
    const kept = await startStack({ stateDir });
    try {
      await kept.integration("private-api-bearer", "acme");
      const make = (count: number, startAt: number) =>
        kept.control("POST", "/connections/bulk", {
          count,
          startAt,
          integrationKey: "acme",
          connectionId: "c{n}",
          tags: { org: "o{n%10}" },
        });
      /** The median time of reading, changing and deleting a connection, in milliseconds. */
      const typical = async (first: number) => {
        const times: number[] = [];
        for (let n = first; n < first + 60; n++) {
          const started = performance.now();
          const path = `/connections/c${n}?provider_config_key=acme`;
          await kept.call("GET", path);
          await kept.call("PATCH", path, { tags: { org: "other" } });
          await kept.call("DELETE", path);
          times.push(performance.now() - started);
        }
        return times.sort((a, b) => a - b)[30] as number;
      };
      await make(200, 0);
      await typical(0);
      const few = await typical(60);
      await make(9_920, 200);
      const many = await typical(120);
      // Writing all of them for one of these takes ten times as long.
      expect(many / few).toBeLessThan(5);

      const seen = new Set<string>();
      for (let page = 0; page < 5; page++) {
        const { connections } = (await kept.call("GET", `/connections?limit=2000&page=${page}`)).body;
        for (const { connection_id } of connections) seen.add(connection_id);
      }
      expect(seen.size).toBe(9_940);
      expect((await kept.call("GET", "/connections?tags[org]=o3&limit=2000")).body.connections).toHaveLength(994);
      expect((await kept.control("GET", "/dump")).connections).toHaveLength(9_940);
    } finally {
      await kept.close();
      rmSync(stateDir, { recursive: true, force: true });
    }
  });

  it("come without webhooks, and with them when asked to", async () => {
    await bulk({ count: 5 });
    expect(await stack.webhooks(0)).toEqual([]);
    await bulk({ count: 2, startAt: 5, webhooks: true, tags: { n: "{n}" } });
    const hooks = await stack.webhooks(2);
    expect(hooks.map((hook) => hook.body.tags)).toEqual([{ n: "5" }, { n: "6" }]);
  });
});
