// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how placeholders look at Nango
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { twilioAccount } from "@/emulators/providers/accounts";
import type { SignedIn } from "@/tests/support/people";
import { openUnifiedWorld, type UnifiedWorld } from "./unified-world";

let world: UnifiedWorld;
let ada: SignedIn;
let grace: SignedIn;
let katherine: SignedIn;
const at: Record<string, { id: string; nangoId: string }> = {};
/** Somebody's server on this machine, which nothing of ours must ever ask. */
let stranger: Server;
let strangerPort = 0;
let strangerAsked = 0;

beforeAll(async () => {
  world = await openUnifiedWorld();
  ada = await world.server.signIn("ada@acme.test", "acme");
  grace = await world.server.signIn("grace@acme.test", "acme");
  katherine = await world.server.signIn("katherine@globex.test", "globex");
  for (const slug of ["hubspot", "twilio", "whatsapp-business", "google-calendar", "bamboohr"])
    at[slug] = await world.connect(ada, slug);
  at.private = await world.connect(ada, "pipedrive", { visibility: "only_me" });
  stranger = createServer((_, response) => {
    strangerAsked += 1;
    response.end("{}");
  });
  stranger.listen(0, "127.0.0.1");
  await once(stranger, "listening");
  strangerPort = (stranger.address() as AddressInfo).port;
});
afterAll(async () => {
  stranger?.close();
  await world?.close();
});

const list = (connectionId: string | undefined) => ({
  ...{ provider: "nango", resource: "crm.contact", operation: "list" },
  params: { connectionId },
});
const withoutRequestId = (text: string) => text.replace(/"request_id":"[^"]+"/, "");

describe("a connection of somebody else", () => {
  it("is answered with the bytes of one that does not exist, by whichever id it is named", async () => {
    const unknown = withoutRequestId((await world.call({ as: katherine }, list(randomUUID()))).text);
    for (const [who, id] of [
      [katherine, at.hubspot?.id],
      [katherine, at.hubspot?.nangoId],
      [katherine, at.private?.id],
      [grace, at.private?.id],
      [grace, at.private?.nangoId],
      [katherine, "no-such-connection"],
      [katherine, "../connections"],
      [katherine, at.hubspot?.id.toUpperCase()],
    ] as const) {
      const { status, text } = await world.call({ as: who }, list(id));
      expect([status, withoutRequestId(text)], String(id)).toEqual([404, unknown]);
    }
    expect(JSON.parse(unknown.replace(/,}/, "}")).error.code).toBe("not_found");
  });

  it("is the same for a key: an organisation's key does not reach what its maker has for themselves", async () => {
    const { key } = await world.keys.made(ada, ["actions:run:*"]);
    expect((await world.call({ key }, list(at.hubspot?.id))).status).toBe(200);
    expect(await world.codeOf({ key }, list(at.private?.id))).toBe("not_found");
    expect(await world.codeOf({ key }, list(at.private?.nangoId))).toBe("not_found");
    expect((await world.call({ as: ada }, list(at.private?.id))).status).toBe(200);
  });

  it("cannot be used by nobody", async () => {
    expect(await world.codeOf({}, list(at.hubspot?.id))).toBe("unauthenticated");
  });
});

describe("a key", () => {
  const create = { lastName: "Clarke", connectionId: undefined as string | undefined };
  const calls: [string, object][] = [
    ["read hubspot", list(undefined)],
    ["run hubspot", { provider: "nango", resource: "crm.contact", operation: "create", data: create }],
    ["read twilio", { provider: "nango", resource: "twilio.sms", operation: "list" }],
    [
      "run twilio",
      {
        ...{ provider: "nango", resource: "twilio.sms", operation: "create" },
        data: { from: twilioAccount.phoneNumber, to: "+15005550124", body: "Hello" },
      },
    ],
  ];

  it.each<[string[], string[]]>([
    [["actions:run:*"], ["read hubspot", "run hubspot", "read twilio", "run twilio"]],
    [["actions:read:*"], ["read hubspot", "read twilio"]],
    [["actions:run:hubspot"], ["read hubspot", "run hubspot"]],
    [["actions:read:hubspot"], ["read hubspot"]],
    [
      ["actions:read:hubspot", "actions:run:twilio"],
      ["read hubspot", "read twilio", "run twilio"],
    ],
    [["actions:run:slack"], []],
    [["connections:read", "connectors:read", "connections:write"], []],
  ])("with %j may do this and nothing else: %j", async (scopes, allowed) => {
    const { key } = await world.keys.made(ada, scopes);
    const may: string[] = [];
    for (const [name, body] of calls) {
      const { status, json, text } = await world.call({ key }, body);
      if (status === 200) may.push(name);
      else expect(json.error.code, `${name}: ${text}`).toBe("insufficient_scope");
    }
    expect(may).toEqual(allowed);
  });
});

