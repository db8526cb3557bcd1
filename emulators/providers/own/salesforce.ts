import { isRecord, json } from "../wire";
import type { OwnService } from "./own-service";
import type { StoredRecord } from "./records";

const begun = "2026-01-05T09:00:00.000+0000";
const prefixes: Record<string, string> = { Contact: "003", Lead: "00Q", Opportunity: "006", Account: "001" };
const required: Record<string, string[]> = { Contact: ["LastName"], Lead: ["LastName", "Company"], Account: ["Name"] };
const idOf = (object: string, number: number) => `${prefixes[object]}5f0000${String(number).padStart(6, "0")}AAA`;
const person = (FirstName: string, LastName: string, Email: string, number: number) => ({
  ...{ id: idOf("Contact", number), FirstName, LastName, Name: `${FirstName} ${LastName}`, Email, Title: "Engineer" },
  ...{ Account: { Name: "Acme Inc" }, CreatedDate: begun, LastModifiedDate: begun },
});

/** Salesforce's REST API: records of four kinds, and SOQL as far as =, >, LIKE, LIMIT and OFFSET. */
export const salesforce: OwnService = {
  name: "salesforce",
  seed: {
    Contact: [person("Ada", "Lovelace", "ada@acme.test", 1), person("Grace", "Hopper", "grace@acme.test", 2)],
    Account: [{ id: idOf("Account", 1), Name: "Acme Inc" }],
    Opportunity: [{ id: idOf("Opportunity", 1), Name: "Engine", StageName: "Prospecting", Amount: 1000 }],
  },
  answer({ request, sent, path }, account, records) {
    const match = /^\/services\/data\/v\d{2}\.0\/(query|sobjects)(?:\/(\w+))?(?:\/([^/]+))?$/.exec(path);
    if (!match) return null;
    const { method } = request;
    const [, what, object = "", id] = match;
    if (what === "query" && method === "GET" && !object) {
      const soql = sent.params.q ?? "";
      const kind = /\bFROM\s+(\w+)/i.exec(soql)?.[1] ?? "";
      if (!prefixes[kind]) return refusal(400, "MALFORMED_QUERY", "unexpected token");
      const rows = selected(
        records.list("salesforce", account, kind).map((each) => shape(each, kind)),
        soql,
      );
      return json({ totalSize: rows.length, done: true, records: rows });
    }
    if (what !== "sobjects" || !prefixes[object]) return what === "sobjects" ? unknown() : null;
    if (method === "POST" && !id) {
      const fields = isRecord(sent.body) ? sent.body : {};
      const missing = (required[object] ?? []).filter((name) => !fields[name]);
      if (missing.length > 0)
        return refusal(400, "REQUIRED_FIELD_MISSING", `Required fields are missing: [${missing.join(", ")}]`, missing);
      const now = new Date().toISOString().replace("Z", "+0000");
      const name = [fields.FirstName, fields.LastName].filter(Boolean).join(" ");
      const dates = { CreatedDate: now, LastModifiedDate: now };
      const made = records.add(
        "salesforce",
        account,
        object,
        { ...(name && { Name: name }), ...fields, ...dates },
        (n) => idOf(object, n),
      );
      return json({ id: made.id, success: true, errors: [] }, 201);
    }
    const record = id && records.find("salesforce", account, object, id);
    if (!record) return unknown();
    if (method === "GET") return json(shape(record, object));
    if (method !== "PATCH") return null;
    Object.assign(record, isRecord(sent.body) ? sent.body : {}, { id: record.id });
    return new Response(null, { status: 204 });
  },
};

function shape({ id, ...fields }: StoredRecord, object: string) {
  return { attributes: { type: object, url: `/services/data/v62.0/sobjects/${object}/${id}` }, Id: id, ...fields };
}

/** The value at a dotted field name. */
function valueAt(record: Record<string, unknown>, field: string): unknown {
  return field.split(".").reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), record) ?? null;
}

type Row = ReturnType<typeof shape>;

/** What SOQL asks for, of rows that are in the order of their ids. */
function selected(rows: Row[], soql: string): Record<string, unknown>[] {
  const conditions = [...soql.matchAll(/([\w.]+)\s*(=|>|LIKE)\s*'((?:[^'\\]|\\.)*)'/gi)];
  const fits = (row: Row) => {
    const held = conditions.map(([, field = "", operator = "", text = ""]) => {
      const wanted = text.replace(/\\(.)/g, "$1").toLowerCase();
      const has = String(valueAt(row, field) ?? "").toLowerCase();
      if (operator === "=") return has === wanted;
      return operator === ">" ? has > wanted : has.includes(wanted.replaceAll("%", ""));
    });
    return held.length === 0 || (/\sOR\s/i.test(soql) ? held.some(Boolean) : held.every(Boolean));
  };
  const offset = Number(/\bOFFSET\s+(\d+)/i.exec(soql)?.[1] ?? 0);
  const limit = Number(/\bLIMIT\s+(\d+)/i.exec(soql)?.[1] ?? 2000);
  const fields = (/SELECT\s+(.+?)\s+FROM/is.exec(soql)?.[1] ?? "Id").split(/\s*,\s*/);
  return rows
    .filter(fits)
    .slice(offset, offset + limit)
    .map((row) => ({
      attributes: row.attributes,
      // Account.Name comes as { Account: { Name } }.
      ...Object.fromEntries(
        fields.map((field) => field.split(".")[0] as string).map((name) => [name, valueAt(row, name)]),
      ),
    }));
}

const unknown = () => refusal(404, "NOT_FOUND", "The requested resource does not exist");
function refusal(status: number, errorCode: string, message: string, fields: string[] = []): Response {
  return json([{ message, errorCode, fields }], status);
}
