import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { twilioAccount } from "@/emulators/providers/accounts";
import type { SignedIn } from "@/tests/support/people";
import { control } from "./providers-person";
import { openUnifiedWorld, type UnifiedWorld } from "./unified-world";

let world: UnifiedWorld;
let ada: SignedIn;
let katherine: SignedIn;
const at: Record<string, { id: string; nangoId: string }> = {};

beforeAll(async () => {
  world = await openUnifiedWorld();
  ada = await world.server.signIn("ada@acme.test", "acme");
  katherine = await world.server.signIn("katherine@globex.test", "globex");
  for (const slug of [
    "hubspot",
    "salesforce",
    "pipedrive",
    "bamboohr",
    "twilio",
    "whatsapp-business",
    "google-calendar",
  ])
    at[slug] = await world.connect(ada, slug);
});
afterAll(() => world?.close());

const on = (slug: string) => ({ connectionId: at[slug]?.id });

describe("contacts", () => {
  it.each([
    ["hubspot", { company: "Globex", jobTitle: "Mathematician" }],
    ["salesforce", { jobTitle: "Mathematician" }],
    ["pipedrive", {}],
  ])(
    "of %s are created, looked up and listed in one shape, with the service's own record beside it",
    async (slug, more) => {
      const person = {
        firstName: "Katherine",
        lastName: "Johnson",
        email: "katherine@globex.test",
        phone: "+15005550100",
      };
      const created = await world.done({ as: ada }, "crm.contact", "create", {
        data: { ...on(slug), ...person, ...more },
      });
      expect(created).toMatchObject({ connector: slug, connectionId: at[slug]?.id, item: { ...person, ...more } });
      const { id } = created.item;
      const read = await world.done({ as: ada }, "crm.contact", "get", { id, params: on(slug) });
      expect(read.item).toMatchObject({
        id,
        ...person,
        ...more,
        name: "Katherine Johnson",
        emails: [person.email],
        phones: [person.phone],
      });
      expect(JSON.stringify(read.item.raw)).toContain(person.email);
      const { items } = await world.done({ as: ada }, "crm.contact", "list", { params: on(slug) });
      expect(items.map((item: { email: string }) => item.email)).toEqual(
        expect.arrayContaining(["ada@acme.test", "grace@acme.test", person.email]),
      );
      expect(items.map((item: object) => Object.keys(item).sort())).toEqual(
        items.map(() => Object.keys(read.item).sort()),
      );
    },
  );

  it.each(["hubspot", "salesforce", "pipedrive"])("of %s come in pages, each once", async (slug) => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const params: object = { ...on(slug), limit: 1, ...(cursor && { cursor }) };
      const page: { items: { id: string }[]; nextCursor: string | null } = await world.done(
        { as: ada },
        "crm.contact",
        "list",
        { params },
      );
      expect(page.items.length).toBeLessThanOrEqual(1);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null && seen.length < 20);
    expect(seen.length).toBeGreaterThanOrEqual(2);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it("whose answer makes no sense are not to be created again, only to be listed again", async () => {
    const spoilt = async (operation: string, rest: object) => {
      const fault = { service: "generic", host: "api.hubapi.com", kind: "garbage", times: 1 };
      await control(world.providers, "/faults", fault);
      const resource = { provider: "nango", resource: "crm.contact", operation };
      return (await world.call({ as: ada }, { ...resource, ...rest })).json.error;
    };
    const created = await spoilt("create", { data: { ...on("hubspot"), lastName: "Hamilton" } });
    expect(created).toMatchObject({ code: "provider_upstream", retry: "no", outcome: "unknown" });
    const listed = await spoilt("list", { params: on("hubspot") });
    expect(listed).toMatchObject({ code: "provider_upstream", retry: "later" });
  });

  it("say which field a service has no place for, and lose nothing silently", async () => {
    for (const [slug, field] of [
      ["salesforce", "company"],
      ["pipedrive", "jobTitle"],
    ] as const) {
      const data = { ...on(slug), lastName: "Clarke", [field]: "x" };
      const { status, json } = await world.call(
        { as: ada },
        { provider: "nango", resource: "crm.contact", operation: "create", data },
      );
      expect([status, json.error.code]).toEqual([400, "invalid_request"]);
      expect(json.error.issues[0].path).toBe(`data.${field}`);
    }
  });

  it("of an id that the service does not have are not found there", async () => {
    for (const slug of ["hubspot", "salesforce", "pipedrive"])
      for (const id of ["999999", "../../oauth/v1/access-tokens", "003000000000000AAA", "a b"])
        expect(
          await world.codeOf(
            { as: ada },
            {
              ...{ provider: "nango", resource: "crm.contact", operation: "get", id },
              params: on(slug),
            },
          ),
          `${slug} ${id}`,
        ).toBe("provider_not_found");
  });
});

