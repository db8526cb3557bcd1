import { z } from "zod";
import { unifiedProviderSchema } from "@/lib/api/unified-request";

/** What the unified endpoint gives: the same fields for a kind of thing, whichever service holds it. Safe in the browser. */

const some = z.string().nullable();
/** The service's own record, as it came. */
const raw = z.unknown().describe("The service's own record, as it came.");

const contactSchema = z
  .object({
    id: z.string(),
    firstName: some,
    lastName: some,
    name: some,
    email: some,
    emails: z.array(z.string()),
    phone: some,
    phones: z.array(z.string()),
    company: some,
    jobTitle: some,
    createdAt: some,
    updatedAt: some,
    raw,
  })
  .meta({ id: "UnifiedContact" });
export type Contact = z.infer<typeof contactSchema>;

const employeeSchema = z
  .object({
    id: some.describe("Null where the service does not tell it after creating."),
    firstName: some,
    lastName: some,
    name: some,
    workEmail: some,
    personalEmail: some,
    phone: some,
    jobTitle: some,
    department: some,
    location: some,
    employeeNumber: some,
    hireDate: some,
    raw,
  })
  .meta({ id: "UnifiedEmployee" });
export type Employee = z.infer<typeof employeeSchema>;

const messageSchema = z
  .object({
    id: z.string(),
    from: some,
    to: some,
    body: some,
    status: some.describe("In the service's own words."),
    direction: z.enum(["in", "out"]),
    createdAt: some,
    raw,
  })
  .meta({ id: "UnifiedMessage" });
export type Message = z.infer<typeof messageSchema>;

const eventSchema = z
  .object({
    id: z.string(),
    title: some,
    description: some,
    location: some,
    start: some,
    end: some,
    allDay: z.boolean(),
    status: some,
    url: some,
    attendees: z.array(z.object({ email: z.string(), status: some })),
    raw,
  })
  .meta({ id: "UnifiedEvent" });
export type CalendarEvent = z.infer<typeof eventSchema>;

const item = z.union([contactSchema, employeeSchema, messageSchema, eventSchema]);
export type UnifiedItem = z.infer<typeof item>;

export const unifiedAnswerSchema = z
  .object({
    success: z.literal(true),
    provider: unifiedProviderSchema,
    resource: z.enum(["crm.contact", "hr.employee", "whatsapp.message", "twilio.sms", "calendar.event"]),
    operation: z.enum(["list", "get", "create"]),
    connector: some.describe("The service that answered; null through Panora."),
    connectionId: z.uuid().nullable(),
    items: z.array(item).optional().describe("Of a list."),
    nextCursor: some.optional().describe("Of a list: where its next page begins; null at the end."),
    item: item.optional().describe("Of a look-up, or what was created."),
  })
  .meta({ id: "UnifiedAnswer" });
export type UnifiedAnswer = z.infer<typeof unifiedAnswerSchema>;