describe("a request", () => {
  const contact = { provider: "nango", resource: "crm.contact", operation: "create", data: { lastName: "Clarke" } };
  const whatsapp = {
    ...{ provider: "nango", resource: "whatsapp.message", operation: "create" },
    data: { phoneNumberId: "1", to: "+15005550123", type: "text", body: "x" },
  };

  it("is held to its schema, and told where it does not fit", async () => {
    const { status, json } = await world.call({ as: ada }, { ...contact, data: { ...contact.data, more: 1 } });
    expect([status, json.error.code]).toEqual([400, "invalid_request"]);
    expect(json.error.issues[0].path).toBe("data");
  });

  it("with a placeholder of Nango's in an address goes nowhere, and in a text it stays text", async () => {
    for (const id of ["${accessToken}", "%24%7BaccessToken%7D", "a||b", "$%7BaccessToken}"])
      for (const [resource, slug] of [
        ["crm.contact", "hubspot"],
        ["calendar.event", "google-calendar"],
      ] as const) {
        const body = { provider: "nango", resource, operation: "get", id, params: { connectionId: at[slug]?.id } };
        expect(await world.codeOf({ as: ada }, body), id).toBe("provider_not_found");
      }
    const calendar = { calendarId: "${accessToken}", connectionId: at["google-calendar"]?.id };
    const events = { provider: "nango", resource: "calendar.event", operation: "list", params: calendar };
    expect(await world.codeOf({ as: ada }, events)).toBe("provider_not_found");
    const text = "It costs ${apiKey} or ${5}";
    await world.done({ as: ada }, "whatsapp.message", "create", { data: { ...whatsapp.data, body: text } });
    expect(await world.records("whatsapp", "messages")).toContainEqual(
      expect.objectContaining({ text: { body: text } }),
    );
  });

  it("that is repeated with its key is done once", async () => {
    const headers = { "idempotency-key": randomUUID() };
    const body = { ...contact, data: { lastName: "Once", email: "once@acme.test", connectionId: at.hubspot?.id } };
    const first = await world.call({ as: ada }, body, headers);
    const again = await world.call({ as: ada }, body, headers);
    expect([first.status, again.status, again.text]).toEqual([200, 200, first.text]);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    const kept = await world.records("hubspot", "contacts");
    expect(kept.filter((record) => JSON.stringify(record).includes("once@acme.test"))).toHaveLength(1);
  });
});

