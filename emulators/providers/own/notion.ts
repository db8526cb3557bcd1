import { randomUUID } from "node:crypto";
import { isRecord, json } from "../wire";
import type { OwnService } from "./own-service";
import type { StoredRecord } from "./records";

const begun = "2026-01-05T09:00:00.000Z";
const text = (content: string) => [{ type: "text", text: { content }, plain_text: content }];
const homeId = "5ad1e000-0000-4000-8000-000000000001";
const tasksId = "5ad1e000-0000-4000-8000-000000000002";
const times = { created_time: begun, last_edited_time: begun };

/** Notion: search, pages, their content, one database, comments. */
export const notion: OwnService = {
  name: "notion",
  seed: {
    pages: [
      {
        ...{ object: "page", id: homeId, ...times, archived: false, parent: { type: "workspace", workspace: true } },
        ...{
          url: `https://www.notion.so/${homeId}`,
          properties: { title: { type: "title", title: text("Acme handbook") } },
        },
      },
    ],
    databases: [{ object: "database", id: tasksId, ...times, title: text("Tasks"), properties: {} }],
    blocks: [
      {
        ...{ object: "block", id: randomUUID(), in: homeId, type: "paragraph", ...times },
        paragraph: { rich_text: text("How we work.") },
      },
    ],
  },
  answer({ request: { method }, sent, host, path }, account, records) {
    if (host !== "api.notion.com") return null;
    const of = (kind: string) => records.list("notion", account, kind);
    const add = (kind: string, fields: Record<string, unknown>) => {
      const now = new Date().toISOString();
      return records.add("notion", account, kind, { created_time: now, last_edited_time: now, ...fields }, () =>
        randomUUID(),
      );
    };
    const body = isRecord(sent.body) ? sent.body : {};
    const children = (parent: string) => {
      for (const block of Array.isArray(body.children) ? body.children.filter(isRecord) : [])
        add("blocks", { object: "block", ...block, in: parent });
    };
    const route = `${method} ${path}`;
    if (route === "POST /v1/search") {
      const words = typeof body.query === "string" ? body.query.toLowerCase() : "";
      const kind = isRecord(body.filter) ? body.filter.value : null;
      const all = [...of("pages"), ...of("databases")].filter(({ object }) => kind === null || object === kind);
      return json(list(all.filter((one) => titleOf(one).includes(words))));
    }
    if (route === "POST /v1/pages") {
      const parent = isRecord(body.parent) ? body.parent : {};
      const above = of(parent.database_id ? "databases" : "pages");
      if (!above.some(({ id }) => id === (parent.database_id ?? parent.page_id))) return unknown("page");
      const page = add("pages", { object: "page", archived: false, parent, properties: body.properties ?? {} });
      page.url = `https://www.notion.so/${page.id}`;
      children(page.id);
      return json(page);
    }
    if (route === "POST /v1/comments") {
      const parent = isRecord(body.parent) ? body.parent : {};
      if (!of("pages").some(({ id }) => id === parent.page_id)) return unknown("page");
      return json(add("comments", { object: "comment", parent, rich_text: body.rich_text }));
    }
    const match = /^\/v1\/(pages|blocks|databases)\/([^/]+)(?:\/(children|query))?$/.exec(path);
    if (!match) return null;
    const [, kind = "", id = "", what] = match;
    if (kind === "databases" && what === "query" && method === "POST") {
      if (!of("databases").some((one) => one.id === id)) return unknown("database");
      return json(list(of("pages").filter(({ parent }) => isRecord(parent) && parent.database_id === id)));
    }
    if (kind === "blocks" && what === "children") {
      if (![...of("pages"), ...of("blocks")].some((one) => one.id === id)) return unknown("block");
      if (method === "PATCH") children(id);
      return json(list(of("blocks").filter((block) => block.in === id)));
    }
    const page = of("pages").find((one) => one.id === id);
    if (kind !== "pages" || !page) return unknown("page");
    if (method === "PATCH") {
      page.properties = { ...(page.properties as object), ...(isRecord(body.properties) ? body.properties : {}) };
      if (typeof body.archived === "boolean") page.archived = body.archived;
    }
    return method === "GET" || method === "PATCH" ? json(page) : null;
  },
};

/** All the text of its title, in small letters. */
const titleOf = (one: StoredRecord) => JSON.stringify(one.title ?? one.properties).toLowerCase();

const list = (results: StoredRecord[]) => ({
  object: "list",
  results,
  next_cursor: null,
  has_more: false,
  type: "page_or_database",
});

function unknown(what: string): Response {
  const message = `Could not find ${what}. Make sure the relevant pages and databases are shared with your integration.`;
  return json({ object: "error", status: 404, code: "object_not_found", message }, 404);
}
