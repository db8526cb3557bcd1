import { createServer } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POST as webhook } from "@/app/api/webhooks/nango/route";
import { closeSystemDb } from "@/lib/db/system";
import { resetEnv } from "@/lib/env";
import { forgeries, hmac, mutate, seeded } from "@/tests/support/forgeries";
import { journeyOf } from "@/tests/support/journey";
import type { SignedIn } from "@/tests/support/people";
import { APP_URL, type Server, startServer } from "@/tests/support/server";

let server: Server;
let go: ReturnType<typeof journeyOf>;
let ada: SignedIn;

beforeAll(async () => {
  server = await startServer();
  go = journeyOf(server);
  ada = await server.signIn("ada@acme.test", "acme");
});
afterAll(() => server?.close());
beforeEach(async () => {
  server.wire.trouble({ kind: "none" });
  await server.sql`delete from webhook_deliveries`;
});
const settingsBefore = { ...process.env };
afterEach(() => {
  process.env.NANGO_WEBHOOK_SIGNING_KEY = server.nango.webhookSigningKey;
  process.env.NANGO_WEBHOOK_SIGNING_KEY_PREVIOUS = settingsBefore.NANGO_WEBHOOK_SIGNING_KEY_PREVIOUS ?? "";
  resetEnv();
});

const body = (extra: object = {}) =>
  JSON.stringify({
    from: "nango",
    type: "auth",
    operation: "creation",
    success: true,
    authMode: "API_KEY",
    connectionId: "conn-1",
    providerConfigKey: "openai",
    provider: "openai",
    environment: "dev",
    ...extra,
  });

function deliver(bytes: Uint8Array | string, headers: Record<string, string>) {
  return webhook(new Request(`${APP_URL}/api/webhooks/nango`, { method: "POST", body: Buffer.from(bytes), headers }));
}
const signed = (text: string, key = server.nango.webhookSigningKey) =>
  deliver(text, { "content-type": "application/json", "x-nango-hmac-sha256": hmac(key, text) });
const deliveries = () => server.sql`select id, verdict, reason_code, seen_count from webhook_deliveries order by id`;
const verdictOf = async (text: string) => {
  expect((await signed(text)).status).toBe(200);
  await server.runJobs();
  const [row] = await server.sql`select verdict, reason_code from webhook_deliveries where body = ${Buffer.from(text)}`;
  return [row?.verdict, row?.reason_code];
};

describe("a forged delivery", () => {
  it("is refused with 401 and leaves no trace, however it is forged", async () => {
    const forged = forgeries(body(), { signing: server.nango.webhookSigningKey, api: server.nango.apiKey });
    expect(forged.length).toBeGreaterThanOrEqual(40);
    for (const { what, body: bytes, headers } of forged) {
      const answer = await deliver(bytes, headers);
      expect([answer.status, (await answer.json()).error.code], what).toEqual([401, "invalid_signature"]);
    }
    expect(await deliveries()).toHaveLength(0);
  });

  it("is refused in each of 3,000 random mutations of a real one", async () => {
    const random = seeded(20261121);
    const text = body({ tags: { attempt_id: "a", note: "é€😀" } });
    const signature = hmac(server.nango.webhookSigningKey, text);
    for (let round = 0; round < 3_000; round++) {
      const { what, body: bytes, headers } = mutate(Buffer.from(text), signature, random);
      const answer = await deliver(bytes, headers);
      if (answer.status !== 401) expect.fail(`mutation ${round} (${what}) was answered ${answer.status}`);
    }
    expect(await deliveries()).toHaveLength(0);
  });
});

