import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Stack, startStack } from "./harness";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  await stack.integration("private-api-bearer", "acme");
  await stack.oauthIntegration("github", "github", "repo");
  await stack.oauthIntegration("shopify", "shopify", "read");
  await stack.integration("openai");
});
afterAll(() => stack.close());
beforeEach(() => stack.forget());

const read = async (id: string, key: string) =>
  (await stack.call("GET", `/connections/${id}?provider_config_key=${key}`)).body;

/** A connection with tags, metadata and an address of its own for webhooks. */
async function connected(key: "acme" | "github"): Promise<string> {
  const token = await stack.session({ tags: { end_user_id: "u1", attempt_id: "a1" }, allowed_integrations: [key] });
  const id =
    key === "github"
      ? await stack.consent(key, token)
      : (await stack.connect(`/api-auth/api-key/${key}`, token, { apiKey: "first" })).body.connectionId;
  await stack.sdk.setMetadata(key, id, { kept: true });
  await stack.call("PATCH", `/connections/${id}?provider_config_key=${key}`, {
    webhook_url_override: `${stack.receiver.url}?own=1`,
  });
  await stack.webhooks(1);
  await stack.forget();
  return id;
}

describe("a finished reconnect", () => {
  it("replaces credential and tags, keeps id and creation, mends, and is told as an override", async () => {
    const id = await connected("acme");
    await stack.control("POST", `/connections/${id}/break`);
    await stack.webhooks(1);
    await stack.forget();
    const before = (await stack.control("GET", "/connections")).connections.find((each) => each.connectionId === id);
    const token = await stack.reconnectSession({ connection_id: id, integration_id: "acme", tags: { New: "Yes" } });
    expect((await stack.connect("/api-auth/api-key/acme", token, { apiKey: "second" })).body.connectionId).toBe(id);
    const [hook] = await stack.webhooks(1);
    expect(hook?.body).toMatchObject({ operation: "override", success: true, connectionId: id, tags: { new: "Yes" } });
    expect(hook?.body).not.toHaveProperty("endUser");
    expect(await read(id, "acme")).toMatchObject({
      tags: { new: "Yes" },
      errors: [],
      credentials: { apiKey: "second" },
      created_at: (before as unknown as { createdAt: string }).createdAt,
    });
  });

  it("wipes the tags when its session brings none", async () => {
    const id = await connected("acme");
    const token = await stack.reconnectSession({ connection_id: id, integration_id: "acme" });
    await stack.connect("/api-auth/api-key/acme", token, { apiKey: "second" });
    expect((await stack.webhooks(1))[0]?.body.tags).toEqual({});
    expect((await read(id, "acme")).tags).toEqual({});
  });

  it("forgets the connection's own webhook address, and metadata where a key was typed in", async () => {
    for (const [key, metadata] of [
      ["acme", {}],
      ["github", { kept: true }],
    ] as const) {
      const id = await connected(key);
      const token = await stack.reconnectSession({ connection_id: id, integration_id: key, tags: { a: "b" } });
      if (key === "github") await stack.consent(key, token);
      else await stack.connect(`/api-auth/api-key/${key}`, token, { apiKey: "second" });
      const renewed = await read(id, key);
      expect(renewed).toMatchObject({ webhook_url_override: null });
      expect(renewed.metadata).toEqual(metadata);
    }
  });

  it("replaces the settings, so what was typed in before must be given again", async () => {
    const first = await stack.session({ tags: { a: "b" }, allowed_integrations: ["shopify"] });
    const id = await stack.consent("shopify", first, { subdomain: "one" });
    await stack.control("POST", `/connections/${id}/config`, { found: "by a script of Nango's" });
    const again = { connection_id: id, integration_id: "shopify", tags: { a: "b" } };
    const bare = await stack.reconnectSession(again);
    expect((await stack.openConsent("shopify", bare)).url).toBeNull();
    const typed = await stack.reconnectSession(again);
    await stack.consent("shopify", typed, { subdomain: "two" });
    const replaced = (await read(id, "shopify")).connection_config;
    expect(replaced).toMatchObject({ subdomain: "two" });
    expect(replaced).not.toHaveProperty("found");
    const prescribed = await stack.reconnectSession({
      ...again,
      integrations_config_defaults: { shopify: { connection_config: { subdomain: "three" } } },
    });
    await stack.consent("shopify", prescribed);
    expect((await read(id, "shopify")).connection_config).toMatchObject({ subdomain: "three" });
  });

  it("can be repeated with the same session, until that is deleted", async () => {
    const id = await connected("acme");
    const token = await stack.reconnectSession({ connection_id: id, integration_id: "acme", tags: { a: "b" } });
    const again = (apiKey: string) => stack.connect("/api-auth/api-key/acme", token, { apiKey });
    expect([(await again("2")).status, (await again("3")).status]).toEqual([200, 200]);
    await stack.call("DELETE", "/connect/session", undefined, token);
    expect((await again("4")).status).toBe(401);
    expect((await read(id, "acme")).credentials.apiKey).toBe("3");
  });

  it("may only use the connection's own integration, and fails once the connection is gone", async () => {
    const id = await connected("acme");
    const token = await stack.reconnectSession({ connection_id: id, integration_id: "acme", tags: { a: "b" } });
    const elsewhere = await stack.connect("/api-auth/api-key/openai", token, { apiKey: "k" });
    expect(elsewhere.body.error.code).toBe("integration_not_allowed");
    await stack.control("POST", `/connections/${id}/vanish`);
    const late = await stack.connect("/api-auth/api-key/acme", token, { apiKey: "k" });
    expect(late).toMatchObject({ status: 400, body: { error: { code: "invalid_connection" } } });
    expect(await stack.webhooks(0)).toEqual([]);
  });
});

