import { z } from "zod";
import { jsonSchema } from "@/lib/api/json";

/** What the unified endpoint takes: one shape per kind of thing, whichever service it is in. Safe in the browser. */

const text = (longest: number) => z.string().trim().min(1).max(longest);

/** Which connection it is about. Left out: the default of the connected service, or the only one. */
const which = {
  providerConfigKey: text(255).optional().describe("The integration's key, to name the service."),
  connectionId: text(255).optional().describe("One of your connections: its id here, or the one at Nango."),
};

/** A page. */
const page = {
  limit: z.number().int().min(1).max(100).optional().describe("How many to return; 25 when left out."),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9+/=_.:~-]{1,500}$/)
    .optional()
    .describe("`nextCursor` of the page before."),
};

const phone = z
  .string()
  .regex(/^\+?[0-9]{3,20}$/)
  .describe("With country code, such as +4915112345678.");
const day = z.iso.date();

const contactData = z
  .strictObject({
    ...which,
    firstName: text(200).optional(),
    lastName: text(200).optional(),
    email: z.email().max(254).optional(),
    phone: text(50).optional(),
    company: text(200).optional(),
    jobTitle: text(200).optional(),
  })
  .refine(({ firstName, lastName, email }) => firstName ?? lastName ?? email, "needs a name or an e-mail address");

const employeeData = z.strictObject({
  ...which,
  firstName: text(200),
  lastName: text(200),
  workEmail: z.email().max(254).optional(),
  personalEmail: z.email().max(254).optional(),
  phone: text(50).optional(),
  jobTitle: text(200).optional(),
  department: text(200).optional(),
  location: text(200).optional(),
  employeeNumber: text(50).optional(),
  hireDate: day.optional(),
});

const accountSid = z
  .string()
  .regex(/^AC[0-9a-fA-F]{32}$/)
  .optional()
  .describe("A subaccount; the account that is connected when left out.");

const smsData = z.strictObject({
  ...which,
  from: z
    .string()
    .regex(/^(\+?[0-9]{3,20}|[A-Za-z0-9 ]{1,11}|MG[0-9a-fA-F]{32})$/)
    .describe("A number of yours, a sender's name, or a messaging service (MG…)."),
  to: phone,
  body: text(1600),
  accountSid,
  baseUrlOverride: z.url().max(255).optional().describe("Another of Twilio's own hosts, such as a region's."),
});

const whatsappFields = {
  ...which,
  phoneNumberId: z
    .string()
    .regex(/^[0-9]{1,20}$/)
    .describe("The id of your number, from WhatsApp Manager."),
  to: phone,
  apiVersion: z
    .string()
    .regex(/^v[0-9]{1,3}\.[0-9]$/)
    .optional()
    .describe("Version of the Graph API; v20.0 when left out."),
  baseUrlOverride: z.url().max(255).optional().describe("Another of Meta's own hosts."),
};
const whatsappData = z.discriminatedUnion("type", [
  z.strictObject({
    ...whatsappFields,
    type: z.literal("text"),
    body: text(4096),
  }),
  z.strictObject({
    ...whatsappFields,
    type: z.literal("template"),
    template: z.strictObject({
      name: z.string().regex(/^[a-z0-9_]{1,512}$/),
      language: z.strictObject({ code: z.string().regex(/^[A-Za-z]{2,3}(_[A-Za-z0-9]{2,4})?$/) }),
      components: z.array(z.record(z.string(), jsonSchema)).max(20).optional(),
    }),
  }),
]);

const moment = z.union([z.iso.datetime({ offset: true }), day]);
const calendarId = text(254).optional().describe("The calendar; the main one when left out.");
const eventData = z.strictObject({
  ...which,
  calendarId,
  title: text(500),
  description: text(8000).optional(),
  location: text(500).optional(),
  start: moment.describe("A time with its offset, or a day for an event of whole days."),
  end: moment.describe("As start; a day here is the first one after the event."),
  timeZone: z
    .string()
    .regex(/^[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*$/)
    .max(60)
    .optional(),
  attendees: z.array(z.email().max(254)).max(200).optional(),
});

/** Who asks the services. */
export const unifiedProviderSchema = z.enum(["nango", "panora"]);
const provider = unifiedProviderSchema;
const choice = z.strictObject(which);
const id = text(1024).describe("As the service itself names it.");

/** The three things that can be done with a resource. `data` of a list or a look-up may name the connection, nothing else. */
function calls<R extends string, D extends z.ZodType, P extends z.ZodRawShape>(name: R, data: D, params: P) {
  const resource = z.literal(name);
  return z.discriminatedUnion("operation", [
    z.strictObject({
      ...{ provider, resource, operation: z.literal("list") },
      params: z.strictObject({ ...which, ...page, ...params }).optional(),
      data: choice.optional(),
    }),
    z.strictObject({
      ...{ provider, resource, operation: z.literal("get") },
      id,
      params: z.strictObject({ ...which, ...params }).optional(),
      data: choice.optional(),
    }),
    z.strictObject({ ...{ provider, resource, operation: z.literal("create") }, params: choice.optional(), data }),
  ]);
}

export const unifiedRequestSchema = z.discriminatedUnion("resource", [
  calls("crm.contact", contactData, {}),
  calls("hr.employee", employeeData, {}),
  calls("whatsapp.message", whatsappData, {}),
  calls("twilio.sms", smsData, { to: phone.optional(), from: phone.optional(), accountSid }),
  calls("calendar.event", eventData, {
    calendarId,
    from: z.iso.datetime({ offset: true }).optional().describe("Only events that end after this time."),
    until: z.iso.datetime({ offset: true }).optional().describe("Only events that begin before this time."),
  }),
]);
export type UnifiedRequest = z.output<typeof unifiedRequestSchema>;

/** What is created, with how its connection is named. */
export type ContactInput = z.output<typeof contactData>;
export type EmployeeInput = z.output<typeof employeeData>;
export type SmsInput = z.output<typeof smsData>;
export type WhatsappInput = z.output<typeof whatsappData>;
export type EventInput = z.output<typeof eventData>;