describe("a delivery of Nango's", () => {
  it("is stored with its job before it is answered", async () => {
    const answer = await signed(body());
    expect([answer.status, await answer.json()]).toEqual([200, { received: true, outcome: "stored" }]);
    const jobs =
      await server.sql`select task_identifier from graphile_worker.jobs where task_identifier = 'apply_delivery'`;
    expect(jobs.length).toBeGreaterThan(0);
    await server.runJobs();
    expect(await deliveries()).toMatchObject([{ verdict: "parked", reason_code: "not_at_nango" }]);
  });

  it("counts once, fifty times at once and ten times later, and is always answered 200", async () => {
    const text = body({ connectionId: "conn-50" });
    const answers = await Promise.all(Array.from({ length: 50 }, () => signed(text)));
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
    await server.runJobs();
    for (let round = 0; round < 10; round++) expect((await (await signed(text)).json()).outcome).toBe("duplicate");
    expect(await deliveries()).toHaveLength(1);
    const jobs = await server.sql`select 1 from graphile_worker.jobs where task_identifier = 'apply_delivery'`;
    expect(jobs).toHaveLength(0);
  });

  it("takes different deliveries at once without mixing them up", async () => {
    const texts = Array.from({ length: 120 }, (_, index) => body({ connectionId: `many-${index}` }));
    const answers = await Promise.all(texts.map((text) => signed(text)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const stored = await server.sql`select nango_connection_id as id, body from webhook_deliveries`;
    expect(stored).toHaveLength(120);
    for (const row of stored) expect(JSON.parse(row.body.toString()).connectionId).toBe(row.id);
  });

  it("may be signed with the previous key while both are set, and not a moment longer", async () => {
    process.env.NANGO_WEBHOOK_SIGNING_KEY = "the-new-key";
    process.env.NANGO_WEBHOOK_SIGNING_KEY_PREVIOUS = server.nango.webhookSigningKey;
    resetEnv();
    expect((await signed(body({ connectionId: "old-key" }))).status).toBe(200);
    expect((await signed(body({ connectionId: "new-key" }), "the-new-key")).status).toBe(200);
    process.env.NANGO_WEBHOOK_SIGNING_KEY_PREVIOUS = "";
    resetEnv();
    expect((await signed(body({ connectionId: "too-late" }))).status).toBe(401);
  });

  it("is refused with 503 while no signing key is set, even when it is signed with the API key", async () => {
    process.env.NANGO_WEBHOOK_SIGNING_KEY = "";
    resetEnv();
    for (const key of [server.nango.apiKey, "", "undefined"]) {
      const answer = await signed(body(), key || "x");
      expect([answer.status, (await answer.json()).error.code]).toEqual([503, "webhooks_not_configured"]);
    }
    expect(await deliveries()).toHaveLength(0);
  });

  it("may hold up to 1 MiB, and a byte more is refused without being read to its end", async () => {
    const empty = body({ pad: "" }).length;
    expect((await signed(body({ pad: "x".repeat(1024 * 1024 - empty) }))).status).toBe(200);
    expect((await signed(body({ pad: "x".repeat(1024 * 1024 - empty + 1) }))).status).toBe(413);
    let pulled = 0;
    const endless = new ReadableStream({
      pull: (controller) => {
        pulled += 64 * 1024;
        controller.enqueue(new Uint8Array(64 * 1024));
      },
    });
    const request = new Request(`${APP_URL}/api/webhooks/nango`, {
      method: "POST",
      body: endless,
      duplex: "half",
    } as RequestInit);
    expect((await webhook(request)).status).toBe(413);
    expect(pulled).toBeLessThan(2 * 1024 * 1024);
  });

  it("asks Nango to come back, with 503, while the database is down, and is taken when it is up", async () => {
    const url = process.env.DATABASE_URL;
    const port = await new Promise<number>((resolve) => {
      const probe = createServer().listen(0, "127.0.0.1", () => {
        const address = probe.address();
        probe.close(() => resolve(typeof address === "object" && address ? address.port : 1));
      });
    });
    await closeSystemDb();
    process.env.DATABASE_URL = `postgres://nobody:nothing@127.0.0.1:${port}/postgres`;
    resetEnv();
    const text = body({ connectionId: "during-outage" });
    const answers = await Promise.all(Array.from({ length: 5 }, () => signed(text)));
    for (const answer of answers) {
      expect([answer.status, (await answer.json()).error.code]).toEqual([503, "database_unavailable"]);
    }
    await closeSystemDb();
    process.env.DATABASE_URL = url;
    resetEnv();
    expect((await signed(text)).status).toBe(200);
    expect(await deliveries()).toHaveLength(1);
  });

  it("asks Nango to come back while the database hangs, and is a duplicate then if it was stored after all", async () => {
    const text = body({ connectionId: "while-it-hangs" });
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let hangs = () => {};
    const locked = new Promise<void>((resolve) => {
      hangs = resolve;
    });
    const hanging = server.sql.begin(async (sql) => {
      await sql`lock table webhook_deliveries in access exclusive mode`;
      hangs();
      await released;
    });
    await locked;
    const answer = await signed(text);
    release();
    await hanging;
    expect([answer.status, (await answer.json()).error.code]).toEqual([503, "database_unavailable"]);
    expect((await signed(text)).status).toBe(200);
    expect(await deliveries()).toHaveLength(1);
  });
});

describe("what a delivery says", () => {
  it("is not believed: a signed body of a stranger changes nothing that Nango does not confirm", async () => {
    const { connection, nangoId } = await go.connect(ada);
    const before =
      await server.sql`select status, owner_id, suspect_since from connections where id = ${connection.id}`;
    for (const lie of [
      { operation: "refresh", success: false, connectionId: nangoId, error: { type: "x", description: "y" } },
      { operation: "deletion", connectionId: nangoId },
      { operation: "override", connectionId: nangoId, tags: { organization_id: "org_evil" } },
      { operation: "creation", connectionId: nangoId, tags: { organization_id: "org_evil", end_user_id: "user_evil" } },
    ]) {
      await verdictOf(body(lie));
    }
    expect(
      await server.sql`select status, owner_id, suspect_since from connections where id = ${connection.id}`,
    ).toEqual(before);
  });

  it("makes no connection of one without our tags: it is quarantined, not adopted", async () => {
    const minted = await fetch(`${server.nango.host}/connect/sessions`, {
      method: "POST",
      headers: { authorization: `Bearer ${server.nango.apiKey}`, "content-type": "application/json" },
      body: JSON.stringify({ tags: { end_user_id: ada.userId }, allowed_integrations: ["openai"] }),
    });
    const { data } = (await minted.json()) as { data: { token: string } };
    const connectionId = await server.complete({ sessionToken: data.token }, "openai", { apiKey: "sk-good" });
    expect(await verdictOf(body({ connectionId, tags: { organization_id: ada.orgId, attempt_id: "x" } }))).toEqual([
      "quarantined",
      "missing_tags",
    ]);
    expect(await server.sql`select 1 from connections where nango_connection_id = ${connectionId}`).toHaveLength(0);
  });

  it("about a denied reconnect leaves the working connection alone", async () => {
    const { connection, nangoId } = await go.connect(ada);
    expect(
      await verdictOf(body({ connectionId: nangoId, success: false, error: { type: "auth", description: "denied" } })),
    ).toEqual(["ignored", "attempt_failed"]);
    expect((await go.list(ada)).find(({ id }) => id === connection.id)?.status).toBe("connected");
  });

  it("may be anything: it is kept with a reason, and never blocks the next", async () => {
    const odd: [string, string, string][] = [
      ["42", "parked", "not_nangos_format"],
      ["not json at all", "parked", "not_nangos_format"],
      ['{"object":"event","data":{}}', "parked", "not_nangos_format"],
      [body({ type: "something_new" }), "parked", "unknown_type"],
      [body({ connectionId: null }), "parked", "names_no_connection"],
      [body({ connectionId: "../../integrations" }), "parked", "names_no_connection"],
      [body({ connectionId: "a\u0000b" }), "parked", "names_no_connection"],
      [body({ type: "forward", payload: {} }), "ignored", "not_about_connections"],
      [body({ type: "sync", syncName: "x", connectionId: "never-seen" }), "parked", "not_at_nango"],
      [body({ type: "sync", syncName: "x", success: false }), "ignored", "sync_failed"],
      [body({ type: "async_action", payload: {} }), "ignored", "not_about_connections"],
      [body({ providerConfigKey: "no-such-integration", connectionId: "x" }), "parked", "not_at_nango"],
    ];
    for (const [text, verdict, reason] of odd)
      expect(await verdictOf(text), text.slice(0, 80)).toEqual([verdict, reason]);
  });

  it("waits while Nango cannot be asked, and is looked into when it can", async () => {
    const { nangoId } = await go.connect(ada);
    server.wire.trouble({ kind: "answer", status: 500, body: "{}" });
    expect(await verdictOf(body({ connectionId: nangoId, operation: "refresh", success: false }))).toEqual([
      null,
      null,
    ]);
    server.wire.trouble({ kind: "none" });
    await server.sql`update graphile_worker._private_jobs set run_at = now()`;
    await server.runJobs();
    expect((await deliveries())[0]).toMatchObject({ verdict: "applied" });
  });

  it("that a connection is gone makes it a tombstone once Nango says so too, and nothing brings it back", async () => {
    const { connection, nangoId, sessionToken } = await go.connect(ada);
    const captured = body({ connectionId: nangoId });
    await fetch(`${server.nango.host}/connections/${nangoId}?provider_config_key=openai`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${server.nango.apiKey}` },
    });
    expect(await verdictOf(body({ connectionId: nangoId, operation: "deletion" }))).toEqual([
      "applied",
      "gone_upstream",
    ]);
    expect(await verdictOf(captured)).toEqual(["ignored", "tombstone"]);
    const [row] = await server.sql`select status, reason_code from connections where id = ${connection.id}`;
    expect(row).toMatchObject({ status: "disconnected", reason_code: "gone_upstream" });
    expect(sessionToken).toMatch(/^nango_connect_session_/);
  });
});
