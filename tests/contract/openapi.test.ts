import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as apiKeys from "@/lib/api/operations/api-keys";
import * as connectLinks from "@/lib/api/operations/connect-links";
import * as connections from "@/lib/api/operations/connections";
import * as departures from "@/lib/api/operations/departures";
import * as notices from "@/lib/api/operations/notices";
import * as quarantine from "@/lib/api/operations/quarantine";
import { patchbay } from "@/lib/client/patchbay";
import type { ErrorCode } from "@/lib/error-codes";
import { reconcile } from "@/lib/webhooks/reconcile";
import { type ApiWorld, openApiWorld, type Sent } from "./api-world";

/**
 * Every call about what people manage is made, every error of its own is provoked, and each answer is held against the
 * description. Those about what programs do are in openapi-programs.test.ts.
 */

let world: ApiWorld;
let key: string;

beforeAll(async () => {
  world = await openApiWorld();
  key = await world.key(["connectors:read", "connections:read", "connections:write", "actions:run:*"]);
});
afterAll(() => world?.close());
beforeEach(async () => {
  world.server.wire.trouble({ kind: "none" });
  await world.server.sql`delete from connector_policies`;
});

const made = async (as = world.ada, extra: object = {}) => (await world.go.connect(as, "openai", extra)).connection.id;
const at = (id: string, extra: Sent = {}): Sent => ({ params: { id }, body: {}, ...extra });
const block = (owner: string) => world.server.sql`
  insert into connector_policies (owner_id, subject_kind, subject, effect, created_by)
  values (${owner}, 'connector', 'openai', 'block', 'user_test')`;
const inState = async (connector: string, status: string, work: () => Promise<unknown>) => {
  await world.server.sql`update connectors set status = ${status} where slug = ${connector}`;
  await work().finally(() => world.server.sql`update connectors set status = 'stable' where slug = ${connector}`);
};

describe("connections", () => {
  it("are listed in pages, read, named and made the default, by a key", async () => {
    const ids = [await made(), await made(), await made()];
    const first = await world.done("listConnections", { key, query: { limit: "2", connector: "openai" } });
    const second = await world.done("listConnections", { key, query: { limit: "2", cursor: first.next_cursor } });
    expect([...first.connections, ...second.connections].map(({ id }: { id: string }) => id)).toEqual(ids.reverse());
    expect(first.total_count).toBe(3);
    const [id = ""] = ids;
    expect((await world.done("getConnection", { key, params: { id } })).connection.id).toBe(id);
    const body = { label: "Work", is_default: true };
    const { connection } = await world.done("updateConnection", at(id, { key, body }));
    expect(connection).toMatchObject(body);
    const { events } = await world.done("listConnectionEvents", { key, params: { id }, query: { limit: "2" } });
    expect(events.map(({ type }: { type: string }) => type).sort()).toEqual(["default_set", "labelled"]);
    await world.refused("listConnections", "invalid_request", { key, query: { cursor: "nonsense" } });
  });

  it("are checked, disconnected and brought back", async () => {
    const id = await made();
    await world.done("checkConnection", at(id, { key }));
    const gone = await world.done("disconnectConnection", at(id, { key }));
    expect(gone.connection).toMatchObject({ status: "disconnected", receipt: { nango: "waiting" } });
    await world.refused("checkConnection", "connection_disconnected", at(id, { key }));
    await world.refused("updateConnection", "connection_disconnected", at(id, { key, body: { is_default: true } }));
    expect((await world.done("undoDisconnect", at(id, { key }))).connection.status).toBe("connected");
    await world.done("disconnectConnection", at(id, { key }));
    await world.server.sql`update connections set remote_delete_started_at = now() where id = ${id}`;
    await world.refused("undoDisconnect", "undo_expired", at(id, { key }));
  });

  it("are not another member's to manage", async () => {
    const id = await made(world.grace);
    const adas = await made();
    const as = world.grace;
    for (const call of [
      "disconnectConnection",
      "undoDisconnect",
      "checkConnection",
      "becomeContact",
      "reconnectConnection",
    ])
      await world.refused(call, "forbidden", at(adas, { as }));
    await world.refused("updateConnection", "forbidden", at(adas, { as, body: { label: "Mine" } }));
    await world.refused("keepAccount", "forbidden", at(adas, { as, body: { account: "Mine" } }));
    await world.refused("changeVisibility", "forbidden", at(id, { as: world.ada, body: { visibility: "only_me" } }));
  });

  it("are opened, closed, taken over, and signed in to again", async () => {
    const as = world.ada;
    const id = await made();
    for (const visibility of ["only_me", "everyone"])
      expect((await world.done("changeVisibility", at(id, { as, body: { visibility } }))).connection).toMatchObject({
        visibility,
      });
    await world.done("becomeContact", at(id, { as }));
    expect((await world.done("reconnectConnection", at(id, { as }))).oauth_method).toBe("nango");
    expect((await world.done("reconnectConnection", at(id, { key }))).oauth_method).toBe("nango");
    await block(as.ownerId);
    await world.refused("reconnectConnection", "connector_blocked", at(id, { as }));
    await world.server.sql`delete from connector_policies`;
    await inState("openai", "unavailable", () =>
      world.refused("reconnectConnection", "connector_unavailable", at(id, { as })),
    );
    for (const [status, code] of [
      [500, "nango_unreachable"],
      [429, "nango_rate_limited"],
      [403, "nango_rejected"],
      [200, "nango_invalid_answer"],
    ] as const) {
      world.server.wire.trouble({ kind: "answer", status, body: "{}" });
      await world.refused("reconnectConnection", code, at(id, { as }));
    }
    world.server.wire.trouble({ kind: "none" });
    await world.done("disconnectConnection", at(id, { as }));
    await world.refused("reconnectConnection", "connection_disconnected", at(id, { as }));
    await world.refused("becomeContact", "connection_disconnected", at(id, { as }));
    const body = { visibility: "only_me" };
    await world.refused("changeVisibility", "connection_disconnected", at(id, { as, body }));
  });

  it("keep another account once somebody says so", async () => {
    const id = await made();
    const body = { account: "Other workspace" };
    await world.refused("keepAccount", "connection_not_ready", at(id, { key, body }));
    await world.server.runJobs();
    await world.server.sql`update connections set status = 'needs_attention', reason_code = 'account_mismatch',
      found_account_id = 'acc-2', found_account_name = ${body.account}, looking_since = null where id = ${id}`;
    expect((await world.done("keepAccount", at(id, { key, body }))).connection.account_name).toBe(body.account);
  });
});