describe("a reconnect that does not succeed", () => {
  /** Everything that the stand-in holds of a connection. */
  const held = async (id: string) =>
    (await stack.control("GET", "/connections")).connections.find((each) => each.connectionId === id);

  it("changes nothing when it is denied, and is told as a failed creation that names the living connection", async () => {
    const id = await connected("github");
    const before = await held(id);
    const token = await stack.reconnectSession({ connection_id: id, integration_id: "github", tags: { a: "b" } });
    await fetch((await stack.openConsent("github", token)).deny);
    const [hook] = await stack.webhooks(1);
    expect(hook?.body).toMatchObject({ operation: "creation", success: false, connectionId: id });
    expect(hook?.body).not.toHaveProperty("tags");
    expect(hook?.body).not.toHaveProperty("endUser");
    expect(await held(id)).toEqual(before);
  });

  it("changes nothing when the provider refuses the code", async () => {
    const id = await connected("github");
    const before = await held(id);
    const token = await stack.reconnectSession({ connection_id: id, integration_id: "github", tags: { a: "b" } });
    const stop = stack.provider.handle(({ path }) =>
      path.includes("access_token") ? { status: 400, body: { error: "invalid_grant" } } : undefined,
    );
    await fetch((await stack.openConsent("github", token)).allow);
    stop();
    expect((await stack.webhooks(1))[0]?.body).toMatchObject({ operation: "creation", success: false });
    expect(await held(id)).toEqual(before);
  });

  it("changes nothing and is told to nobody when a key is refused", async () => {
    const first = await stack.session({ tags: { a: "1" }, allowed_integrations: ["openai"] });
    const id = (await stack.connect("/api-auth/api-key/openai", first, { apiKey: "good" })).body.connectionId;
    await stack.webhooks(1);
    await stack.forget();
    const before = await held(id);
    const token = await stack.reconnectSession({ connection_id: id, integration_id: "openai", tags: { a: "2" } });
    const stop = stack.provider.handle(({ path }) => (path === "/v1/models" ? { status: 401 } : undefined));
    const answer = await stack.connect("/api-auth/api-key/openai", token, { apiKey: "wrong" });
    stop();
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "connection_test_failed" } } });
    expect(await stack.webhooks(0)).toEqual([]);
    expect(await held(id)).toEqual(before);
  });

  it("changes nothing when it is abandoned, before or on the consent page, or runs out of time", async () => {
    const id = await connected("github");
    const before = await held(id);
    await stack.reconnectSession({ connection_id: id, integration_id: "github", tags: { a: "b" } });
    const token = await stack.reconnectSession({ connection_id: id, integration_id: "github", tags: { a: "b" } });
    const { allow } = await stack.openConsent("github", token);
    await stack.control("POST", "/sessions/expire");
    await fetch(allow);
    expect(await held(id)).toEqual(before);
    expect((await stack.webhooks(1)).map((hook) => hook.body.operation)).toEqual(["creation"]);
  });

  it("breaks the connection where the customer's own check refused the new credential", async () => {
    const id = await connected("github");
    await stack.control("POST", `/connections/${id}/reject`);
    expect((await stack.webhooks(1))[0]?.body).toMatchObject({
      operation: "override",
      success: false,
      connectionId: id,
      tags: { end_user_id: "u1" },
      error: { type: "connection_validation_failed" },
    });
    expect((await stack.call("GET", `/connections/${id}?provider_config_key=github`)).status).toBe(424);
  });
});
