import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GET as listRoute } from "@/app/api/v1/connectors/[slug]/actions/route";
import { findAction } from "@/lib/actions/find";
import { manifests } from "@/lib/catalogue/manifests";
import { keysOf } from "@/tests/support/api-keys";
import { journeyOf } from "@/tests/support/journey";
import type { SignedIn } from "@/tests/support/people";
import { type ActionsWorld, openActionsWorld } from "./actions-world";

/** Running actions over HTTP: on which account, for whom, and what becomes of a provider's refusal. */

let world: ActionsWorld;
let go: ReturnType<typeof journeyOf>;
let keys: ReturnType<typeof keysOf>;
let ada: SignedIn;
let grace: SignedIn;
let katherine: SignedIn;

beforeAll(async () => {
  world = await openActionsWorld(["hubspot", "pipedrive", "openai"]);
  go = journeyOf(world.server);
  keys = keysOf(world.server);
  [ada, grace, katherine] = await Promise.all([
    world.server.signIn("ada@acme.test", "acme"),
    world.server.signIn("grace@acme.test", "acme"),
    world.server.signIn("katherine@globex.test", "globex"),
  ]);
});
afterAll(() => world?.close());
beforeEach(async () => {
  await world.forget();
  await world.control("/faults", {}, "DELETE");
  await world.control("/records", {}, "DELETE");
});

const contact = (email: string) => ({ properties: { email } });
const create = (as: SignedIn, email: string, more: object = {}) =>
  world.run({ as }, "hubspot", "create_contact", { ...contact(email), ...more });
const search = (as: SignedIn, more: object = {}) => world.run({ as }, "hubspot", "search_contacts", more);
const refusal = ({ status, json }: { status: number; json: { error: Record<string, unknown> } }) => {
  const { request_id: _, message: __, ...error } = json.error;
  return { status, ...error };
};
const bytes = (text: string) => text.replace(/"request_id":"[^"]*"/, "");
const rowOf = async (id: string) =>
  (
    await world.server.sql`select status, reason_code, suspect_since, last_used_at from connections where id = ${id}`
  )[0];
const used = (id: string) => world.server.sql`
  select action, calls, failures, owner_id from action_usage where connection_id = ${id} order by action`;
const fault = (kind: string, more: object = {}) =>
  world.control("/faults", { service: "generic", host: "api.hubapi.com", path: "/crm/", kind, ...more });

describe("the list of a connector's actions", () => {
  const list = (slug: string, as?: SignedIn) =>
    world.server.call(listRoute, `/api/v1/connectors/${slug}/actions`, { ...(as && { as }), params: { slug } });

  it("says what each does and takes, and nothing of how the request is made", async () => {
    const { status, json } = await list("hubspot", grace);
    expect(status).toBe(200);
    const known = findAction("hubspot", "create_contact");
    const { name, description, method, endpoint, read_only, destructive, input_schema } = known;
    const own = { name, description, method, endpoint, read_only, destructive, input_schema };
    expect(json.actions.create_contact).toEqual(own);
    expect(Object.keys(json.actions)).toEqual(Object.keys(manifests.get("hubspot")?.actions ?? {}));
  });

  it("is there for every connector, and for no other name", async () => {
    for (const slug of manifests.keys()) expect((await list(slug, grace)).status, slug).toBe(200);
    for (const slug of ["no-such", "constructor", "__proto__", "list"])
      expect(refusal(await list(slug, grace)), slug).toEqual({ status: 404, code: "unknown_connector" });
    expect((await list("hubspot")).status).toBe(401);
  });
});

