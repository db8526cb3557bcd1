import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { REAL_TIMING } from "@/emulators/nango/standin";
import { pause, type Stack, startStack } from "./harness";

const FIRST_WAIT = 80;
const SECOND_WAIT = 160;
let stack: Stack;

async function open(failures = 1000) {
  stack = await startStack({
    timing: {
      webhookRetries: [FIRST_WAIT, SECOND_WAIT],
      webhookTimeout: 300,
      breaker: { failures, window: 10_000, open: 400 },
    },
  });
  await stack.integration("private-api-bearer", "acme");
  await stack.integration("private-api-bearer", "other");
}

async function connect(tags: Record<string, string> = { end_user_id: "u1" }, key = "acme") {
  const token = await stack.session({ tags, allowed_integrations: [key] });
  return (await stack.connect(`/api-auth/api-key/${key}`, token, { apiKey: "k" })).body.connectionId;
}

describe("signing and delivery", () => {
  beforeAll(() => open());
  afterAll(() => stack.close());
  beforeEach(() => stack.forget());

  it("signs in a way that the SDK accepts, over the body alone", async () => {
    await connect();
    const [hook] = await stack.webhooks(1);
    const { raw = "", headers = {} } = hook ?? {};
    expect(stack.sdk.verifyIncomingWebhookRequest(raw, headers)).toBe(true);
    expect(stack.sdk.verifyIncomingWebhookRequest(`${raw} `, headers)).toBe(false);
    expect(headers["x-nango-signature"]).toBe(
      createHash("sha256")
        .update(stack.nango.webhookSigningKey + raw)
        .digest("hex"),
    );
    // Neither an id nor a time is part of it: a captured delivery verifies for ever.
    expect(Object.keys(headers).filter((name) => /id|time|date/.test(name))).toEqual([]);
  });

  it("writes keys in order, so that equal contents are equal bytes", async () => {
    await connect({ z: "1", a: "2" });
    const [hook] = await stack.webhooks(1);
    const keys = Object.keys(hook?.body ?? {});
    expect(keys).toEqual([...keys].sort());
    expect(Object.keys(hook?.body.tags ?? {})).toEqual(["a", "z"]);
  });

  it("tries three times when the app answers 503, with the same bytes, and then gives up", async () => {
    stack.receiver.answerWith(503);
    await connect();
    const hooks = await stack.webhooks(3, SECOND_WAIT * 2);
    expect(hooks).toHaveLength(3);
    expect(new Set(hooks.map((hook) => hook.raw)).size).toBe(1);
    const [first = 0, second = 0, third = 0] = hooks.map((hook) => hook.at);
    expect(second - first).toBeGreaterThanOrEqual(FIRST_WAIT - 10);
    expect(third - second).toBeGreaterThanOrEqual(SECOND_WAIT - 10);
    expect((await stack.control("GET", "/webhooks")).deliveries[0]?.outcome).toBe("failed");
  });

  it.each([301, 302, 400, 401, 404, 410, 429])("never tries again after %i", async (status) => {
    stack.receiver.answerWith(status, 200);
    await connect();
    expect(await stack.webhooks(1, FIRST_WAIT + SECOND_WAIT)).toHaveLength(1);
    expect((await stack.control("GET", "/webhooks")).deliveries[0]?.outcome).toBe("refused");
  });

  it("tries again when the connection breaks off, and stops once it is taken", async () => {
    stack.receiver.answerWith(0, 200);
    await connect();
    expect(await stack.webhooks(2, SECOND_WAIT)).toHaveLength(2);
  });

  it("gives up on an app that does not answer in time, and tries again", async () => {
    stack.receiver.answerWith(-1, 200);
    await connect();
    expect(await stack.webhooks(2, 100)).toHaveLength(2);
    const [delivery] = (await stack.control("GET", "/webhooks")).deliveries;
    expect(delivery).toMatchObject({ outcome: "delivered", attempts: [{ error: "TimeoutError" }, { status: 200 }] });
  });

  it("tells nobody of a deletion", async () => {
    const id = await connect();
    await stack.webhooks(1);
    await stack.call("DELETE", `/connections/${id}?provider_config_key=acme`);
    expect(await stack.webhooks(1, 100)).toHaveLength(1);
  });

  it("sends overrides even when auth webhooks are switched off", async () => {
    await stack.control("PATCH", "/settings", { authWebhooks: false });
    const id = await connect();
    const token = await stack.reconnectSession({ connection_id: id, integration_id: "acme", tags: { a: "b" } });
    await stack.connect("/api-auth/api-key/acme", token, { apiKey: "k2" });
    const hooks = await stack.webhooks(1);
    await stack.control("PATCH", "/settings", { authWebhooks: true });
    expect(hooks.map((hook) => hook.body.operation)).toEqual(["override"]);
  });

  it("goes to the session's own address when it names one", async () => {
    const token = await stack.session({
      tags: { a: "b" },
      allowed_integrations: ["acme"],
      webhook_url_override: `${stack.receiver.url}?own=1`,
    });
    await stack.connect("/api-auth/api-key/acme", token, { apiKey: "k" });
    await stack.webhooks(1);
    expect((await stack.control("GET", "/webhooks")).deliveries).toHaveLength(1);
  });

  it("signs with the new key right after a rotation, with no overlap", async () => {
    const rotated = await stack.call("POST", "/environment/webhook-signing-key/rotate");
    expect(rotated.body.data.webhook_signing_key).not.toBe(stack.nango.webhookSigningKey);
    await connect();
    const [hook] = await stack.webhooks(1);
    expect(stack.sdk.verifyIncomingWebhookRequest(hook?.raw ?? "", hook?.headers ?? {})).toBe(false);
  });
});

