import { randomBytes, randomUUID } from "node:crypto";
import { bearerToken, isRecord, json, listen, readSent } from "../providers/wire";

/**
 * Stands in for Panora's API: contacts and employees behind one key, as far as the unified endpoint asks for them.
 *
 *   GET  /crm/contacts, /hris/employees        ?limit=&cursor=: {data, next_cursor, prev_cursor}, oldest first
 *   GET  /crm/contacts/{id}, …                 one record
 *   POST /crm/contacts, …                      201 and the record
 *
 * As with the real one, a wrong or missing key is 401, an unknown field 400, and a page is fifty records at most.
 */

export type Panora = {
  url: string;
  apiKey: string;
  /** The next calls are answered so. @param times how many of them */
  failWith(status: number, times?: number, headers?: Record<string, string>): void;
  /** What was asked so far: method, path and query. */
  calls: string[];
  close(): Promise<void>;
};

type Row = Record<string, unknown> & { id: string };
type Kind = { rows: Row[]; fields: readonly string[]; required: readonly string[] };

const LONGEST_PAGE = 50;

function row(values: Record<string, unknown>): Row {
  const now = new Date().toISOString();
  return {
    id: randomUUID(),
    remote_id: randomUUID(),
    ...values,
    field_mappings: {},
    created_at: now,
    modified_at: now,
  };
}

const contact = (first: string, last: string, email: string) =>
  row({
    first_name: first,
    last_name: last,
    email_addresses: [{ email_address: email, email_address_type: "WORK" }],
    phone_numbers: [],
  });
const employee = (first: string, last: string, email: string, number: string) =>
  row({ first_name: first, last_name: last, work_email: email, employee_number: number, start_date: "2024-01-08" });

/** People of the demo's company, as its CRM and its HR system would know them. */
const seed = (): Record<string, Kind> => ({
  "/crm/contacts": {
    fields: ["first_name", "last_name", "email_addresses", "phone_numbers", "addresses", "user_id", "field_mappings"],
    required: ["first_name", "last_name"],
    rows: [
      contact("Katherine", "Johnson", "katherine@globex.test"),
      contact("Joan", "Clarke", "joan@both.test"),
      contact("Mary", "Somerville", "mary@nowhere.test"),
    ],
  },
  "/hris/employees": {
    fields: [
      ...["first_name", "last_name", "preferred_name", "display_full_name", "work_email", "personal_email"],
      ...["mobile_phone_number", "employee_number", "start_date", "field_mappings"],
    ],
    required: ["first_name", "last_name"],
    rows: [employee("Ada", "Lovelace", "ada@acme.test", "1"), employee("Grace", "Hopper", "grace@acme.test", "2")],
  },
});

const cursorOf = (id: string) => Buffer.from(id).toString("base64url");

function list({ rows }: Kind, params: Record<string, string>): Response {
  const limit = params.limit === undefined ? LONGEST_PAGE : Number(params.limit);
  if (!Number.isInteger(limit) || limit < 1) return refuse(400, "limit must be a positive number");
  const last = params.cursor ? Buffer.from(params.cursor, "base64url").toString() : null;
  const first = last === null ? 0 : rows.findIndex(({ id }) => id === last) + 1;
  if (last !== null && first === 0) return refuse(400, "the cursor is unknown");
  const page = rows.slice(first, first + Math.min(limit, LONGEST_PAGE));
  const more = first + page.length < rows.length;
  return json({
    prev_cursor: first > 0 ? params.cursor : null,
    next_cursor: more ? cursorOf(page.at(-1)?.id ?? "") : null,
    data: page,
  });
}

function create(kind: Kind, body: unknown): Response {
  if (!isRecord(body)) return refuse(400, "the body must be an object");
  const unknown = Object.keys(body).filter((name) => !kind.fields.includes(name));
  const missing = kind.required.filter((name) => typeof body[name] !== "string");
  if (unknown.length + missing.length > 0) return refuse(400, `check ${[...unknown, ...missing].join(", ")}`);
  const made = row(body);
  kind.rows.push(made);
  return json(made, 201);
}

const refuse = (statusCode: number, message: string) => json({ statusCode, message, error: "refused" }, statusCode);

/** Starts it on 127.0.0.1 with a new key. @param port left out or 0: a free one */
export async function startPanora(port = 0): Promise<Panora> {
  const apiKey = `standin-panora-${randomBytes(12).toString("hex")}`;
  const kinds = seed();
  const calls: string[] = [];
  let failures: { status: number; left: number; headers: Record<string, string> } | undefined;

  const { origin, close } = await listen(async (request) => {
    const { url, params, body } = await readSent(request);
    calls.push(`${request.method} ${url.pathname}${url.search}`);
    if (failures && failures.left > 0) {
      failures.left -= 1;
      return json({ message: "as told" }, failures.status, failures.headers);
    }
    if (bearerToken(request) !== apiKey) return refuse(401, "Unauthorized");
    const [, path = "", id] = /^(\/crm\/contacts|\/hris\/employees)(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
    const kind = kinds[path];
    if (!kind) return refuse(404, `Cannot ${request.method} ${url.pathname}`);
    if (request.method === "POST" && id === undefined) return create(kind, body);
    if (request.method !== "GET") return refuse(404, `Cannot ${request.method} ${url.pathname}`);
    if (id === undefined) return list(kind, params);
    const found = kind.rows.find((each) => each.id === id);
    return found ? json(found) : refuse(404, "Not found");
  }, port);

  return {
    url: origin,
    apiKey,
    calls,
    failWith: (status, times = 1, headers = {}) => {
      failures = { status, left: times, headers };
    },
    close,
  };
}
