import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SignedIn } from "@/tests/support/people";
import { openUnifiedWorld, type UnifiedWorld } from "./unified-world";

let world: UnifiedWorld;
let ada: SignedIn;
let katherine: SignedIn;

beforeAll(async () => {
  world = await openUnifiedWorld();
  ada = await world.server.signIn("ada@acme.test", "acme");
  katherine = await world.server.signIn("katherine@globex.test", "globex");
});
afterAll(() => world?.close());

const contactList = { provider: "panora", resource: "crm.contact", operation: "list" };

describe("through Panora", () => {
  it("contacts come in pages that Panora makes, in the shape of all contacts", async () => {
    world.panora.calls.length = 0;
    const first = await world.done({ as: ada }, "crm.contact", "list", { params: { limit: 2 } }, "panora");
    expect(first).toMatchObject({ connector: null, connectionId: null });
    const rest = await world.done(
      { as: ada },
      "crm.contact",
      "list",
      { params: { limit: 2, cursor: first.nextCursor } },
      "panora",
    );
    expect([...first.items, ...rest.items].map(({ email }) => email)).toEqual([
      "katherine@globex.test",
      "joan@both.test",
      "mary@nowhere.test",
    ]);
    expect(rest.nextCursor).toBeNull();
    expect(first.items[0]).toMatchObject({ name: "Katherine Johnson", raw: { first_name: "Katherine" } });
    expect(world.panora.calls).toEqual([
      "GET /crm/contacts?limit=2",
      `GET /crm/contacts?limit=2&cursor=${first.nextCursor}`,
    ]);
  });

  it("contacts and employees are created and looked up", async () => {
    const grace = { firstName: "Grace", lastName: "Hopper", email: "grace@acme.test", phone: "+15005550101" };
    const contact = await world.done({ as: ada }, "crm.contact", "create", { data: grace }, "panora");
    const read = await world.done({ as: ada }, "crm.contact", "get", { id: contact.item.id }, "panora");
    expect(read.item).toMatchObject({ ...grace, id: contact.item.id });
    const joan = { firstName: "Joan", lastName: "Clarke", workEmail: "joan@both.test", hireDate: "2026-12-01" };
    const employee = await world.done({ as: ada }, "hr.employee", "create", { data: joan }, "panora");
    const known = await world.done({ as: ada }, "hr.employee", "get", { id: employee.item.id }, "panora");
    expect(known.item).toMatchObject({ ...joan, id: employee.item.id });
    const { items } = await world.done({ as: ada }, "hr.employee", "list", {}, "panora");
    expect(items.map(({ name }: { name: string }) => name)).toEqual(["Ada Lovelace", "Grace Hopper", "Joan Clarke"]);
  });

  it("an id reaches Panora as one part of the path, and an unknown one is not found", async () => {
    world.panora.calls.length = 0;
    for (const id of ["nobody", "../hris/employees", "..", "a/b", "x?limit=1", "%2e%2e"]) {
      expect(await world.codeOf({ as: ada }, { ...contactList, operation: "get", id }), id).toBe("provider_not_found");
    }
    expect(world.panora.calls.filter((call) => !/^GET \/crm\/contacts\/[^/?]+$/.test(call))).toEqual([]);
  });

  it("other kinds of things, connections and fields that Panora does not know are refused", async () => {
    const sms = { provider: "panora", resource: "twilio.sms", operation: "list" };
    expect(await world.codeOf({ as: ada }, sms)).toBe("operation_unsupported");
    expect(await world.codeOf({ as: ada }, { ...contactList, params: { connectionId: "x" } })).toBe("invalid_request");
    const data = { lastName: "Clarke", company: "Globex" };
    expect(await world.codeOf({ as: ada }, { ...contactList, operation: "create", data })).toBe("invalid_request");
  });

  it.each([
    [400, "provider_invalid", 422, "no", null],
    [401, "provider_upstream", 502, "later", "30"],
    [404, "provider_not_found", 404, "no", null],
    [429, "provider_rate_limited", 429, "later", "7"],
    [500, "provider_upstream", 502, "later", "30"],
    [302, "provider_upstream", 502, "later", "30"],
  ])("its %i becomes %s, with what to do", async (status, code, ours, retry, wait) => {
    world.panora.failWith(status, 1, status === 429 ? { "retry-after": "7" } : { location: "http://127.0.0.1:9/" });
    const answer = await world.call({ as: ada }, contactList);
    expect([answer.status, answer.json.error.code, answer.json.error.retry]).toEqual([ours, code, retry]);
    expect(answer.headers.get("retry-after")).toBe(wait);
    expect(answer.text).not.toContain("as told");
  });

  it.each([
    [401, "later", undefined, "30"],
    [429, "later", undefined, "30"],
    [500, "no", "unknown", null],
    [503, "no", "unknown", null],
    [302, "no", "unknown", null],
  ])("its %i to a creation says whether to send it again", async (status, retry, outcome, wait) => {
    world.panora.failWith(status, 1, { location: "http://127.0.0.1:9/" });
    const answer = await world.call({ as: ada }, { ...contactList, operation: "create", data: { lastName: "Clarke" } });
    const { error } = answer.json;
    expect([error.retry, error.outcome, error.provider_status]).toEqual([retry, outcome, status]);
    expect(answer.headers.get("retry-after")).toBe(wait);
  });

  it("an unreachable one is said to be so, and of a creation that nobody knows whether it was made", async () => {
    await world.withSettings({ PANORA_API_URL: "http://127.0.0.1:9" }, async () => {
      const read = await world.call({ as: ada }, contactList);
      expect([read.status, read.json.error.retry]).toEqual([502, "later"]);
      const data = { lastName: "Clarke" };
      const made = await world.call({ as: ada }, { ...contactList, operation: "create", data });
      expect(made.json.error).toMatchObject({ code: "provider_upstream", retry: "no", outcome: "unknown" });
    });
  });

  it("nobody gets there whom the operator has not named, and nobody at all where it is not set up", async () => {
    world.panora.calls.length = 0;
    await world.withSettings({ PANORA_OWNERS: ada.ownerId }, async () => {
      expect((await world.call({ as: ada }, contactList)).status).toBe(200);
      expect(await world.codeOf({ as: katherine }, contactList)).toBe("panora_not_configured");
    });
    await world.withSettings({ PANORA_OWNERS: "" }, async () => {
      expect(await world.codeOf({ as: ada }, contactList)).toBe("panora_not_configured");
    });
    await world.withSettings({ PANORA_API_URL: "", PANORA_API_KEY: "" }, async () => {
      const { status, json } = await world.call({ as: ada }, contactList);
      expect([status, json.error.code]).toEqual([409, "panora_not_configured"]);
    });
    expect(world.panora.calls).toEqual(["GET /crm/contacts?limit=25"]);
  });

  it("a key needs a scope of its own, and reading opens no creating", async () => {
    const { key: reading } = await world.keys.made(ada, ["actions:read:panora"]);
    const { key: hubspot } = await world.keys.made(ada, ["actions:run:hubspot"]);
    expect((await world.call({ key: reading }, contactList)).status).toBe(200);
    const create = { ...contactList, operation: "create", data: { lastName: "Clarke" } };
    for (const [key, body] of [
      [reading, create],
      [hubspot, contactList],
    ] as const) {
      expect(await world.codeOf({ key }, body)).toBe("insufficient_scope");
    }
  });
});
