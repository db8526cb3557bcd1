import { operation, runErrors } from "@/lib/api/operation";
import { unifiedRequestSchema } from "@/lib/api/unified-request";
import { unifiedAnswerSchema } from "@/lib/api/unified-views";

/** Contacts, employees, messages and events in one shape each, whichever service holds them. */

export const callUnified = operation({
  id: "callUnified",
  method: "POST",
  path: "/api/integrations/unified",
  tag: "Actions",
  summary: "List, look up or create a contact, employee, message or event in whichever service is connected.",
  description:
    "`provider: nango` uses one of your connections: HubSpot, Salesforce or Pipedrive for `crm.contact`, BambooHR for `hr.employee`, Twilio for `twilio.sms`, WhatsApp Business for `whatsapp.message`, Google Calendar for `calendar.event`. `provider: panora` has contacts and employees. A key needs the scope of the service that is used: `actions:run:<connector>`, or `actions:read:<connector>` to list and look up; through Panora the connector is `panora`.",
  scope: "actions",
  body: unifiedRequestSchema,
  answer: unifiedAnswerSchema,
  errors: ["not_found", "operation_unsupported", "host_not_allowed", "panora_not_configured", ...runErrors],
  idempotent: true,
});
