import { describe, expect, it } from "vitest";
import { unifiedRequestSchema } from "./unified-request";

const contact = { provider: "nango", resource: "crm.contact", operation: "create", data: { lastName: "Clarke" } };
const sms = {
  ...{ provider: "nango", resource: "twilio.sms", operation: "create" },
  data: { from: "+15005550006", to: "+15005550123", body: "x" },
};
const whatsapp = {
  ...{ provider: "nango", resource: "whatsapp.message", operation: "create" },
  data: { phoneNumberId: "1", to: "+15005550123", type: "text", body: "x" },
};

describe("a unified request", () => {
  it.each<[string, object]>([
    ["a contact", contact],
    ["a contact of an address alone", { ...contact, data: { email: "clarke@both.test" } }],
    ["a list", { ...contact, operation: "list", data: undefined }],
    [
      "a list that names its connection twice over",
      { ...contact, operation: "list", data: { connectionId: "x" }, params: { limit: 1 } },
    ],
    ["a look-up", { ...contact, operation: "get", data: undefined, id: "1" }],
    [
      "an SMS",
      {
        ...sms,
        data: { ...sms.data, providerConfigKey: "twilio", connectionId: "x", accountSid: `AC${"0".repeat(32)}` },
      },
    ],
    [
      "a WhatsApp text",
      { ...whatsapp, data: { ...whatsapp.data, apiVersion: "v20.0", baseUrlOverride: "https://graph.facebook.com" } },
    ],
    [
      "a WhatsApp template",
      {
        ...whatsapp,
        data: {
          ...{ phoneNumberId: "1", to: "+15005550123", type: "template" },
          template: {
            name: "hello_world",
            language: { code: "en_US" },
            components: [{ type: "body", parameters: [] }],
          },
        },
      },
    ],
    [
      "an event",
      { ...contact, resource: "calendar.event", data: { title: "x", start: "2026-12-24", end: "2026-12-25" } },
    ],
  ])("may be %s", (_, body) => {
    expect(unifiedRequestSchema.safeParse(JSON.parse(JSON.stringify(body))).error).toBeUndefined();
  });

  it.each<[string, object]>([
    ["an unknown field", { ...contact, more: 1 }],
    ["an unknown field of its data", { ...contact, data: { ...contact.data, more: 1 } }],
    ["a field of another resource", { ...contact, data: { ...contact.data, phoneNumberId: "1" } }],
    ["an unknown provider", { ...contact, provider: "merge" }],
    ["an unknown resource", { ...contact, resource: "crm.deal" }],
    ["an unknown operation", { ...contact, operation: "delete" }],
    ["a look-up without an id", { ...contact, operation: "get", data: undefined }],
    ["a look-up with an empty id", { ...contact, operation: "get", data: undefined, id: " " }],
    ["a list with an id", { ...contact, operation: "list", data: undefined, id: "1" }],
    ["a creation without data", { ...contact, data: undefined }],
    ["a creation with an id", { ...contact, id: "1" }],
    ["a contact without a name", { ...contact, data: { phone: "1" } }],
    ["a contact with an address that is none", { ...contact, data: { email: "clarke" } }],
    ["an employee without a last name", { ...contact, resource: "hr.employee", data: { firstName: "Joan" } }],
    ["a page of nothing", { ...contact, operation: "list", data: undefined, params: { limit: 0 } }],
    ["a page of too much", { ...contact, operation: "list", data: undefined, params: { limit: 101 } }],
    ["a cursor that leaves its place", { ...contact, operation: "list", data: undefined, params: { cursor: "a&b=1" } }],
    ["an SMS without a text", { ...sms, data: { ...sms.data, body: undefined } }],
    ["an SMS to no number", { ...sms, data: { ...sms.data, to: "Grace" } }],
    ["an account that is none", { ...sms, data: { ...sms.data, accountSid: "AC/../x" } }],
    ["a WhatsApp message of no type", { ...whatsapp, data: { ...whatsapp.data, type: undefined } }],
    ["a template without one", { ...whatsapp, data: { ...whatsapp.data, type: "template" } }],
    ["a number's id that is none", { ...whatsapp, data: { ...whatsapp.data, phoneNumberId: "1/../2" } }],
    ["a version that is none", { ...whatsapp, data: { ...whatsapp.data, apiVersion: "v20.0/../x" } }],
    [
      "an event that begins at no time",
      { ...contact, resource: "calendar.event", data: { title: "x", start: "now", end: "then" } },
    ],
  ])("with %s is refused", (_, body) => {
    expect(unifiedRequestSchema.safeParse(JSON.parse(JSON.stringify(body))).success).toBe(false);
  });
});
