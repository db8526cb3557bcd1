import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { pause, type Stack, startStack } from "./harness";

/** What the control API does behind the app's back, and what the API then shows of it. */

const DAY_MS = 24 * 3_600_000;
let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  await stack.integration("private-api-bearer", "acme");
  await stack.oauthIntegration("google-mail");
  await stack.oauthIntegration("linear");
  await stack.oauthIntegration("facebook");
  await stack.integration("openai");
});
afterAll(() => stack.close());
beforeEach(async () => {
  await stack.forget();
  await stack.control("PATCH", "/settings", {
    deletionWebhooks: false,
    recoveryWebhooks: false,
    timing: { refreshCooldown: 30_000 },
  });
});

async function connected(key = "google-mail"): Promise<string> {
  const token = await stack.session({ tags: { end_user_id: "u1" }, allowed_integrations: [key] });
  const typed = key === "acme" || key === "openai";
  const id = typed
    ? (await stack.connect(`/api-auth/api-key/${key}`, token, { apiKey: "k" })).body.connectionId
    : await stack.consent(key, token);
  await stack.forget();
  return id;
}
const deed = (id: string, name: string, body: unknown = {}) =>
  stack.control("POST", `/connections/${id}/${name}`, body);
const read = (id: string, more = "", key = "google-mail", apiKey = stack.nango.apiKey) =>
  stack.call("GET", `/connections/${id}?provider_config_key=${key}${more}`, undefined, apiKey);
const dumped = async (id: string) =>
  (await stack.control("GET", "/dump")).connections.find((each) => each.connection_id === id);

describe("a broken connection", () => {
  it("is refused until the cool-down is over, whose length can be set, and a forced refresh passes it", async () => {
    const id = await connected();
    await deed(id, "break");
    expect((await read(id)).status).toBe(424);
    await stack.control("PATCH", "/settings", { timing: { refreshCooldown: 0 } });
    const later = await read(id);
    expect(later.status).toBe(200);
    // A token that is still good is not tried again: only a refresh takes the flag back.
    expect(later.body.errors).toHaveLength(1);
    expect((await read(id, "&force_refresh=true")).body.errors).toEqual([]);
    expect(await stack.webhooks(1)).toHaveLength(1);
  });

  it("is refused for good after four days, but for a forced refresh", async () => {
    await stack.control("PATCH", "/settings", { timing: { refreshCooldown: 0 } });
    const id = await connected();
    await deed(id, "exhaust");
    const answer = await read(id);
    expect(answer).toMatchObject({ status: 424, body: { error: { code: "invalid_credentials" } } });
    const proxied = await stack.call("GET", "/proxy/x", undefined, undefined, {
      "provider-config-key": "google-mail",
      "connection-id": id,
    });
    expect(proxied).toMatchObject({ status: 424, body: { error: { code: "server_error" } } });
    await stack.control("POST", "/sweep");
    expect(await stack.webhooks(0)).toEqual([]);
    expect((await read(id, "&force_refresh=true")).status).toBe(200);
    expect((await read(id)).status).toBe(200);
  });

  it("is told to work again only where newer servers do, once, and not at every refresh", async () => {
    const id = await connected();
    await stack.control("PATCH", "/settings", { recoveryWebhooks: true });
    await read(id, "&force_refresh=true");
    expect(await stack.webhooks(0)).toEqual([]);
    await deed(id, "break");
    await read(id, "&force_refresh=true");
    const [, recovery] = await stack.webhooks(2);
    expect(recovery?.body).toMatchObject({
      type: "auth",
      operation: "refresh",
      success: true,
      connectionId: id,
      tags: { end_user_id: "u1" },
    });
    expect(recovery?.body).not.toHaveProperty("error");
    await read(id, "&force_refresh=true");
    expect(await stack.webhooks(2)).toHaveLength(2);
  });

  it("fails by itself when its provider refuses, and says what failed", async () => {
    const id = await connected();
    stack.provider.revokeAll();
    const failed = await deed(id, "refresh");
    expect(failed.problem).toEqual({ status: 400, type: "refresh_token_external_error" });
    const backing = await deed(id, "refresh", { force: false });
    expect(backing.problem).toEqual({ status: 424, type: "connection_refresh_backoff" });
    expect((await stack.webhooks(1)).map((hook) => hook.body.success)).toEqual([false]);
  });
});

