import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as actions from "@/lib/api/operations/actions";
import * as authorize from "@/lib/api/operations/authorize";
import * as connectors from "@/lib/api/operations/connectors";
import * as triggers from "@/lib/api/operations/triggers";
import * as unified from "@/lib/api/operations/unified";
import type { ErrorCode } from "@/lib/error-codes";
import { authorizingOf, BACK } from "@/tests/support/authorizing";
import { hmac } from "@/tests/support/forgeries";
import { type ApiWorld, openApiWorld, type Sent } from "./api-world";

/**
 * Every call about what programs do is made, every error of its own is provoked, and each answer is held against the
 * description.
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
  world.server.provider.answerWith(200);
  await world.server.sql`delete from connector_policies`;
  await world.server.sql`update connections set status = 'disconnected', reason_code = 'by_person', is_default = false,
    disconnected_at = now(), remote_deleted_at = now() where status <> 'disconnected'`;
});

const accounts: Record<string, Record<string, string>> = {
  openai: { apiKey: "sk-good" },
  twilio: { username: `AC${"0".repeat(32)}`, password: "secret" },
};
async function made(connector: string): Promise<string> {
  const session = await world.go.start(world.ada, connector);
  const nangoId = await world.server.complete(session, connector, accounts[connector] ?? {});
  const { json } = await world.go.confirm(world.ada, session.attemptId, nangoId);
  return json.connection.id;
}
const block = (connector: string) => world.server.sql`
  insert into connector_policies (owner_id, subject_kind, subject, effect, created_by)
  values (${world.ada.ownerId}, 'connector', ${connector}, 'block', 'user_test')`;
const setStatus = (id: string, status: string, reason: string | null = null) =>
  world.server.sql`update connections set status = ${status}, reason_code = ${reason} where id = ${id}`;
const whileUnavailable = async (connector: string, work: () => Promise<unknown>) => {
  await world.server.sql`update connectors set status = 'unavailable' where slug = ${connector}`;
  await work().finally(() => world.server.sql`update connectors set status = 'stable' where slug = ${connector}`);
};

describe("connectors", () => {
  it("are listed, found and read", async () => {
    const query = { q: "open", limit: "2" };
    const first = await world.done("listConnectors", { key, query });
    expect((await world.done("listConnectorsByList", { key, query })).connectors).toEqual(first.connectors);
    if (first.next_cursor) await world.done("listConnectors", { key, query: { ...query, cursor: first.next_cursor } });
    const { manifest } = await world.done("getConnector", { key, params: { slug: "openai" } });
    expect(manifest.slug).toBe("openai");
    const { actions: known } = await world.done("listActions", { key, params: { slug: "openai" } });
    expect(Object.keys(known)).toContain("list_models");
    await world.done("listTriggers", { key, params: { slug: "github" } });
    for (const call of ["getConnector", "listActions", "listTriggers"])
      await world.refused(call, "unknown_connector", { key, params: { slug: "no-such" } });
  });

  it("tell what they pushed", async () => {
    const id = await made("openai");
    const [row] = await world.server.sql`select nango_connection_id from connections where id = ${id}`;
    const body = JSON.stringify({
      type: "forward",
      from: "openai",
      connectionId: row?.nango_connection_id,
      providerConfigKey: "openai",
      payload: { hello: true },
    });
    const signed = { "x-nango-hmac-sha256": hmac(world.server.nango.webhookSigningKey, Buffer.from(body)) };
    await fetch(`${world.http.url}/api/webhooks/nango`, { method: "POST", body, headers: signed });
    await world.server.runJobs();
    const { events } = await world.done("listTriggerEvents", { key, query: { connection_id: id, limit: "1" } });
    expect(events[0]).toMatchObject({ connection_id: id, connector: "openai" });
    const connection_id = "0c2f6a57-36cb-4a0e-8c61-5ff4d6b8a2c1";
    await world.refused("listTriggerEvents", "not_found", { key, query: { connection_id } });
  });
});

describe("connecting", () => {
  it("is asked for, done by a person, and redeemed", async () => {
    const params = { slug: "openai" };
    const program = authorizingOf(world.server);
    const asked = await world.done("authorizeConnector", { key, params, body: { redirect_uri: BACK } });
    const token = program.tokenIn(asked.authorization_url);
    await world.links.follow(world.ada, token);
    const code = String((await program.comeBack(world.ada, token)).searchParams.get("code"));
    const query = { state: asked.state, code };
    expect((await world.done("redeemAuthorization", { key, params, query })).connector_slug).toBe("openai");
    await world.refused("redeemAuthorization", "not_found", { key, params, query });
    await world.refused("redeemAuthorization", "unknown_connector", { key, params: { slug: "no-such" }, query });
  });

  it("by a link is made, and looked at later", async () => {
    const { id } = await world.done("makeConnectSession", { key, body: { connector: "openai", redirect_uri: BACK } });
    expect((await world.done("getConnectSession", { key, params: { id } })).status).toBe("open");
    const email = "mary@nowhere.test";
    await world.refused("makeConnectSession", "forbidden", { key, body: { connector: "openai", email } });
  });

  it("is refused where it cannot lead to anything", async () => {
    const asks: [string, (slug: string, redirect_uri?: string) => Sent][] = [
      ["authorizeConnector", (slug, redirect_uri = BACK) => ({ key, params: { slug }, body: { redirect_uri } })],
      ["makeConnectSession", (connector, redirect_uri = BACK) => ({ key, body: { connector, redirect_uri } })],
    ];
    for (const [call, ask] of asks) {
      await world.refused(call, "unknown_connector", ask("no-such"));
      await world.refused(call, "redirect_not_allowed", ask("openai", "https://evil.test/"));
      await whileUnavailable("openai", () => world.refused(call, "connector_unavailable", ask("openai")));
      await block("openai");
      await world.refused(call, "connector_blocked", ask("openai"));
      await world.server.sql`delete from connector_policies`;
    }
    const scopes = ["everything"];
    const params = { slug: "slack" };
    await world.refused("authorizeConnector", "unknown_scope", { key, params, body: { redirect_uri: BACK, scopes } });
    const [[, authorizing] = [], [, linking] = []] = asks;
    for (let n = 0; n < 51; n++)
      if ((await world.send("makeConnectSession", linking?.("openai"))).status !== 201) break;
    await world.refused("makeConnectSession", "too_many_links", linking?.("openai"));
    await world.refused("authorizeConnector", "too_many_links", authorizing?.("openai"));
    await world.server.sql`update connect_links set revoked_at = now() where used_at is null and revoked_at is null`;
  });
});

/** Calls that run on a connection of twilio's, by name or the one there is. */
const running: [string, (connection_id?: string) => Sent][] = [
  [
    "runAction",
    (connection_id) => ({
      key,
      params: { slug: "twilio", action: "send_message" },
      body: { To: "+4915112345678", From: "+15005550006", Body: "Hello", ...(connection_id && { connection_id }) },
    }),
  ],
  [
    "callUnified",
    (connectionId) => ({
      key,
      body: {
        provider: "nango",
        resource: "twilio.sms",
        operation: "create",
        data: { to: "+4915112345678", from: "+15005550006", body: "Hello", ...(connectionId && { connectionId }) },
      },
    }),
  ],
];
const message = {
  sid: "SM5ef8732a3c49700934481addd5ce1659",
  status: "queued",
  to: "+4915112345678",
  from: "+15005550006",
};

