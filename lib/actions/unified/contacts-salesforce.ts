import "server-only";
import { z } from "zod";
import type { ContactInput } from "@/lib/api/unified-request";
import type { Contact } from "@/lib/api/unified-views";
import { AppError } from "@/lib/errors";
import { type Adapter, noPlaceFor, path, senseless, unknownThere, withQuery } from "./adapter";
import { fullName, identity, maybeText, present } from "./reading";

const DATA = "/services/data/v62.0";
const fields =
  "Id, FirstName, LastName, Name, Email, Phone, MobilePhone, Title, Account.Name, CreatedDate, LastModifiedDate";

/** Salesforce's ids have fifteen or eighteen letters and digits. Nothing else ever stands in a query of ours. */
const idPattern = /^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/;

const recordSchema = z.looseObject({
  Id: identity,
  FirstName: maybeText,
  LastName: maybeText,
  Name: maybeText,
  Email: maybeText,
  Phone: maybeText,
  MobilePhone: maybeText,
  Title: maybeText,
  Account: z.object({ Name: maybeText }).nullish().catch(null),
  CreatedDate: maybeText,
  LastModifiedDate: maybeText,
});

const pageSchema = z.object({ records: z.array(z.unknown()) });
const createdSchema = z.object({ id: identity });

function toContact(raw: unknown): Contact {
  const { success, data } = recordSchema.safeParse(raw);
  if (!success) throw senseless("Salesforce: a contact without an id");
  return {
    id: data.Id,
    firstName: data.FirstName,
    lastName: data.LastName,
    name: data.Name ?? fullName(data.FirstName, data.LastName),
    email: data.Email,
    emails: present(data.Email),
    phone: data.Phone ?? data.MobilePhone,
    phones: present(data.Phone, data.MobilePhone),
    company: data.Account?.Name ?? null,
    jobTitle: data.Title,
    createdAt: data.CreatedDate,
    updatedAt: data.LastModifiedDate,
    raw,
  };
}

export const salesforceContacts: Adapter<Contact, ContactInput> = {
  // Page by page along the ids: an offset ends at two thousand, and a locator within two days.
  list: async (ask, { limit, cursor }) => {
    if (cursor !== undefined && !idPattern.test(cursor)) throw new AppError("invalid_request");
    const after = cursor === undefined ? "" : ` WHERE Id > '${cursor}'`;
    const q = `SELECT ${fields} FROM Contact${after} ORDER BY Id LIMIT ${limit + 1}`;
    const answer = await ask({ method: "GET", endpoint: withQuery(`${DATA}/query`, { q }) });
    const { success, data } = pageSchema.safeParse(answer);
    if (!success) throw senseless("Salesforce: a query without records");
    const items = data.records.slice(0, limit).map(toContact);
    return { items, nextCursor: data.records.length > limit ? (items.at(-1)?.id ?? null) : null };
  },
  get: async (ask, id) => {
    if (!idPattern.test(id)) throw unknownThere();
    return toContact(await ask({ method: "GET", endpoint: path`/services/data/v62.0/sobjects/Contact/${id}` }));
  },
  create: async (ask, { firstName, lastName, email, phone, company, jobTitle }) => {
    // A contact's company is another record there, which a name does not identify.
    if (company !== undefined) throw noPlaceFor("company", "Salesforce");
    const record = {
      // The one field that it must have.
      LastName: lastName ?? firstName ?? email,
      ...(lastName !== undefined && firstName !== undefined && { FirstName: firstName }),
      ...(email !== undefined && { Email: email }),
      ...(phone !== undefined && { Phone: phone }),
      ...(jobTitle !== undefined && { Title: jobTitle }),
    };
    const answer = await ask({ method: "POST", endpoint: `${DATA}/sobjects/Contact`, body: record });
    const { success, data } = createdSchema.safeParse(answer);
    if (!success) throw senseless("Salesforce: created without an id");
    return { ...toContact({ Id: data.id, ...record }), raw: answer };
  },
};