describe("an action", () => {
  it("runs on the only account, and its use is counted", async () => {
    const { id } = await world.connect(ada, "hubspot");
    const { status, json } = await create(grace, "a@acme.test");
    expect(status).toBe(200);
    expect(json).toEqual({
      success: true,
      result: expect.objectContaining({ properties: expect.objectContaining({ email: "a@acme.test" }) }),
    });
    expect(await world.records("service=hubspot&kind=contacts")).toContainEqual(
      expect.objectContaining({ id: json.result.id }),
    );
    await create(grace, "a@acme.test"); // There already: the provider refuses it.
    await search(ada);
    expect(await used(id)).toEqual([
      { action: "create_contact", calls: 2, failures: 1, owner_id: ada.ownerId },
      { action: "search_contacts", calls: 1, failures: 0, owner_id: ada.ownerId },
    ]);
    expect((await rowOf(id))?.last_used_at).not.toBeNull();
  });

  it("runs on the default, one's own before everyone's; an agent's key never on what is only its maker's", async () => {
    const shared = await world.connect(ada, "hubspot");
    await world.connect(ada, "hubspot", { account: /Grace/ });
    await create(grace, "everyone@acme.test");
    expect((await used(shared.id)).length).toBe(1);
    const own = await world.connect(grace, "hubspot", { account: /Support/, visibility: "only_me" });
    await create(grace, "mine@acme.test");
    expect((await used(own.id)).length).toBe(1);
    const { key } = await keys.made(grace, ["actions:run:hubspot"]);
    expect((await world.run({ key }, "hubspot", "create_contact", contact("key@acme.test"))).status).toBe(200);
    expect(await used(shared.id)).toMatchObject([{ calls: 2 }]);
    expect(await used(own.id)).toMatchObject([{ calls: 1 }]);
  });

  it("asks which account where none is the default, showing only what the caller may use", async () => {
    const [first, second, third] = [
      await world.connect(ada, "hubspot"),
      await world.connect(ada, "hubspot", { account: /Grace/ }),
      await world.connect(ada, "hubspot", { account: /Support/ }),
    ];
    await go.disconnect(ada, first.id);
    await world.server.runJobs();
    await world.server.sql`update connections set label = 'Sales' where id = ${second.id}`;
    // Another's only-me account is no choice of theirs.
    await world.connect(ada, "hubspot", { visibility: "only_me" });
    const asked = refusal(await create(grace, "b@acme.test"));
    expect(asked).toMatchObject({ status: 409, code: "connection_choice" });
    const choices = asked as unknown as {
      choices: { id: string; label: string | null; account_name: string | null }[];
    };
    expect(choices.choices.map(({ id }) => id)).toEqual([second.id, third.id]);
    expect(choices.choices[0]).toEqual({
      ...{ id: second.id, connector: "hubspot", label: "Sales", account_name: expect.any(String) },
    });
    expect((await create(grace, "b@acme.test", { connection_id: third.id })).status).toBe(200);
    expect((await used(third.id)).length).toBe(1);
  });

  it("says what to do where no account is connected, or the one there is does not work", async () => {
    expect(refusal(await search(grace))).toEqual({
      ...{ status: 409, code: "connection_needed", connector: "hubspot", next_step: "connect" },
    });
    const { id } = await world.connect(ada, "hubspot");
    const set = (status: string, reason: string | null) =>
      world.server.sql`update connections set status = ${status}, reason_code = ${reason} where id = ${id}`;
    const attention = (reason_code: string, next_step: string) => ({
      ...{
        status: 409,
        code: "connection_needs_attention",
        connector: "hubspot",
        connection_id: id,
        reason_code,
        next_step,
      },
    });
    await set("needs_attention", "auth_failed");
    expect(refusal(await search(ada))).toEqual(attention("auth_failed", "reconnect"));
    expect(refusal(await search(grace))).toEqual(attention("auth_failed", "ask_manager"));
    expect(refusal(await search(ada, { connection_id: id }))).toEqual(attention("auth_failed", "reconnect"));
    await set("needs_attention", "account_mismatch");
    expect(refusal(await search(ada))).toEqual(attention("account_mismatch", "reconnect_or_keep"));
    await set("pending", null);
    expect(refusal(await search(ada))).toEqual({ status: 409, code: "connection_not_ready" });
    await set("connected", null);
    await go.disconnect(ada, id);
    expect(refusal(await search(ada, { connection_id: id }))).toEqual({ status: 409, code: "connection_disconnected" });
    expect(refusal(await search(ada))).toMatchObject({ code: "connection_needed" });
    expect(await used(id)).toEqual([]);
  });

  it("answers the same bytes for what is not one's own as for what does not exist, by session and by key", async () => {
    const [foreign, alone, other] = [
      await world.connect(katherine, "hubspot"),
      await world.connect(ada, "hubspot", { visibility: "only_me" }),
      await world.connect(grace, "pipedrive"),
    ];
    const { key } = await keys.made(grace);
    const { key: adasKey } = await keys.made(ada);
    const unknown = "11111111-1111-4111-8111-111111111111";
    for (const as of [{ as: grace }, { key }, { key: adasKey }]) {
      const expected = await world.run(as, "hubspot", "search_contacts", { connection_id: unknown });
      expect(expected.status).toBe(404);
      for (const connection_id of [
        foreign.id,
        alone.id,
        other.id,
        foreign.nangoId,
        "",
        "no-uuid",
        `${unknown}' or '1'='1`,
      ]) {
        const { status, text } = await world.run(as, "hubspot", "search_contacts", { connection_id });
        expect([status, bytes(text)], connection_id).toEqual([404, bytes(expected.text)]);
      }
    }
    for (const { id } of [foreign, alone, other]) expect(await used(id)).toEqual([]);
  });

  it("needs the scope of its connector, and for a change more than reading", async () => {
    await world.connect(ada, "hubspot");
    const { key: reading } = await keys.made(ada, ["actions:read:hubspot", "connectors:read"]);
    expect((await world.run({ key: reading }, "hubspot", "search_contacts")).status).toBe(200);
    const missing = (scope: string) => ({ status: 403, code: "insufficient_scope", scope });
    expect(refusal(await world.run({ key: reading }, "hubspot", "create_contact", contact("c@acme.test")))).toEqual(
      missing("actions:run:hubspot"),
    );
    expect(refusal(await world.run({ key: reading }, "pipedrive", "list_deals"))).toEqual(
      missing("actions:read:pipedrive"),
    );
    const { key: running } = await keys.made(ada, ["actions:run:*"]);
    expect((await world.run({ key: running }, "hubspot", "create_contact", contact("c@acme.test"))).status).toBe(200);
  });

  it("is done once when it is sent twice under one Idempotency-Key", async () => {
    await world.connect(ada, "pipedrive");
    const once = () =>
      world.run({ as: ada, headers: { "idempotency-key": "deal-1" } }, "pipedrive", "create_deal", { title: "Once" });
    const [first, again] = [await once(), await once()];
    expect([first.status, again.status, again.text]).toEqual([200, 200, first.text]);
    const { result } = (await world.run({ as: ada }, "pipedrive", "list_deals")).json;
    expect(result.data.filter(({ title }: { title: string }) => title === "Once")).toHaveLength(1);
  });

  it("says where an input is wrong, before it looks for an account", async () => {
    expect(refusal(await world.run({ as: ada }, "hubspot", "no_such_action"))).toEqual({
      status: 404,
      code: "action_unknown",
    });
    expect(refusal(await world.run({ as: ada }, "no-such", "search_contacts"))).toEqual({
      status: 404,
      code: "unknown_connector",
    });
    expect(refusal(await search(ada, { limit: 0, unknown: 1 }))).toEqual({
      status: 400,
      code: "action_invalid_input",
      issues: expect.arrayContaining([
        { path: "limit", message: expect.any(String) },
        { path: "unknown", message: "There is no such field." },
      ]),
    });
    expect(refusal(await search(ada, { connection_id: 5 }))).toMatchObject({ status: 400, code: "invalid_request" });
    // A provider's own field of that name, not our owner.
    expect(refusal(await world.run({ as: ada }, "pipedrive", "list_deals", { owner_id: 7 }))).toMatchObject({
      code: "connection_needed",
    });
  });
});