describe.each(running)("%s", (call, sent) => {
  it("answers with what the provider says", async () => {
    await made("twilio");
    world.server.provider.answerWith(200, { ...message, body: "Hello", direction: "outbound-api" });
    expect((await world.done(call, sent())).success).toBe(true);
  });

  it("says which account it needs, and why one does not work", async () => {
    const needed = await world.refused(call, "connection_needed", sent());
    expect(needed.json.error.next_step).toBe("connect");
    const [one, other] = [await made("twilio"), await made("twilio")];
    await world.server.sql`update connections set is_default = false`;
    const { json } = await world.refused(call, "connection_choice", sent());
    expect(json.error.choices.map(({ id }: { id: string }) => id).sort()).toEqual([one, other].sort());
    await world.refused(call, "not_found", sent("0c2f6a57-36cb-4a0e-8c61-5ff4d6b8a2c1"));
    await setStatus(one, "needs_attention", "auth_failed");
    const broken = await world.refused(call, "connection_needs_attention", sent(one));
    expect(broken.json.error).toMatchObject({ reason_code: "auth_failed", next_step: "reconnect" });
    await setStatus(one, "pending");
    await world.refused(call, "connection_not_ready", sent(one));
    await world.done("disconnectConnection", { as: world.ada, params: { id: other }, body: {} });
    await world.refused(call, "connection_disconnected", sent(other));
  });

  it("names what went wrong at the provider, and whether to try again", async () => {
    await made("twilio");
    for (const [status, code, retry, outcome] of [
      [401, "provider_auth", "after_reconnect"],
      [403, "provider_permission", "no"],
      [404, "provider_not_found", "no"],
      [422, "provider_invalid", "no"],
      [429, "provider_rate_limited", "later"],
      [500, "provider_upstream", "no", "unknown"],
    ] as const) {
      world.server.provider.answerWith(status, { message: "the provider's own words" });
      const { json, text, headers } = await world.refused(call, code, sent());
      expect(json.error).toMatchObject({ retry, provider_status: status });
      expect([json.error.outcome, headers.has("retry-after")]).toEqual([outcome, retry === "later"]);
      expect(text).not.toContain("own words");
    }
  });

  it("names what went wrong on the way", async () => {
    await made("twilio");
    world.server.wire.trouble({ kind: "cut" });
    const cut = await world.refused(call, "nango_unreachable", sent());
    expect([cut.json.error.outcome, cut.headers.has("retry-after")]).toEqual(["unknown", false]);
    for (const [status, nangos, code] of [
      [429, "too_many_request", "nango_rate_limited"],
      [401, "unknown_account", "nango_rejected"],
    ] as const) {
      const body = JSON.stringify({ error: { code: nangos, message: "Nango's own words" } });
      world.server.wire.trouble({ kind: "answer", status, body });
      expect((await world.refused(call, code, sent())).text).not.toContain("own words");
    }
  });
});