describe("which connection is used", () => {
  const list = { provider: "nango", resource: "crm.contact", operation: "list" };

  it("is asked for where several services hold such things", async () => {
    const { status, json } = await world.call({ as: ada }, list);
    expect([status, json.error.code]).toEqual([409, "connection_choice"]);
    const ids = ["hubspot", "salesforce", "pipedrive"].map((slug) => at[slug]?.id);
    expect(json.error.choices.map(({ id }: { id: string }) => id).sort()).toEqual(ids.sort());
  });

  it("is the one of the integration that is named, or the one with that id, here or at Nango", async () => {
    for (const which of [
      { providerConfigKey: "salesforce" },
      { connectionId: at.salesforce?.id },
      { connectionId: at.salesforce?.nangoId },
      { providerConfigKey: "salesforce", connectionId: at.salesforce?.nangoId },
    ]) {
      const { connector, connectionId } = await world.done({ as: ada }, "crm.contact", "list", { params: which });
      expect([connector, connectionId], JSON.stringify(which)).toEqual(["salesforce", at.salesforce?.id]);
      const inData = await world.done({ as: ada }, "crm.contact", "list", { data: which });
      expect(inData.connectionId).toBe(at.salesforce?.id);
    }
  });

  it("is not guessed from two names that differ, or from one that holds no such things", async () => {
    const { code, issues } = (await world.call({ as: ada }, { ...list, params: on("hubspot"), data: on("salesforce") }))
      .json.error;
    expect([code, issues[0].path]).toEqual(["invalid_request", "data.connectionId"]);
    expect(await world.codeOf({ as: ada }, { ...list, params: { providerConfigKey: "twilio" } })).toBe(
      "invalid_request",
    );
    expect(await world.codeOf({ as: ada }, { ...list, params: on("twilio") })).toBe("not_found");
  });

  it("must be made first where there is none", async () => {
    const { status, json } = await world.call({ as: katherine }, list);
    expect([status, json.error.code, json.error.next_step]).toEqual([409, "connection_needed", "connect"]);
  });

  it("is counted as used", async () => {
    const [before] = await world.server.sql`select last_used_at from connections where id = ${at.bamboohr?.id ?? ""}`;
    expect(before?.last_used_at).toBeNull();
    await world.done({ as: ada }, "hr.employee", "list");
    const [after] = await world.server.sql`select last_used_at from connections where id = ${at.bamboohr?.id ?? ""}`;
    expect(after?.last_used_at).not.toBeNull();
  });
});

describe("employees", () => {
  it("are listed in pages, looked up, and added at BambooHR", async () => {
    const first = await world.done({ as: ada }, "hr.employee", "list", { params: { limit: 1 } });
    expect(first.items).toHaveLength(1);
    const rest = await world.done({ as: ada }, "hr.employee", "list", { params: { cursor: first.nextCursor } });
    expect([...first.items, ...rest.items].map(({ workEmail }) => workEmail)).toEqual([
      "ada@acme.test",
      "grace@acme.test",
    ]);
    const { id } = first.items[0];
    const { item } = await world.done({ as: ada }, "hr.employee", "get", { id });
    expect(item).toMatchObject({ id, firstName: "Ada", lastName: "Lovelace", hireDate: "2024-01-08" });
    const joan = { firstName: "Joan", lastName: "Clarke", workEmail: "joan@both.test", hireDate: "2026-12-01" };
    const created = await world.done({ as: ada }, "hr.employee", "create", { data: joan });
    expect(created.item).toMatchObject({ ...joan, id: null, name: "Joan Clarke" });
    expect(await world.records("bamboohr", "employees")).toContainEqual(expect.objectContaining(joan));
  });
});

