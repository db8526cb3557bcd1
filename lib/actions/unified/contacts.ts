import "server-only";
import type { ContactInput } from "@/lib/api/unified-request";
import type { Contact } from "@/lib/api/unified-views";
import type { Adapter } from "./adapter";
import { hubspotContacts } from "./contacts-hubspot";
import { pipedriveContacts } from "./contacts-pipedrive";
import { salesforceContacts } from "./contacts-salesforce";

/** By connector. */
export const contacts: Record<string, Adapter<Contact, ContactInput>> = {
  hubspot: hubspotContacts,
  salesforce: salesforceContacts,
  pipedrive: pipedriveContacts,
};