describe("a deletion", () => {
  it.each(["API", "dashboard"])("by the %s is told only where newer servers are asked to", async (by) => {
    const remove = async () => {
      const id = await connected("acme");
      if (by === "dashboard") await deed(id, "delete");
      else await stack.sdk.deleteConnection("acme", id);
      return id;
    };
    await remove();
    expect(await stack.webhooks(0)).toEqual([]);
    await stack.control("PATCH", "/settings", { deletionWebhooks: true });
    const id = await remove();
    expect((await stack.webhooks(1))[0]?.body).toMatchObject({
      operation: "deletion",
      success: true,
      connectionId: id,
      tags: { end_user_id: "u1" },
    });
    expect((await read(id, "", "acme")).status).toBe(404);
  });

  it("withdraws access first, and is done for one of two who ask at the same time", async () => {
    const id = await connected("linear");
    const stop = stack.provider.handle(({ path }) => (path === "/oauth/revoke" ? { wait: 150 } : undefined));
    const remove = () => stack.call("DELETE", `/connections/${id}?provider_config_key=linear`);
    const first = remove();
    await pause(50);
    expect((await read(id, "", "linear")).status).toBe(200);
    const answers = await Promise.all([first, remove()]);
    stop();
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers.map(({ text }) => text).sort()).toEqual(['{"success":false}', '{"success":true}']);
    expect(await remove()).toMatchObject({ status: 400, body: { error: { code: "unknown_connection" } } });
  });

  it("of an integration takes its connections along, and then none of them is known", async () => {
    await stack.integration("private-api-bearer", "doomed");
    const id = await connected("acme");
    await stack.control("POST", "/connections/bulk", { count: 2, integrationKey: "doomed", connectionId: "d{n}" });
    await stack.call("DELETE", "/integrations/doomed");
    const gone = await stack.call("DELETE", "/connections/d0?provider_config_key=doomed");
    expect(gone).toMatchObject({ status: 400, body: { error: { code: "unknown_connection" } } });
    expect((await read("d1", "", "doomed")).body.error.code).toBe("unknown_provider_config");
    expect((await read(id, "", "acme")).status).toBe(200);
    expect(await stack.webhooks(0)).toEqual([]);
  });
});

describe("credentials with an end", () => {
  it("are neither refreshed nor flagged when there is no refresh token, not even when they are over", async () => {
    const id = await connected();
    const ends = new Date(Date.now() + 12 * DAY_MS).toISOString();
    await deed(id, "credentials", { expires_at: ends, refresh_token: null, scope: "read" });
    const forced = await read(id, "&force_refresh=true&refresh_token=true");
    expect(forced.body.credentials).toMatchObject({ expires_at: ends, raw: { scope: "read" } });
    expect(forced.body.credentials).not.toHaveProperty("refresh_token");
    expect(await dumped(id)).toMatchObject({ expires_at: ends, refreshable: false, scope: "read", kind: "OAUTH2" });
    await deed(id, "expire");
    expect(await read(id)).toMatchObject({ status: 200, body: { errors: [] } });
    expect(await stack.webhooks(0)).toEqual([]);
  });

  it("take an end away, too", async () => {
    const id = await connected();
    await deed(id, "credentials", { expires_at: null });
    expect((await read(id)).body.credentials).not.toHaveProperty("expires_at");
  });

  it("are prolonged by Meta's way, and only when forced", async () => {
    const id = await connected("facebook");
    await deed(id, "expire");
    const before = (await read(id, "", "facebook")).body.credentials.access_token;
    expect((await read(id, "", "facebook")).body.credentials.access_token).toBe(before);
    expect((await read(id, "&force_refresh=true", "facebook")).body.credentials.access_token).not.toBe(before);
    expect(stack.provider.requests.at(-1)?.query.get("fb_exchange_token")).toBe(before);
  });
});