describe("connect links", () => {
  it("are made, listed and revoked", async () => {
    const as = world.ada;
    const body = { connector: "openai", email: "mary@nowhere.test" };
    const { link, url } = await world.done("makeConnectLink", { as, body });
    expect(url).toMatch(/\/connect\/[\w-]+$/);
    expect((await world.done("listConnectLinks", { as, query: { limit: "1" } })).links[0].id).toBe(link.id);
    expect((await world.done("revokeConnectLink", at(link.id, { as }))).link.status).toBe("revoked");
    const used = await world.links.ask(as, "mary@nowhere.test");
    await world.links.follow(world.mary, used.token);
    await world.refused("revokeConnectLink", "link_finished", at(used.link.id, { as }));
  });

  it("are not made for what cannot be connected, nor by members for others, nor without end", async () => {
    const as = world.ada;
    const body = { connector: "openai", email: "mary@nowhere.test" };
    await world.refused("makeConnectLink", "forbidden", { as: world.grace, body });
    await world.refused("makeConnectLink", "unknown_connector", { as, body: { ...body, connector: "no-such" } });
    await inState("openai", "unavailable", () =>
      world.refused("makeConnectLink", "connector_unavailable", { as, body }),
    );
    await block(as.ownerId);
    await world.refused("makeConnectLink", "connector_blocked", { as, body });
    await world.server.sql`delete from connector_policies`;
    for (let n = 0; n < 50; n++) if ((await world.send("makeConnectLink", { as, body })).status !== 201) break;
    await world.refused("makeConnectLink", "too_many_links", { as, body });
  });
});

