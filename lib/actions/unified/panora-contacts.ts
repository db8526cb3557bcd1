import "server-only";
import { z } from "zod";
import type { ContactInput } from "@/lib/api/unified-request";
import type { Contact } from "@/lib/api/unified-views";
import { type Adapter, noPlaceFor, path, senseless, withQuery } from "./adapter";
import { panoraPage, panoraRecord } from "./panora-page";
import { fullName, identity, maybeText, present } from "./reading";

const emails = z.array(z.object({ email_address: maybeText })).catch([]);
const phones = z.array(z.object({ phone_number: maybeText })).catch([]);

const recordSchema = z.looseObject({
  id: identity,
  first_name: maybeText,
  last_name: maybeText,
  email_addresses: emails,
  phone_numbers: phones,
  created_at: maybeText,
  modified_at: maybeText,
});

function toContact(raw: unknown): Contact {
  const { success, data } = recordSchema.safeParse(raw);
  if (!success) throw senseless("Panora: a contact without an id");
  const addresses = present(...data.email_addresses.map((each) => each.email_address));
  const numbers = present(...data.phone_numbers.map((each) => each.phone_number));
  return {
    id: data.id,
    firstName: data.first_name,
    lastName: data.last_name,
    name: fullName(data.first_name, data.last_name),
    email: addresses[0] ?? null,
    emails: addresses,
    phone: numbers[0] ?? null,
    phones: numbers,
    // Panora's contacts have neither.
    company: null,
    jobTitle: null,
    createdAt: data.created_at,
    updatedAt: data.modified_at,
    raw,
  };
}

export const panoraContacts: Adapter<Contact, ContactInput> = {
  list: async (ask, { limit, cursor }) =>
    panoraPage(await ask({ method: "GET", endpoint: withQuery("/crm/contacts", { limit, cursor }) }), toContact),
  get: async (ask, id) => toContact(panoraRecord(await ask({ method: "GET", endpoint: path`/crm/contacts/${id}` }))),
  create: async (ask, { firstName, lastName, email, phone, company, jobTitle }) => {
    if (company !== undefined) throw noPlaceFor("company", "Panora");
    if (jobTitle !== undefined) throw noPlaceFor("jobTitle", "Panora");
    const body = {
      first_name: firstName ?? "",
      last_name: lastName ?? "",
      ...(email !== undefined && { email_addresses: [{ email_address: email, email_address_type: "WORK" }] }),
      ...(phone !== undefined && { phone_numbers: [{ phone_number: phone, phone_type: "WORK" }] }),
    };
    return toContact(panoraRecord(await ask({ method: "POST", endpoint: "/crm/contacts", body })));
  },
};