describe("the breaker", () => {
  beforeAll(() => open(5));
  afterAll(() => stack.close());
  beforeEach(() => stack.forget());

  it("opens after five failures, drops what comes, and lets one through later", async () => {
    stack.receiver.answerWith(400);
    for (let i = 0; i < 5; i++) await connect();
    await stack.webhooks(5);
    await connect();
    expect(await stack.webhooks(5, 100)).toHaveLength(5);
    const outcomes = (await stack.control("GET", "/webhooks")).deliveries.map((delivery) => delivery.outcome);
    expect(outcomes.at(-1)).toBe("breaker_open");
    stack.receiver.answerWith(200);
    await pause(450);
    await connect();
    expect(await stack.webhooks(6)).toHaveLength(6);
    await connect();
    // Closed again; the dropped one never comes.
    expect(await stack.webhooks(7, 100)).toHaveLength(7);
  });
});

describe("times that the control API sets", () => {
  beforeAll(async () => {
    stack = await startStack({ timing: REAL_TIMING });
    await stack.integration("private-api-bearer", "acme");
  });
  afterAll(() => stack.close());
  beforeEach(() => stack.forget());
  const set = (timing: Record<string, unknown>) => stack.control("PATCH", "/settings", { timing });

  it("are the real server's to begin with, and change without touching those that are not named", async () => {
    const { timing } = (await stack.control("GET", "/settings")) as unknown as { timing: typeof REAL_TIMING };
    expect(timing).toMatchObject({
      webhookRetries: [3_000, 6_000],
      webhookTimeout: 20_000,
      breaker: { failures: 5, window: 10_000, open: 60_000 },
      refreshCooldown: 30_000,
      sessionTtl: 30 * 60_000,
    });
    const changed = (await set({ breaker: { open: 5 } })) as unknown as { timing: typeof REAL_TIMING };
    expect(changed.timing.breaker).toEqual({ failures: 5, window: 10_000, open: 5 });
    expect(changed.timing.webhookRetries).toEqual([3_000, 6_000]);
    // What one stand-in is told must not reach another one.
    expect(REAL_TIMING.breaker.open).toBe(60_000);
  });

  it("hold for the next delivery: three tries and the breaker, in no time", async () => {
    await set({ webhookRetries: [10, 10], webhookTimeout: 100, breaker: { failures: 1_000, open: 200 } });
    stack.receiver.answerWith(503);
    await connect();
    expect(await stack.webhooks(3, 60)).toHaveLength(3);
    await set({ breaker: { failures: 1 } });
    await connect();
    await stack.webhooks(4, 60);
    const { outcomes } = await stack.control("GET", "/webhooks");
    expect(outcomes).toEqual({ failed: 1, breaker_open: 1 });
    expect(stack.receiver.hooks).toHaveLength(4);
    await pause(250);
    stack.receiver.answerWith(200);
    await connect();
    expect(await stack.webhooks(5)).toHaveLength(5);
  });
});

describe("faults ordered for webhooks", () => {
  beforeAll(() => open());
  afterAll(() => stack.close());
  beforeEach(() => stack.forget());
  afterEach(() => stack.control("DELETE", "/faults"));

  it("drops only those of the integration or the tag it is scoped to", async () => {
    await stack.control("POST", "/faults", { on: "webhook", effect: "drop", integration: "other" });
    await stack.control("POST", "/faults", { on: "webhook", effect: "drop", tag: { key: "lost", value: "yes" } });
    await connect({ a: "1" }, "other");
    await connect({ lost: "yes" });
    const kept = await connect({ lost: "no" });
    expect((await stack.webhooks(1)).map((hook) => hook.body.connectionId)).toEqual([kept]);
  });

  it("duplicates, as often as it was told to", async () => {
    await stack.control("POST", "/faults", { on: "webhook", effect: "duplicate", times: 1 });
    await connect();
    await connect();
    const hooks = await stack.webhooks(3);
    expect(hooks).toHaveLength(3);
    expect(new Set(hooks.map((hook) => hook.raw)).size).toBe(2);
  });

  it("lets the next one overtake", async () => {
    await stack.control("POST", "/faults", { on: "webhook", effect: "reorder", times: 1 });
    const first = await connect();
    const second = await connect();
    expect((await stack.webhooks(2)).map((hook) => hook.body.connectionId)).toEqual([second, first]);
  });

  it("delays", async () => {
    await stack.control("POST", "/faults", { on: "webhook", effect: "delay", ms: 200, times: 1 });
    const started = Date.now();
    await connect();
    const [hook] = await stack.webhooks(1);
    expect((hook?.at ?? 0) - started).toBeGreaterThanOrEqual(190);
  });

  it("corrupts so that the signature no longer fits", async () => {
    await stack.control("POST", "/faults", { on: "webhook", effect: "corrupt", times: 1 });
    await connect();
    const [hook] = await stack.webhooks(1);
    expect(stack.sdk.verifyIncomingWebhookRequest(hook?.raw ?? "", hook?.headers ?? {})).toBe(false);
  });
});