describe("an API key that may not read credentials", () => {
  it("gets none, refreshes nothing and meets no cool-down, and may be what an app suddenly has", async () => {
    const id = await connected();
    await deed(id, "expire");
    stack.provider.revokeAll();
    await stack.control("PATCH", "/keys/default", { scopes: ["connections:read", "connections:list"] });
    const answer = await read(id);
    const forced = await read(id, "&force_refresh=true");
    await stack.control("PATCH", "/keys/default", { scopes: null });
    expect(answer).toMatchObject({ status: 200, body: { errors: [] } });
    expect(answer.body.credentials).toEqual({});
    expect(forced).toMatchObject({ status: 403, body: { error: { code: "forbidden" } } });
    expect(await stack.webhooks(0)).toEqual([]);
    expect((await read(id)).status).toBe(400);
  });
});

describe("tags and metadata changed from outside", () => {
  it("are replaced whole by the SDK, and wiped behind the app's back without a webhook", async () => {
    const id = await connected("acme");
    await stack.sdk.patchConnection({ connectionId: id, provider_config_key: "acme" }, { tags: { Only: "this" } });
    expect((await read(id, "", "acme")).body.tags).toEqual({ only: "this" });
    await deed(id, "tags", { tags: {} });
    expect((await read(id, "", "acme")).body.tags).toEqual({});
    expect(await stack.webhooks(0)).toEqual([]);
  });

  it("are replaced by a person, too, and refused when they are no tags", async () => {
    const id = await connected("acme");
    const patch = (body: unknown) => stack.call("PATCH", `/connections/${id}?provider_config_key=acme`, body);
    await patch({ end_user: { id: "u2" } });
    expect((await read(id, "", "acme")).body.tags).toEqual({ end_user_id: "u2" });
    for (const tags of [{ "bad key": "x" }, { a: "" }, { end_user_email: "nope" }, { a: 1 }]) {
      expect((await patch({ tags })).status).toBe(400);
    }
    expect((await read(id, "", "acme")).body.tags).toEqual({ end_user_id: "u2" });
  });
});

describe("an import", () => {
  const send = (body: Record<string, unknown>) =>
    stack.call("POST", "/connections", { provider_config_key: "openai", ...body });

  it("is tested where that is possible, and must be of the provider's kind", async () => {
    const stop = stack.provider.handle(({ path }) => (path === "/v1/models" ? { status: 401 } : undefined));
    const refused = await send({ credentials: { type: "API_KEY", apiKey: "wrong" } });
    stop();
    expect(refused).toMatchObject({ status: 400, body: { error: { code: "connection_test_failed" } } });
    const unfit = await send({ credentials: { type: "BASIC", username: "u", password: "p" } });
    expect(unfit).toMatchObject({ status: 400, body: { error: { code: "invalid_body" } } });
    const nowhere = await send({ provider_config_key: "nope", credentials: { type: "API_KEY", apiKey: "k" } });
    expect(nowhere).toMatchObject({ status: 404, body: { error: { code: "not_found" } } });
    expect(await stack.webhooks(0)).toEqual([]);
  });
});

describe("the dump", () => {
  it("tells one credential from the next, and says what is broken", async () => {
    const id = await connected();
    const first = await dumped(id);
    expect(first).toMatchObject({ broken: false, refreshable: true, kind: "OAUTH2" });
    expect((await dumped(id))?.credential_hash).toBe(first?.credential_hash);
    await read(id, "&force_refresh=true");
    const second = await dumped(id);
    expect(second?.credential_hash).not.toBe(first?.credential_hash);
    await deed(id, "break");
    expect(await dumped(id)).toMatchObject({ broken: true, credential_hash: second?.credential_hash });
    expect(JSON.stringify(second)).not.toContain("access-");
  });
});

describe("deeds that are not known", () => {
  it("are refused, and so are fields that mean nothing", async () => {
    const id = await connected("acme");
    await expect(deed(id, "explode")).rejects.toThrow("404");
    await expect(deed(id, "break", { hard: true })).rejects.toThrow("400");
    await expect(deed("nobody", "break")).rejects.toThrow("404");
    await expect(stack.control("PATCH", "/settings", { timing: { nonsense: 1 } })).rejects.toThrow("400");
  });
});