describe("another host", () => {
  const hosts = (port: number) => [
    ...["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "0", "127.1", "127.0.1", "2130706433"],
    ...[
      "0x7f000001",
      "0x7f.0.0.1",
      "0177.0.0.1",
      "017700000001",
      "127.0.0.1.",
      "localhost.",
      "[::]",
      "[0:0:0:0:0:0:0:1]",
    ],
    ...[
      "169.254.169.254",
      "[fd00:ec2::254]",
      "metadata.google.internal",
      "100.100.100.200",
      "[::ffff:7f00:1]",
      "[fe80::1]",
      "10.0.0.1",
      "192.168.0.1",
      "172.16.0.1",
    ],
    ...["evil.test", "api.twilio.com.evil.test", "evil.test.api.twilio.com", "graph.facebook.com.evil.test"],
    ...["api.twilio.com@evil.test", "evil.test#api.twilio.com", "evil.test?api.twilio.com", "evil.test/api.twilio.com"],
    ...[
      "api.twilio.com:8443",
      `api.twilio.com:${port}`,
      "api.twilio.com/../",
      "api.twilio.com//evil.test",
      "api.twilio.com%2eevil.test",
    ],
    ...[
      "user:pw@api.twilio.com",
      "api.twilio.com\\@evil.test",
      "api.twilio.com%00.evil.test",
      "api.twilio.com%09",
      "API.TWILIO.COM.evil.test",
    ],
    ...[
      "аpi.twilio.com",
      "api。twilio。com",
      "ⓐpi.twilio.com",
      "api.twilio.com\u2024evil.test",
      "xn--pi-7kc.twilio.com",
    ],
    ...[
      "127.0.0.1:80#@api.twilio.com",
      "127.0.0.1%23@api.twilio.com",
      "localhost%2f@api.twilio.com",
      "::1",
      "127。0。0。1",
      "①②⑦.⓪.⓪.①",
    ],
    ...[
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      `[::1]:${port}`,
      `2130706433:${port}`,
      `0x7f.1:${port}`,
      `127.1:${port}`,
    ],
  ];
  const schemes = [
    "http://",
    "https:/",
    "//",
    "ftp://",
    "file:///",
    "gopher://",
    "javascript:",
    "data:text/plain,",
    "",
  ];

  it("is never asked, however it is written", async () => {
    const names = hosts(strangerPort);
    const urls = [...names.map((host) => `https://${host}`), ...schemes.map((scheme) => `${scheme}api.twilio.com`)];
    urls.push(...names.slice(-6).map((host) => `http://${host}`), "https://", "https://api.twilio.com/v1");
    expect(urls.length).toBeGreaterThanOrEqual(60);
    const before = (await world.reached("")).length;
    const sms = { from: "+15005550006", to: "+15005550123", body: "x" };
    const whatsapp = { phoneNumberId: "1", to: "+15005550123", type: "text", body: "x" };
    for (const [n, url] of urls.entries()) {
      // In turns, each with a host of its own in the address.
      const baseUrlOverride = n % 2 ? url : url.replaceAll("api.twilio.com", "graph.facebook.com");
      const [resource, fields] = n % 2 ? ["twilio.sms", sms] : ["whatsapp.message", whatsapp];
      const body = { provider: "nango", resource, operation: "create", data: { ...fields, baseUrlOverride } };
      const { json } = await world.call({ as: ada }, body);
      expect(["invalid_request", "host_not_allowed"], baseUrlOverride).toContain(json.error?.code);
    }
    expect([(await world.reached("")).length - before, strangerAsked]).toEqual([0, 0]);
  });

  it("is not reached by an id or a calendar's name either", async () => {
    const forms = [
      (host: string) => `//${host}/`,
      (host: string) => `/../../${host}`,
      (host: string) => `https://${host}/`,
    ];
    const names = hosts(strangerPort).map((host, n) => forms[n % forms.length]?.(host) ?? host);
    expect(names.length).toBeGreaterThanOrEqual(60);
    await fetch(`${world.providers.control}/calls`, { method: "DELETE" });
    for (const [n, name] of names.entries()) {
      const contact = { resource: "crm.contact", id: name, params: { connectionId: at.hubspot?.id } };
      const event = {
        ...{ resource: "calendar.event", id: "event1" },
        params: { calendarId: name, connectionId: at["google-calendar"]?.id },
      };
      const body = { provider: "nango", operation: "get", ...(n % 2 ? contact : event) };
      expect([400, 404], name).toContain((await world.call({ as: ada }, body)).status);
    }
    const elsewhere = (await world.reached("")).filter(
      ({ host, path }) =>
        !(host === "api.hubapi.com" && path.startsWith("/crm/v3/objects/contacts/")) &&
        !(host === "www.googleapis.com" && path.startsWith("/calendar/v3/calendars/")),
    );
    expect([elsewhere, strangerAsked]).toEqual([[], 0]);
  });
});
