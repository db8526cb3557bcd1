import "server-only";
import { z } from "zod";
import type { ContactInput } from "@/lib/api/unified-request";
import type { Contact } from "@/lib/api/unified-views";
import { type Adapter, noPlaceFor, path, senseless, unknownThere, withQuery } from "./adapter";
import { fullName, identity, maybeText, present } from "./reading";

/** Addresses and numbers come as a list, one of them marked as the main one. */
const ways = z
  .array(z.object({ value: maybeText, primary: z.boolean().nullish().catch(null) }))
  .catch([])
  .transform((list) =>
    present(
      ...[...list].sort((a, b) => Number(b.primary ?? false) - Number(a.primary ?? false)).map((way) => way.value),
    ),
  );

const recordSchema = z.looseObject({
  id: identity,
  name: maybeText,
  first_name: maybeText,
  last_name: maybeText,
  emails: ways,
  phones: ways,
  job_title: maybeText,
  org_name: maybeText,
  add_time: maybeText,
  update_time: maybeText,
});

const pageSchema = z.object({
  data: z.array(z.unknown()).nullable(),
  additional_data: z.object({ next_cursor: maybeText }).nullish().catch(null),
});
const oneSchema = z.object({ data: z.unknown() });

function toContact(raw: unknown): Contact {
  const { success, data } = recordSchema.safeParse(raw);
  if (!success) throw senseless("Pipedrive: a person without an id");
  return {
    id: data.id,
    firstName: data.first_name,
    lastName: data.last_name,
    name: data.name ?? fullName(data.first_name, data.last_name),
    email: data.emails[0] ?? null,
    emails: data.emails,
    phone: data.phones[0] ?? null,
    phones: data.phones,
    company: data.org_name,
    jobTitle: data.job_title,
    createdAt: data.add_time,
    updatedAt: data.update_time,
    raw,
  };
}

const one = (answer: unknown): Contact => {
  const { success, data } = oneSchema.safeParse(answer);
  if (!success) throw senseless("Pipedrive: an answer without data");
  return toContact(data.data);
};

const main = (value: string | undefined) => (value === undefined ? undefined : [{ value, primary: true }]);

export const pipedriveContacts: Adapter<Contact, ContactInput> = {
  list: async (ask, { limit, cursor }) => {
    const answer = await ask({ method: "GET", endpoint: withQuery("/v2/persons", { limit, cursor }) });
    const { success, data } = pageSchema.safeParse(answer);
    if (!success) throw senseless("Pipedrive: a list without data");
    return { items: (data.data ?? []).map(toContact), nextCursor: data.additional_data?.next_cursor ?? null };
  },
  get: async (ask, id) => {
    if (!/^[0-9]{1,18}$/.test(id)) throw unknownThere();
    return one(await ask({ method: "GET", endpoint: path`/v2/persons/${id}` }));
  },
  create: async (ask, { firstName, lastName, email, phone, company, jobTitle }) => {
    // Both belong to the person's organisation there, or to fields that each account defines itself.
    if (company !== undefined) throw noPlaceFor("company", "Pipedrive");
    if (jobTitle !== undefined) throw noPlaceFor("jobTitle", "Pipedrive");
    const name = fullName(firstName ?? null, lastName ?? null) ?? email;
    const body = { name, emails: main(email), phones: main(phone) };
    return one(await ask({ method: "POST", endpoint: "/v2/persons", body }));
  },
};
