import { isRecord, json } from "../wire";
import type { OwnService } from "./own-service";
import type { StoredRecord } from "./records";

const begun = "2026-01-05T09:00:00Z";
const person = (first_name: string, last_name: string, email: string) => ({
  ...{ name: `${first_name} ${last_name}`, first_name, last_name, job_title: "Engineer", org_id: null },
  ...{ emails: [{ value: email, primary: true, label: "work" }], phones: [], add_time: begun, update_time: begun },
});
const required: Record<string, string> = { persons: "name", deals: "title", activities: "subject" };

/** Pipedrive's second API: persons, deals and activities. Ids are numbers. */
export const pipedrive: OwnService = {
  name: "pipedrive",
  seed: {
    persons: [person("Ada", "Lovelace", "ada@acme.test"), person("Grace", "Hopper", "grace@acme.test")],
    deals: [
      { title: "Engine", value: 1000, currency: "EUR", status: "open", owner_id: 1, person_id: 1, add_time: begun },
    ],
  },
  answer({ request: { method }, sent, path }, account, records) {
    const match = /^\/api\/v2\/(persons|deals|activities)(?:\/([^/]+))?$/.exec(path);
    if (!match) return null;
    const [, kind = "", id] = match;
    const all = records.list("pipedrive", account, kind);
    const { params } = sent;
    if (method === "GET" && id === "search") {
      const term = (params.term ?? "").toLowerCase();
      if (term.length < 2) return refusal(400, "term must be at least 2 characters long");
      const items = all.filter((one) => JSON.stringify(one).toLowerCase().includes(term));
      return json({
        success: true,
        data: { items: items.map((one) => ({ result_score: 1, item: found(one) })) },
        additional_data: { next_cursor: null },
      });
    }
    if (method === "GET" && !id) {
      const wanted = all.filter((one) =>
        ["status", "owner_id", "person_id"].every((name) => !params[name] || String(one[name]) === params[name]),
      );
      const size = Math.min(Number(params.limit ?? 100) || 100, 500);
      const from = params.cursor ? Number(Buffer.from(params.cursor, "base64url").toString()) || 0 : 0;
      const more = from + size < wanted.length;
      const next = more ? Buffer.from(String(from + size)).toString("base64url") : null;
      return json({
        success: true,
        data: wanted.slice(from, from + size).map(shape),
        additional_data: { next_cursor: next },
      });
    }
    if (method === "POST" && !id) {
      const fields = isRecord(sent.body) ? sent.body : {};
      const name = required[kind] ?? "";
      if (typeof fields[name] !== "string") return refusal(400, `Validation failed: ${name}: Required`);
      const now = new Date().toISOString().replace(/\.\d+/, "");
      const [first_name, ...rest] = String(fields.name ?? "").split(" ");
      const parts = kind === "persons" ? { first_name, last_name: rest.join(" ") || null, emails: [], phones: [] } : {};
      const made = records.add("pipedrive", account, kind, { ...parts, ...fields, add_time: now, update_time: now });
      return json({ success: true, data: shape(made) }, 201);
    }
    const one = all.find((each) => each.id === id);
    if (!one) return refusal(404, "Entity was not found");
    return method === "GET" ? json({ success: true, data: shape(one) }) : null;
  },
};

const shape = (record: StoredRecord) => ({ ...record, id: Number(record.id) });

/** As a search has it: addresses and numbers are plain texts there. */
function found(record: StoredRecord) {
  const texts = (list: unknown) =>
    Array.isArray(list) ? list.map((each) => (isRecord(each) ? each.value : each)) : [];
  return { ...shape(record), type: "person", emails: texts(record.emails), phones: texts(record.phones) };
}

function refusal(status: number, error: string): Response {
  return json({ success: false, error, error_info: "Please check developers.pipedrive.com", data: null }, status);
}