describe("a provider's refusal", () => {
  it("is a code of ours with advice, and never its words", async () => {
    await world.connect(ada, "hubspot");
    const cases: [string, object][] = [
      ["403", { status: 403, code: "provider_permission", retry: "no", provider_status: 403 }],
      ["429", { status: 429, code: "provider_rate_limited", retry: "later", provider_status: 429 }],
      ["500", { status: 502, code: "provider_upstream", retry: "later", provider_status: 500 }],
      ["large", { status: 502, code: "provider_upstream", retry: "later" }],
    ];
    for (const [kind, expected] of cases) {
      await fault(kind);
      const answer = await search(ada);
      expect(refusal(answer), kind).toEqual(expected);
      expect(answer.text, kind).not.toMatch(/Something went wrong|lacks a scope|Too many requests"/);
    }
    await fault("429");
    expect((await search(ada)).headers.get("retry-after")).toBe("1");
    expect(refusal(await world.run({ as: ada }, "hubspot", "get_contact", { contactId: "999" }))).toEqual({
      ...{ status: 404, code: "provider_not_found", retry: "no", provider_status: 404 },
    });
    expect(refusal(await create(ada, "ada@acme.test"))).toEqual({
      ...{ status: 422, code: "provider_invalid", retry: "no", provider_status: 409 },
    });
  });

  it("of the credentials starts a second look, which decides", async () => {
    const { id } = await world.connect(ada, "hubspot");
    await world.server.runJobs();
    await fault("401");
    expect(refusal(await search(ada))).toEqual({
      ...{ status: 409, code: "provider_auth", retry: "after_reconnect", provider_status: 401 },
    });
    expect((await rowOf(id))?.suspect_since).not.toBeNull();
    // It was a whim.
    await world.server.runJobs();
    expect(await rowOf(id)).toMatchObject({ status: "connected", suspect_since: null });
    await world.control("/revoke", { service: "generic" });
    expect(refusal(await search(ada))).toMatchObject({ code: "provider_auth" });
    await world.server.runJobs();
    expect(await rowOf(id)).toMatchObject({ status: "needs_attention" });
    expect(refusal(await search(ada))).toMatchObject({ code: "connection_needs_attention" });
  });

  it("that may have come after the change is not to be repeated, by nobody's advice and by no repeated request", async () => {
    await world.connect(ada, "hubspot");
    await fault("500");
    const headers = { "idempotency-key": "once" };
    const sent = () => world.run({ as: ada, headers }, "hubspot", "create_contact", contact("twice@acme.test"));
    const first = await sent();
    const unknown = { status: 502, code: "provider_upstream", retry: "no", outcome: "unknown", provider_status: 500 };
    expect(refusal(first)).toEqual(unknown);
    expect(first.headers.get("retry-after")).toBeNull();
    const second = await sent();
    expect([refusal(second), second.headers.get("idempotent-replayed")]).toEqual([unknown, "true"]);
  });

  it("that does not come in time leaves open whether a change was made", async () => {
    await world.connect(ada, "hubspot");
    await fault("slow", { ms: 6_000, times: 2 });
    const [reading, writing] = await Promise.all([search(ada), create(ada, "slow@acme.test")]);
    expect(refusal(reading)).toEqual({ status: 502, code: "provider_upstream", retry: "later" });
    expect(refusal(writing)).toEqual({ status: 502, code: "provider_upstream", retry: "no", outcome: "unknown" });
  });

  it("about a connection that Nango does not have any more doubts it", async () => {
    const { id, nangoId } = await world.connect(ada, "hubspot");
    await world.server.runJobs();
    await fetch(`${world.server.nango.host}/connections/${nangoId}?provider_config_key=hubspot`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${world.server.nango.apiKey}` },
    });
    expect((await search(ada)).status).toBeGreaterThanOrEqual(400);
    expect((await rowOf(id))?.suspect_since).not.toBeNull();
  });
});