it("a look that the provider fails at is to be repeated, and when", async () => {
  await made("openai");
  world.server.provider.answerWith(500);
  const sent = { key, params: { slug: "openai", action: "list_models" }, body: {} };
  const { json, headers } = await world.refused("runAction", "provider_upstream", sent);
  expect([json.error.retry, headers.get("retry-after")]).toEqual(["later", "30"]);
});

describe("what is asked for", () => {
  it("is an action that there is, with the input that it takes", async () => {
    const params = { slug: "openai", action: "list_models" };
    await world.refused("runAction", "unknown_connector", { key, params: { ...params, slug: "no-such" }, body: {} });
    await world.refused("runAction", "action_unknown", { key, params: { ...params, action: "no_such" }, body: {} });
    const { json } = await world.refused("runAction", "action_invalid_input", { key, params, body: { surprise: 1 } });
    expect(JSON.stringify(json.error.issues)).toContain("surprise");
  });

  it("is something that the service has, at a host of its own", async () => {
    const ask = { provider: "nango", resource: "whatsapp.message", operation: "list" };
    await world.refused("callUnified", "operation_unsupported", { key, body: ask });
    const contacts = { provider: "panora", resource: "crm.contact", operation: "list" };
    await world.refused("callUnified", "panora_not_configured", { key, body: contacts });
    await made("twilio");
    const [, sent] = running[1] ?? [];
    const body = sent?.().body as { data: object };
    const elsewhere = { ...body, data: { ...body.data, baseUrlOverride: "https://evil.test" } };
    await world.refused("callUnified", "host_not_allowed", { key, body: elsewhere });
  });
});

describe("renewing a sign-in", () => {
  it("tells for how long it is good, or why that is not known", async () => {
    // Nango renews what it has; what that does is in tests/integration/refresh.test.ts.
    const id = await made("openai");
    await world.server.sql`update connections set connector = 'github' where id = ${id}`;
    const sent = { key, params: { slug: "github" }, body: { connection_id: id } };
    expect((await world.done("refreshConnection", sent)).connector_slug).toBe("github");
    for (const [status, code] of [
      [500, "nango_unreachable"],
      [429, "nango_rate_limited"],
      [403, "nango_rejected"],
      [200, "nango_invalid_answer"],
    ] as const) {
      world.server.wire.trouble({ kind: "answer", status, body: "{}" });
      await world.refused("refreshConnection", code, sent);
    }
  });

  it("is refused where there is nothing to renew", async () => {
    const params = { slug: "openai" };
    const sent = (connection_id?: string) => ({ key, params, body: { ...(connection_id && { connection_id }) } });
    await world.refused("refreshConnection", "unknown_connector", { key, params: { slug: "no-such" }, body: {} });
    await world.refused("refreshConnection", "connection_needed", sent());
    const [one, other] = [await made("openai"), await made("openai")];
    await world.server.sql`update connections set is_default = false`;
    await world.refused("refreshConnection", "connection_choice", sent());
    await world.refused("refreshConnection", "not_renewable", sent(one));
    await setStatus(one, "needs_attention", "auth_failed");
    await world.refused("refreshConnection", "connection_needs_attention", sent(one));
    await setStatus(one, "pending");
    await world.refused("refreshConnection", "connection_not_ready", sent(one));
    await world.done("disconnectConnection", { as: world.ada, params: { id: other }, body: {} });
    await world.refused("refreshConnection", "connection_disconnected", sent(other));
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
};

// Last: it looks back on what the others did.
it("every call was made, and every error of its own was met", () => {
  expect(world.missing([connectors, authorize, triggers, actions, unified], elsewhere)).toEqual([]);
});
