import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GET as listRoute } from "@/app/api/v1/trigger-events/route";
import { POST as webhook } from "@/app/api/webhooks/nango/route";
import { keysOf } from "@/tests/support/api-keys";
import { type By, by } from "@/tests/support/authorizing";
import { hmac } from "@/tests/support/forgeries";
import { journeyOf } from "@/tests/support/journey";
import type { SignedIn } from "@/tests/support/people";
import { type Server, startServer } from "@/tests/support/server";

type Connected = { id: string; nangoId: string };
let server: Server;
let go: ReturnType<typeof journeyOf>;
let ada: SignedIn;
let grace: SignedIn;
let katherine: SignedIn;
let shared: Connected;

beforeAll(async () => {
  server = await startServer();
  go = journeyOf(server);
  ada = await server.signIn("ada@acme.test", "acme");
  grace = await server.signIn("grace@acme.test", "acme");
  katherine = await server.signIn("katherine@globex.test", "globex");
  shared = await connected(ada);
});
afterAll(() => server?.close());

async function connected(as: SignedIn, extra: object = {}): Promise<Connected> {
  const { connection, nangoId } = await go.connect(as, "openai", extra);
  return { id: connection.id, nangoId };
}

/** What Nango sends when a provider pushed something about a connection. */
async function push(about: Pick<Connected, "nangoId">, payload: unknown, more: object = {}): Promise<void> {
  const body = JSON.stringify({
    from: "openai",
    type: "forward",
    providerConfigKey: "openai",
    connectionId: about.nangoId,
    payload,
    ...more,
  });
  const headers = {
    "content-type": "application/json",
    "x-nango-hmac-sha256": hmac(server.nango.webhookSigningKey, body),
  };
  const answer = await server.call(webhook, "/api/webhooks/nango", { body, headers });
  expect(answer.status, answer.text).toBe(200);
}

type Listed = { events: { id: string; connection_id: string; received_at: string; payload: unknown }[] };
const list = (who: By, query: Record<string, string> = {}) =>
  server.call(listRoute, `/api/v1/trigger-events?${new URLSearchParams(query)}`, by(who));
async function events(who: By, query: Record<string, string> = {}) {
  const answer = await list(who, query);
  expect(answer.status, answer.text).toBe(200);
  return answer.json as Listed & { next_cursor: string | null };
}
const withoutId = (text: string) => text.replace(/"request_id":"[^"]*"/, "");

describe("what a provider pushed", () => {
  it("is told to everybody who may use the account, in its own words and without Nango's envelope", async () => {
    const payload = { event: "thing.happened", list: [1, null, { deep: true }], text: "déjà vu" };
    await push(shared, payload);
    for (const who of [ada, grace, (await keysOf(server).made(grace, ["connections:read"])).key]) {
      const { events: told } = await events(who, { connection_id: shared.id });
      expect(told[0]).toEqual({
        id: expect.stringMatching(/^\d+$/),
        connection_id: shared.id,
        connector: "openai",
        received_at: expect.any(String),
        size: expect.any(Number),
        payload,
        truncated: false,
      });
      expect(JSON.stringify(told)).not.toContain(shared.nangoId);
    }
    expect((await events(ada)).events.map(({ payload }) => payload)).toContainEqual(payload);
  });

  it("is told to nobody else; their asking is answered as for an account that never was", async () => {
    await push(shared, { secret: "of acme" });
    const own = await connected(grace, { visibility: "only_me" });
    await push(own, { secret: "of grace" });
    const unknown = await list(katherine, { connection_id: randomUUID() });
    expect(unknown.status).toBe(404);
    const graces = (await keysOf(server).made(grace, ["connections:read"])).key;
    for (const [who, about] of [
      [katherine, shared],
      [katherine, own],
      [ada, own],
      [graces, own],
    ] as const) {
      const answer = await list(who, { connection_id: about.id });
      expect([answer.status, withoutId(answer.text)]).toEqual([404, withoutId(unknown.text)]);
    }
    expect((await events(katherine)).events).toEqual([]);
    expect((await list(ada)).text).not.toContain("of grace");
    expect((await list(graces)).text).not.toContain("of grace");
    expect((await list(grace)).text).toContain("of grace");
  });

  it("comes a page at a time, the newest first, each once", async () => {
    const about = await connected(ada);
    for (let n = 0; n < 7; n++) await push(about, { n });
    const seen: unknown[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof events>> = await events(ada, {
        connection_id: about.id,
        limit: "3",
        ...(cursor && { cursor }),
      });
      expect(page.events.length).toBeLessThanOrEqual(3);
      seen.push(...page.events.map(({ payload }) => payload));
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0].map((n) => ({ n })));
  });

  it("can be asked for from a moment on", async () => {
    const about = await connected(ada);
    await push(about, { n: 1 });
    await server.sql`update webhook_deliveries set received_at = now() - interval '1 hour'
      where nango_connection_id = ${about.nangoId}`;
    await push(about, { n: 2 });
    const of = async (since: string) =>
      (await events(ada, { connection_id: about.id, since })).events.map(({ payload }) => payload);
    const [newest] = (await events(ada, { connection_id: about.id })).events;
    expect(await of(String(newest?.received_at))).toEqual([{ n: 2 }]);
    expect(await of(new Date(Date.now() - 7_200_000).toISOString())).toEqual([{ n: 2 }, { n: 1 }]);
    expect(await of("9999-12-31T23:59:59Z")).toEqual([]);
    for (const since of [
      "yesterday",
      "2026-02-30T00:00:00Z",
      "9999-12-31T23:59:59-23:59",
      "0000-01-01T00:00:00Z",
      "\u0000",
    ])
      expect((await list(ada, { since })).json.error?.code, since).toBe("invalid_request");
  });

  it("is left out when it is large, and says so; and is nothing where it is no JSON of Nango's", async () => {
    const about = await connected(ada);
    await push(about, { text: "x".repeat(70_000) });
    await push(about, undefined);
    const [nothing, large] = (await events(ada, { connection_id: about.id })).events;
    expect(large).toMatchObject({ payload: null, truncated: true });
    expect(nothing).toMatchObject({ payload: null, truncated: false });
  });

  it("says nothing about what Nango says itself, about other accounts, or after the account was disconnected", async () => {
    const about = await connected(ada);
    await push(about, { before: true });
    await push(about, { other: "type" }, { type: "async_action" });
    await push(about, { other: "integration" }, { providerConfigKey: "sendgrid" });
    await push({ nangoId: "" }, { about: "nobody" }, { connectionId: undefined });
    await go.disconnect(ada, about.id);
    await push(about, { after: true });
    const told = (await events(ada, { connection_id: about.id })).events.map(({ payload }) => payload);
    expect(told).toEqual([{ before: true }]);
  });

  it("takes no cursor and no filter that is not its own", async () => {
    const wrong: [name: string, value: string][] = [
      ["cursor", "x"],
      ["cursor", "-1"],
      ["cursor", "1e3"],
      ["limit", "101"],
      ["limit", "0"],
      ["x", "1"],
    ];
    for (const [name, value] of wrong) {
      expect((await list(ada, { [name]: value })).json.error?.code, `${name}=${value}`).toBe("invalid_request");
    }
    expect((await list(ada, { connection_id: "x" })).json.error.code).toBe("invalid_request");
  });
});
