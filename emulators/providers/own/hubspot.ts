import { isRecord, json } from "../wire";
import type { OwnService } from "./own-service";
import type { StoredRecord } from "./records";

type Properties = Record<string, string | null>;

const begun = "2026-01-05T09:00:00.000Z";
const contact = (firstname: string, lastname: string, email: string) => ({
  properties: { firstname, lastname, email, company: "Acme Inc", createdate: begun, lastmodifieddate: begun },
  createdAt: begun,
  updatedAt: begun,
  archived: false,
});

/** HubSpot's CRM objects: list, search, read, create and change contacts, companies and deals; owners. */
export const hubspot: OwnService = {
  name: "hubspot",
  seed: {
    contacts: [contact("Ada", "Lovelace", "ada@acme.test"), contact("Grace", "Hopper", "grace@acme.test")],
    companies: [
      { properties: { name: "Acme Inc", domain: "acme.test" }, createdAt: begun, updatedAt: begun, archived: false },
    ],
    owners: [{ email: "ada@acme.test", firstName: "Ada", lastName: "Lovelace", userId: 1, archived: false }],
  },
  answer({ request: { method }, sent, host, path }, account, records) {
    if (host !== "api.hubapi.com") return null;
    if (path === "/crm/v3/owners" && method === "GET")
      return json(page(records.list("hubspot", account, "owners"), sent.params));
    const match = /^\/crm\/v3\/objects\/(contacts|companies|deals)(?:\/([^/]+))?$/.exec(path);
    if (!match) return null;
    const [, kind = "", id] = match;
    const all = records.list("hubspot", account, kind);
    const body = isRecord(sent.body) ? sent.body : {};
    if (method === "POST" && id === "search") return json(search(all, body));
    if (method === "GET" && !id)
      return json(
        page(
          all.map((one) => shown(one, sent.params.properties)),
          sent.params,
        ),
      );
    if (method === "POST" && !id) {
      const properties = propertiesIn(body);
      if (!properties) return refusal(400, "VALIDATION_ERROR", "Invalid input JSON: properties must be an object");
      const same = properties.email && all.find((one) => propertiesOf(one).email === properties.email);
      if (kind === "contacts" && same)
        return refusal(409, "CONFLICT", `Contact already exists. Existing ID: ${same.id}`);
      const now = new Date().toISOString();
      const fields = { properties: { ...properties, createdate: now, lastmodifieddate: now } };
      return json(
        records.add("hubspot", account, kind, { ...fields, createdAt: now, updatedAt: now, archived: false }),
        201,
      );
    }
    const property = sent.params.idProperty;
    const name = decodeURIComponent(id ?? "");
    const found = all.find((one) => (property ? propertiesOf(one)[property] === name : one.id === name));
    if (!found) return refusal(404, "OBJECT_NOT_FOUND", "resource not found");
    if (method === "GET") return json(shown(found, sent.params.properties));
    if (method !== "PATCH") return null;
    const changes = propertiesIn(body);
    if (!changes) return refusal(400, "VALIDATION_ERROR", "Invalid input JSON: properties must be an object");
    Object.assign(propertiesOf(found), changes);
    found.updatedAt = new Date().toISOString();
    return json(found);
  },
};

const propertiesOf = (record: StoredRecord): Properties => record.properties as Properties;
const propertiesIn = (body: Record<string, unknown>): Properties | null =>
  isRecord(body.properties) ? (body.properties as Properties) : null;

/** Only the properties that were asked for, as HubSpot has it; without a wish its usual ones. */
function shown(record: StoredRecord, wanted: unknown): StoredRecord {
  const names = typeof wanted === "string" && wanted ? wanted.split(",") : null;
  if (!names) return record;
  const properties = propertiesOf(record);
  return { ...record, properties: Object.fromEntries(names.map((name) => [name, properties[name] ?? null])) };
}

function page(all: StoredRecord[], { limit, after }: { limit?: string; after?: string }) {
  const size = Math.min(Number(limit ?? 10) || 10, 100);
  const from = Number(after ?? 0) || 0;
  const more = from + size < all.length;
  return { results: all.slice(from, from + size), ...(more && { paging: { next: { after: String(from + size) } } }) };
}

type Filter = { propertyName?: string; operator?: string; value?: string };

function search(all: StoredRecord[], body: Record<string, unknown>) {
  const words = typeof body.query === "string" ? body.query.toLowerCase() : "";
  const groups = (Array.isArray(body.filterGroups) ? body.filterGroups : []) as { filters?: Filter[] }[];
  const found = all.filter((one) => {
    const properties = propertiesOf(one);
    const said = Object.values(properties).join(" ").toLowerCase();
    const fits = ({ propertyName = "", operator, value = "" }: Filter) => {
      const has = properties[propertyName] ?? "";
      if (operator === "EQ") return has === value;
      if (operator === "HAS_PROPERTY") return has !== "";
      return has.toLowerCase().includes(value.toLowerCase());
    };
    return said.includes(words) && (groups.length === 0 || groups.some(({ filters = [] }) => filters.every(fits)));
  });
  const wanted = Array.isArray(body.properties) ? body.properties.join(",") : undefined;
  const { limit, after } = body;
  const asked = {
    ...(limit !== undefined && { limit: String(limit) }),
    ...(after !== undefined && { after: String(after) }),
  };
  return {
    total: found.length,
    ...page(
      found.map((one) => shown(one, wanted)),
      asked,
    ),
  };
}

function refusal(status: number, category: string, message: string): Response {
  return json({ status: "error", message, correlationId: "5ad1e000-0000-4000-8000-000000000000", category }, status);
}