describe("what waits for a decision", () => {
  /** What a session that was used again leaves behind. */
  async function held(as = world.ada): Promise<string> {
    const session = await world.go.start(as, "openai");
    await world.server.complete(session, "openai", { apiKey: "sk-good" });
    const first = await world.server.complete(session, "openai", { apiKey: "sk-good" });
    await world.go.confirm(as, session.attemptId, first);
    await reconcile();
    const { items } = await world.done("listQuarantine", { as: world.ada, query: { limit: "1" } });
    return items[0].id;
  }

  it("is adopted or deleted by whoever decides", async () => {
    const as = world.ada;
    const id = await held();
    await world.refused("adoptQuarantined", "forbidden", at(id, { as: world.grace }));
    await world.refused("deleteQuarantined", "forbidden", at(id, { as: world.grace }));
    for (const [status, code] of [
      [500, "nango_unreachable"],
      [429, "nango_rate_limited"],
      [403, "nango_rejected"],
      [200, "nango_invalid_answer"],
    ] as const) {
      world.server.wire.trouble({ kind: "answer", status, body: "{}" });
      await world.refused("adoptQuarantined", code, at(id, { as }));
    }
    world.server.wire.trouble({ kind: "none" });
    expect((await world.done("adoptQuarantined", at(id, { as }))).connection.status).toBe("connected");
    expect(await world.done("deleteQuarantined", at(await held(), { as }))).toEqual({ deleted: true });
  });
});

describe("what people are told", () => {
  it("is read, and marked as seen", async () => {
    const as = world.ada;
    await world.server.sql`update connections set status = 'needs_attention' where false`;
    const { notices } = await world.done("listNotices", { as });
    const seen = await world.done("seeNotices", { as, body: { until_id: notices[0]?.id ?? "1" } });
    expect(seen.unseen_count).toBe(0);
  });

  it("about people who left is for administrators", async () => {
    expect((await world.done("listDepartures", { as: world.ada })).departures).toEqual([]);
    await world.refused("listDepartures", "forbidden", { as: world.grace });
  });
});

describe("keys", () => {
  it("are made, listed and revoked", async () => {
    const as = world.grace;
    const body = { name: "Script", scopes: ["connections:read"], expires_in_days: null };
    const { api_key: mine, key: secret } = await world.done("makeApiKey", { as, body });
    await world.done("listConnections", { key: secret });
    expect((await world.done("listApiKeys", { as, query: { limit: "1" } })).api_keys[0].id).toBe(mine.id);
    expect((await world.done("revokeApiKey", at(mine.id, { as }))).api_key.status).toBe("revoked");
    await world.refused("listConnections", "unauthenticated", { key: secret });
    await world.refused("makeApiKey", "unknown_connector", { as, body: { ...body, scopes: ["actions:run:no-such"] } });
    for (let n = 0; n < 50; n++) if ((await world.send("makeApiKey", { as, body })).status !== 201) break;
    await world.refused("makeApiKey", "too_many_keys", { as, body });
  });
});

describe("the typed client", () => {
  it("reads, changes, and gets errors as values", async () => {
    const id = await made();
    const api = patchbay({ baseUrl: world.http.url, apiKey: key });
    const { data } = await api.GET("/api/v1/connections", { params: { query: { connector: "openai", limit: 1 } } });
    expect(data?.connections[0]?.id).toBe(id);
    const path = { id };
    const named = await api.PATCH("/api/v1/connections/{id}", { params: { path }, body: { label: "Typed" } });
    expect(named.data?.connection.label).toBe("Typed");
    const missing = await api.GET("/api/v1/connections/{id}", { params: { path: { id: randomUUID() } } });
    expect([missing.data, missing.error?.error.code]).toEqual([undefined, "not_found"]);
    const wrong = patchbay({ baseUrl: world.http.url, apiKey: "pby_wrong" });
    expect((await wrong.GET("/api/v1/connections")).error?.error.code).toBe("unauthenticated");
  });
});

/** Provoked where the fault is arranged, and not over HTTP: the test that does it. */
const elsewhere: Partial<Record<ErrorCode, string>> = {
  nango_timeout: "tests/integration/server-nango-trouble.test.ts",
  nango_disabled: "tests/integration/direct-start.test.ts",
  direct_not_configured: "tests/integration/direct-start.test.ts",
  direct_unreachable: "tests/integration/direct-refresh.test.ts",
  connector_not_configured: "tests/integration/server-connect.test.ts",
  connection_gone: "tests/integration/server-reconnect.test.ts",
  connection_mismatch: "tests/integration/quarantine-api.test.ts",
};

// Last: it looks back on what the others did.
it("every call was made, and every error of its own was met", () => {
  const groups = [connections, connectLinks, quarantine, departures, notices, apiKeys];
  expect(world.missing(groups, elsewhere)).toEqual([]);
});