describe("messages", () => {
  const whatsapp = { phoneNumberId: "106540352242922", to: "+4915112345678" };

  it("reach WhatsApp as text and as template, by the Graph API's version 20.0", async () => {
    const text = await world.done({ as: ada }, "whatsapp.message", "create", {
      data: {
        providerConfigKey: "whatsapp-business",
        ...on("whatsapp-business"),
        ...whatsapp,
        type: "text",
        body: "Grüße",
      },
    });
    expect(text.item).toMatchObject({ to: "4915112345678", body: "Grüße", direction: "out", status: "accepted" });
    const template = {
      name: "order_update",
      language: { code: "de" },
      components: [{ type: "body", parameters: [{ type: "text", text: "7" }] }],
    };
    const sent = await world.done({ as: ada }, "whatsapp.message", "create", {
      data: { ...whatsapp, type: "template", template },
    });
    const kept = await world.records("whatsapp", "messages");
    expect(kept).toMatchObject([
      { id: text.item.id, type: "text", text: { body: "Grüße" }, from: whatsapp.phoneNumberId },
      { id: sent.item.id, type: "template", template },
    ]);
    expect(await world.reached("host=graph.facebook.com&path=/v20.0/")).toHaveLength(2);
  });

  it("reach WhatsApp by another version that is asked for, and by Meta's own host alone", async () => {
    const data = { ...whatsapp, type: "text", body: "Hello", apiVersion: "v22.0" };
    await world.done({ as: ada }, "whatsapp.message", "create", {
      data: { ...data, baseUrlOverride: "https://graph.facebook.com" },
    });
    expect(await world.reached("host=graph.facebook.com&path=/v22.0/106540352242922/messages")).toHaveLength(1);
    const call = { provider: "nango", resource: "whatsapp.message", operation: "create" };
    expect(
      await world.codeOf({ as: ada }, { ...call, data: { ...data, baseUrlOverride: "https://api.twilio.com" } }),
    ).toBe("host_not_allowed");
  });

  it("cannot be listed at WhatsApp, which says so", async () => {
    expect(
      await world.codeOf({ as: ada }, { provider: "nango", resource: "whatsapp.message", operation: "list" }),
    ).toBe("operation_unsupported");
  });

  it("reach Twilio, are looked up there and listed, also under an account that is named", async () => {
    const data = { providerConfigKey: "twilio", from: twilioAccount.phoneNumber, to: "+15005550123" };
    const { item } = await world.done({ as: ada }, "twilio.sms", "create", { data: { ...data, body: "One & two" } });
    expect(item).toMatchObject({ from: data.from, to: data.to, body: "One & two", direction: "out" });
    const named = await world.done({ as: ada }, "twilio.sms", "create", {
      data: { ...data, body: "Three", accountSid: twilioAccount.accountSid },
    });
    const read = await world.done({ as: ada }, "twilio.sms", "get", { id: item.id });
    expect(read.item).toMatchObject({ id: item.id, body: "One & two" });
    const { items } = await world.done({ as: ada }, "twilio.sms", "list", { params: { to: data.to } });
    expect(items.map(({ id }: { id: string }) => id).sort()).toEqual([item.id, named.item.id].sort());
  });

  it("go to a region of Twilio's that is asked for", async () => {
    const data = { from: twilioAccount.phoneNumber, to: "+15005550123", body: "Hello" };
    await world.call(
      { as: ada },
      {
        ...{ provider: "nango", resource: "twilio.sms", operation: "create" },
        data: { ...data, baseUrlOverride: "https://api.dublin.ie1.twilio.com" },
      },
    );
    expect(await world.reached("host=api.dublin.ie1.twilio.com")).toMatchObject([
      { method: "POST", path: `/2010-04-01/Accounts/${twilioAccount.accountSid}/Messages.json` },
    ]);
  });
});

describe("events", () => {
  it("are created, looked up and listed in Google Calendar", async () => {
    const event = {
      title: "Review",
      description: "Of the engine",
      start: "2026-12-01T09:00:00+01:00",
      end: "2026-12-01T10:00:00+01:00",
      attendees: ["grace@acme.test"],
    };
    const { item } = await world.done({ as: ada }, "calendar.event", "create", { data: event });
    expect(item).toMatchObject({ title: "Review", allDay: false, attendees: [{ email: "grace@acme.test" }] });
    const read = await world.done({ as: ada }, "calendar.event", "get", { id: item.id });
    expect(read.item).toMatchObject({ id: item.id, title: "Review", description: "Of the engine" });
    expect(Date.parse(read.item.start)).toBe(Date.parse(event.start));
    const day = { title: "Holiday", start: "2026-12-24", end: "2026-12-25" };
    const whole = await world.done({ as: ada }, "calendar.event", "create", { data: day });
    expect(whole.item).toMatchObject({ ...day, allDay: true });
    const { items } = await world.done({ as: ada }, "calendar.event", "list", {
      params: { from: "2026-11-30T00:00:00Z", until: "2027-01-01T00:00:00Z" },
    });
    expect(items.map(({ title }: { title: string }) => title)).toEqual(expect.arrayContaining(["Review", "Holiday"]));
  });
});
