import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { pause, type Stack, startStack } from "./harness";

const COOLDOWN = 300;
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ timing: { refreshCooldown: COOLDOWN } });
  await stack.oauthIntegration("google-mail");
  await stack.oauthIntegration("notion");
  await stack.integration("openai");
});
afterAll(() => stack.close());
beforeEach(() => stack.forget());

async function connected(key = "google-mail"): Promise<string> {
  const id = await stack.consent(
    key,
    await stack.session({ tags: { end_user_id: "u1" }, allowed_integrations: [key] }),
  );
  await stack.forget();
  return id;
}
const read = (id: string, more = "", key = "google-mail") =>
  stack.call("GET", `/connections/${id}?provider_config_key=${key}${more}`);
const exchanges = () => stack.provider.requests.filter((request) => request.path.includes("token"));

describe("refreshing tokens", () => {
  it("leaves a fresh token alone", async () => {
    const id = await connected();
    await read(id);
    expect(exchanges()).toHaveLength(0);
  });

  it("renews a token that is about to end on the next read, and keeps the rotated refresh token", async () => {
    const id = await connected();
    const before = (await read(id, "&refresh_token=true")).body.credentials;
    await stack.control("POST", `/connections/${id}/expire`);
    const after = (await read(id, "&refresh_token=true")).body.credentials;
    expect(after.access_token).not.toBe(before.access_token);
    expect(after.refresh_token).not.toBe(before.refresh_token);
    expect(exchanges()).toHaveLength(1);
    expect(await stack.webhooks(0)).toEqual([]);
  });

  it("renews at once when forced", async () => {
    const id = await connected();
    const before = (await read(id)).body.credentials.access_token;
    expect((await read(id, "&force_refresh=true")).body.credentials.access_token).not.toBe(before);
  });

  it("makes one refresh out of many reads at the same time", async () => {
    const id = await connected();
    await stack.control("POST", `/connections/${id}/expire`);
    const answers = await Promise.all(Array.from({ length: 20 }, () => read(id)));
    expect(new Set(answers.map((answer) => answer.body.credentials.access_token)).size).toBe(1);
    expect(exchanges()).toHaveLength(1);
  });

  it("shows the refresh token only to those who ask for it by name", async () => {
    const id = await connected();
    const { credentials } = (await read(id)).body;
    expect(credentials).not.toHaveProperty("refresh_token");
    expect(credentials.raw).not.toHaveProperty("refresh_token");
    expect((await read(id, "&refresh_token=true")).body.credentials.refresh_token).toMatch(/^refresh-/);
  });

  it("never notices that a token without an end is dead", async () => {
    stack.provider.setLifetime(undefined);
    const id = await connected("notion");
    await stack.control("POST", `/connections/${id}/kill`);
    const answer = await read(id, "", "notion");
    expect(answer.status).toBe(200);
    expect(answer.body.errors).toEqual([]);
  });

  it("never tests an API key on a read, and finds a dead one in its nightly sweep", async () => {
    const token = await stack.session({ tags: { end_user_id: "u1" }, allowed_integrations: ["openai"] });
    const id = (await stack.connect("/api-auth/api-key/openai", token, { apiKey: "good" })).body.connectionId;
    await stack.forget();
    const stop = stack.provider.handle(({ path }) => (path === "/v1/models" ? { status: 401 } : undefined));
    expect((await read(id, "", "openai")).body.errors).toEqual([]);
    await stack.control("POST", "/sweep");
    expect((await stack.webhooks(1))[0]?.body).toMatchObject({
      operation: "refresh",
      success: false,
      connectionId: id,
    });
    stop();
    await stack.control("POST", "/sweep");
    expect((await read(id, "", "openai")).body.errors).toEqual([]);
  });
});

describe("a refresh that fails", () => {
  it("is answered 400, sets the broken flag, and is told with tags and without a person", async () => {
    const id = await connected();
    await stack.control("POST", "/faults", { on: "refresh", effect: "fail", integration: "google-mail" });
    const answer = await read(id, "&force_refresh=true");
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "invalid_credentials" } } });
    const [hook] = await stack.webhooks(1);
    expect(hook?.body).toMatchObject({
      operation: "refresh",
      success: false,
      connectionId: id,
      tags: { end_user_id: "u1" },
      error: { type: "refresh_token_external_error" },
    });
    expect(hook?.body).not.toHaveProperty("endUser");
    const listed = (await stack.call("GET", `/connections?connectionId=${id}`)).body.connections[0];
    expect(listed?.errors).toEqual([{ type: "auth", log_id: expect.any(String) }]);
  });

  it("makes unforced reads and proxy calls 424 for a while, without asking the provider again", async () => {
    const id = await connected();
    await stack.control("POST", `/connections/${id}/expire`);
    stack.provider.revokeAll();
    expect((await read(id)).status).toBe(400);
    const asked = exchanges().length;
    expect((await read(id)).status).toBe(424);
    const proxied = await stack.call("GET", "/proxy/gmail/v1/users/me/profile", undefined, undefined, {
      "provider-config-key": "google-mail",
      "connection-id": id,
    });
    expect(proxied).toMatchObject({ status: 424, body: { error: { code: "connection_refresh_backoff" } } });
    expect(exchanges()).toHaveLength(asked);
    await pause(COOLDOWN);
    expect((await read(id)).status).toBe(400);
  });

  it("is told again for every attempt", async () => {
    const id = await connected();
    await stack.control("POST", "/faults", { on: "refresh", effect: "fail" });
    for (let i = 0; i < 3; i++) await read(id, "&force_refresh=true");
    const hooks = await stack.webhooks(3);
    expect(hooks).toHaveLength(3);
    expect(new Set(hooks.map((hook) => hook.raw)).size).toBe(1);
  });

  it("is forgotten after a success, and no webhook says so", async () => {
    const id = await connected();
    await stack.control("POST", "/faults", { on: "refresh", effect: "fail", times: 1 });
    await read(id, "&force_refresh=true");
    await stack.forget();
    const answer = await read(id, "&force_refresh=true");
    expect(answer.body.errors).toEqual([]);
    expect(await stack.webhooks(0)).toEqual([]);
  });

  it("is mended by a reconnect", async () => {
    const id = await connected();
    await stack.control("POST", `/connections/${id}/break`);
    const token = await stack.reconnectSession({ connection_id: id, integration_id: "google-mail" });
    await stack.consent("google-mail", token);
    expect((await read(id)).body.errors).toEqual([]);
  });
});
