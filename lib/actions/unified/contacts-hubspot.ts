import "server-only";
import { z } from "zod";
import type { ContactInput } from "@/lib/api/unified-request";
import type { Contact } from "@/lib/api/unified-views";
import { type Adapter, path, senseless, withQuery } from "./adapter";
import { fullName, identity, maybeText, present } from "./reading";

const CONTACTS = "/crm/v3/objects/contacts";
const properties = "email,firstname,lastname,phone,mobilephone,company,jobtitle";

const recordSchema = z.looseObject({
  id: identity,
  properties: z
    .object({
      email: maybeText,
      firstname: maybeText,
      lastname: maybeText,
      phone: maybeText,
      mobilephone: maybeText,
      company: maybeText,
      jobtitle: maybeText,
    })
    .catch({
      ...{
        email: null,
        firstname: null,
        lastname: null,
        phone: null,
        mobilephone: null,
        company: null,
        jobtitle: null,
      },
    }),
  createdAt: maybeText,
  updatedAt: maybeText,
});

const pageSchema = z.object({
  results: z.array(z.unknown()),
  paging: z
    .object({ next: z.object({ after: identity }) })
    .nullish()
    .catch(null),
});

function toContact(raw: unknown): Contact {
  const { success, data } = recordSchema.safeParse(raw);
  if (!success) throw senseless("HubSpot: a contact without an id");
  const { email, firstname, lastname, phone, mobilephone, company, jobtitle } = data.properties;
  return {
    id: data.id,
    firstName: firstname,
    lastName: lastname,
    name: fullName(firstname, lastname),
    email,
    emails: present(email),
    phone: phone ?? mobilephone,
    phones: present(phone, mobilephone),
    company,
    jobTitle: jobtitle,
    createdAt: data.createdAt,
    updatedAt: data.updatedAt,
    raw,
  };
}

export const hubspotContacts: Adapter<Contact, ContactInput> = {
  list: async (ask, { limit, cursor }) => {
    const answer = await ask({ method: "GET", endpoint: withQuery(CONTACTS, { limit, after: cursor, properties }) });
    const { success, data } = pageSchema.safeParse(answer);
    if (!success) throw senseless("HubSpot: a list without results");
    return { items: data.results.map(toContact), nextCursor: data.paging?.next.after ?? null };
  },
  get: async (ask, id) =>
    toContact(await ask({ method: "GET", endpoint: withQuery(path`/crm/v3/objects/contacts/${id}`, { properties }) })),
  create: async (ask, { firstName, lastName, email, phone, company, jobTitle }) =>
    toContact(
      await ask({
        method: "POST",
        endpoint: CONTACTS,
        body: {
          properties: {
            ...(email !== undefined && { email }),
            ...(firstName !== undefined && { firstname: firstName }),
            ...(lastName !== undefined && { lastname: lastName }),
            ...(phone !== undefined && { phone }),
            ...(company !== undefined && { company }),
            ...(jobTitle !== undefined && { jobtitle: jobTitle }),
          },
        },
      }),
    ),
};
