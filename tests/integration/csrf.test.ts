import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { POST as makeSession } from "@/app/api/v1/connect-sessions/route";
import { notAllowed, notFound } from "@/lib/http";
import { refuseMethod } from "@/lib/tools/mcp-door";
import { keysOf } from "@/tests/support/api-keys";
import { eventually } from "@/tests/support/eventually";
import { journeyOf } from "@/tests/support/journey";
import { linksOf } from "@/tests/support/links";
import type { SignedIn } from "@/tests/support/people";
import { APP_URL, type Server, startServer } from "@/tests/support/server";

type Handler = (request: Request, context?: { params: Promise<Record<string, string>> }) => Promise<Response>;
type Route = { name: string; method: string; path: string; handler: Handler };
/** What a right request holds. */
type Line = { params?: Record<string, string>; body?: object };

const root = fileURLToPath(new URL("../..", import.meta.url));
let server: Server;
let ada: SignedIn;
let routes: Route[];
/** Every change that a cookie authenticates. A route without a line here, or below, fails. */
let lines: Record<string, Line>;
/** Every read. Cron's, which a bearer secret authenticates, do what they are asked for; a cookie does not open them. */
let reads: Record<string, Line>;

/** Changes that something else than a cookie authenticates: a signature over the body, a bearer secret, or a key. */
const notByCookie = [
  "POST /api/webhooks/nango",
  "POST /api/webhooks/clerk",
  "POST /api/cron/jobs",
  "POST /api/cron/reconcile",
  "GET /api/cron/jobs",
  "GET /api/cron/reconcile",
  "POST /api/mcp",
];
/** Bound by state and code, which only whoever began it and whoever finished it have. */
const boundByState = ["GET /api/v1/connectors/[slug]/callback"];
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

const refusals: Handler[] = [notAllowed, notFound, refuseMethod];

/** What app/api serves, read from the folder; what only says "no such method" or "no such thing" is left out. */
async function servedRoutes(): Promise<Route[]> {
  const folder = join(root, "app/api");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith("route.ts"));
  const found = await Promise.all(
    files.map(async (file) => {
      const module = (await import(join(folder, file))) as Record<string, Handler | undefined>;
      const path = `/api/${file.replace(/\/?route\.ts$/, "")}`;
      return methods.flatMap((method) => {
        const handler = module[method];
        return handler && !refusals.includes(handler) ? [{ name: `${method} ${path}`, method, path, handler }] : [];
      });
    }),
  );
  return found.flat();
}

beforeAll(async () => {
  server = await startServer();
  const go = journeyOf(server);
  const links = linksOf(server);
  ada = await server.signIn("ada@acme.test", "acme");
  const twice = await go.start(ada);
  if (twice.oauth_method !== "nango") throw new Error("not at Nango");
  const [first, second] = [
    await server.complete(twice, "openai", { apiKey: "sk-good" }),
    await server.complete(twice, "openai", { apiKey: "sk-good" }),
  ];
  const connection = (await go.confirm(ada, twice.attemptId, first)).json.connection.id as string;
  const tags = {
    organization_id: ada.orgId as string,
    end_user_id: ada.userId,
    connector: "openai",
    attempt_id: twice.attemptId,
    instance: "localhost:3999",
  };
  await server.sql`select patchbay.apply_facts(${server.sql.json({
    integration_key: "openai",
    connection_id: second,
    instance: "localhost:3999",
    tags,
  })}, 'webhook')`;
  const [held] = await server.sql`select id from quarantined_connections where nango_connection_id = ${second}`;
  const { attemptId } = await go.start(ada);
  const { link, token } = await links.ask(ada, "ada@acme.test");
  const linked = await links.start(ada, token);
  const apiKey = await keysOf(server).made(ada);
  // Names are kept a moment after they were needed.
  await eventually(
    async () => (await server.sql`select 1 from people where user_id = ${ada.userId} and name is not null`).length > 0,
    "the person is remembered",
  );
  await server.runJobs();

  const redirect = "https://app.example.com/connected";
  const session = await server.call(makeSession, "/api/v1/connect-sessions", {
    as: ada,
    body: { connector: "openai", redirect_uri: redirect },
  });
  const leading = String(new URL(session.json.url).pathname.split("/").at(-1));
  const openai = { slug: "openai" };
  const [one, attempt] = [{ id: connection }, { id: attemptId }];
  const byLink = { token, id: linked.attemptId };
  lines = {
    "POST /api/nango/session": { body: { connector: "openai" } },
    "POST /api/nango/attempts/[id]/confirm": { params: attempt, body: {} },
    "POST /api/nango/attempts/[id]/cancel": { params: attempt, body: { reason: "closed" } },
    "POST /api/connect/[token]/attempts/[id]/confirm": { params: byLink, body: {} },
    "POST /api/connect/[token]/attempts/[id]/cancel": { params: byLink, body: { reason: "closed" } },
    "POST /api/connect/[token]/session": { params: { token }, body: {} },
    "POST /api/connect/[token]/leave": { params: { token: leading }, body: {} },
    "POST /api/v1/connectors/[slug]/[action]": { params: { ...openai, action: "list_models" }, body: {} },
    "POST /api/v1/connectors/[slug]/authorize": { params: openai, body: { redirect_uri: redirect } },
    "POST /api/v1/connectors/[slug]/refresh": { params: { slug: "discord" }, body: {} },
    "POST /api/v1/connect-sessions": { body: { connector: "openai", redirect_uri: redirect } },
    "POST /api/v1/api-keys": { body: { name: "stolen", scopes: ["actions:run:*"], expires_in_days: null } },
    "DELETE /api/v1/api-keys/[id]": { params: { id: apiKey.id }, body: {} },
    "POST /api/integrations/unified": { body: { provider: "nango", resource: "crm.contact", operation: "list" } },
    "POST /api/v1/connect-links": { body: { connector: "openai", email: "somebody@else.test" } },
    "DELETE /api/v1/connect-links/[id]": { params: { id: link.id }, body: {} },
    "POST /api/v1/connections/[id]/check": { params: one, body: {} },
    "POST /api/v1/connections/[id]/contact": { params: one, body: {} },
    "POST /api/v1/connections/[id]/keep-account": { params: one, body: { account: "Acme workspace" } },
    "POST /api/v1/connections/[id]/reconnect": { params: one, body: {} },
    "POST /api/v1/connections/[id]/visibility": { params: one, body: { visibility: "only_me" } },
    "PATCH /api/v1/connections/[id]": { params: one, body: { label: "stolen" } },
    "DELETE /api/v1/connections/[id]": { params: one, body: {} },
    "POST /api/v1/connections/[id]/undo": { params: one, body: {} },
    "POST /api/v1/notices/seen": { body: { until_id: "1" } },
    "POST /api/v1/quarantine/[id]/adopt": { params: { id: held?.id }, body: {} },
    "DELETE /api/v1/quarantine/[id]": { params: { id: held?.id }, body: {} },
  };
  reads = {
    "GET /api/health": {},
    "GET /api/nango/attempts/[id]": { params: attempt },
    "GET /api/connect/[token]/attempts/[id]": { params: byLink },
    "GET /api/v1/api-keys": {},
    "GET /api/v1/connect-links": {},
    "GET /api/v1/connections": {},
    "GET /api/v1/connections/[id]": { params: one },
    "GET /api/v1/connections/[id]/events": { params: one },
    "GET /api/v1/connectors": {},
    "GET /api/v1/connectors/list": {},
    "GET /api/v1/connectors/[slug]": { params: openai },
    "GET /api/v1/connectors/[slug]/actions": { params: openai },
    "GET /api/v1/connectors/[slug]/triggers": { params: openai },
    "GET /api/v1/connect-sessions/[id]": { params: { id: session.json.id } },
    "GET /api/v1/trigger-events": {},
    "GET /api/v1/departures": {},
    "GET /api/v1/notices": {},
    "GET /api/v1/openapi.json": {},
    "GET /api/v1/quarantine": {},
  };
  routes = await servedRoutes();
});
afterAll(() => server?.close());

const changes = () => routes.filter(({ name }) => name in lines);

const pathOf = ({ path }: Route, { params = {} }: Line) =>
  path.replace(/\[(\w+)\]/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));

/** A digest of all that is kept, jobs included; when a page last asked, and how often, is no content. */
async function contents(): Promise<string> {
  const tables = await server.sql<{ name: string }[]>`select format('%I.%I', schemaname, tablename) as name
    from pg_tables where schemaname in ('public', 'patchbay', 'graphile_worker') and tablename <> 'request_counts'
    order by 1`;
  const digests = [];
  for (const { name } of tables) {
    const [row] = await server.sql.unsafe(
      `select md5(string_agg(r, '|' order by r)) as digest from (select (to_jsonb(t) - 'looked_at')::text as r from ${name} t) t`,
    );
    digests.push(`${name} ${row?.digest}`);
  }
  return digests.join("\n");
}

const send = (route: Route, line: Line, headers: Record<string, string>) =>
  server.callRaw(route.handler, pathOf(route, line), {
    as: ada,
    method: route.method,
    body: line.body,
    headers,
    params: line.params ?? {},
  });

const ours = { origin: APP_URL, "sec-fetch-site": "same-origin" };
const foreign: [string, Record<string, string>][] = [
  ["from another site", { origin: "https://evil.test", "sec-fetch-site": "cross-site" }],
  ["from a site that looks alike", { origin: "http://localhost:3999.evil.test", "sec-fetch-site": "cross-site" }],
  ["from another port of this host", { origin: "http://localhost:4000", "sec-fetch-site": "same-site" }],
  ["over another scheme", { origin: "https://localhost:3999", "sec-fetch-site": "same-site" }],
  ["from a sandboxed frame", { origin: "null", "sec-fetch-site": "cross-site" }],
  ["with a null origin and nothing else", { origin: "null", "sec-fetch-site": "" }],
  ["with a null origin and a claim to be ours", { origin: "null", "sec-fetch-site": "same-origin" }],
  ["from an old browser on another site", { origin: "https://evil.test", "sec-fetch-site": "" }],
  ["typed into the address bar", { origin: "", "sec-fetch-site": "none" }],
  ["with the right origin and a foreign site", { origin: APP_URL, "sec-fetch-site": "cross-site" }],
  ["with a foreign origin and a claim to be ours", { origin: "https://evil.test", "sec-fetch-site": "same-origin" }],
  ["that does not say where it came from", { origin: "", "sec-fetch-site": "" }],
];
const notJson = [
  "text/plain",
  "text/plain; application/json",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/jsonx",
  "text/json",
  "",
];

describe("a change that another site makes the browser ask for", () => {
  it("has a line here for every route of app/api, and no line is left of one that is gone", () => {
    const known = [...Object.keys(lines), ...Object.keys(reads), ...notByCookie, ...boundByState];
    expect(routes.map(({ name }) => name).sort()).toEqual([...new Set(known)].sort());
  });

  it("has no other door: no server action is among the sources", () => {
    const sources = ["app", "components", "lib"].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => /\.tsx?$/.test(file) && !file.includes("generated"))
        .map((file) => join(root, folder, file)),
    );
    expect(sources.length).toBeGreaterThan(300);
    expect(sources.filter((file) => /^\s*["']use server["']/m.test(readFileSync(file, "utf8")))).toEqual([]);
  });

  it("is refused on every route, wherever it comes from, and nothing happens", async () => {
    const before = await contents();
    let refused = 0;
    for (const route of changes()) {
      for (const [what, headers] of foreign) {
        const answer = await send(route, lines[route.name] as Line, headers);
        expect([answer.status, answer.json.error.code], `${route.name} ${what}`).toEqual([403, "cross_site_request"]);
        refused += 1;
      }
    }
    expect(refused).toBe(Object.keys(lines).length * foreign.length);
    expect(await contents()).toBe(before);
  });

  it("is refused as a form or as text, even from our own pages", async () => {
    const before = await contents();
    for (const route of changes()) {
      for (const type of notJson) {
        // A body without a type is read by nobody; without a body a DELETE may come bare.
        const answer = await send(route, lines[route.name] as Line, { ...ours, "content-type": type });
        expect([answer.status, answer.json.error.code], `${route.name} as ${type}`).toEqual([
          415,
          "unsupported_media_type",
        ]);
      }
    }
    expect(await contents()).toBe(before);
  });
});

describe("a cookie", () => {
  it("does not open what a signature or a bearer secret opens", async () => {
    const before = await contents();
    for (const route of routes.filter(({ name }) => notByCookie.includes(name))) {
      const answer = await send(route, route.method === "GET" ? {} : { body: {} }, ours);
      expect([401, 503], `${route.name}: ${answer.text}`).toContain(answer.status);
    }
    expect(await contents()).toBe(before);
  });

  it("does not open what state and code bind", async () => {
    const before = await contents();
    for (const route of routes.filter(({ name }) => boundByState.includes(name))) {
      for (const query of ["", "?state=x", "?code=x", "?state=x&code=x", "?state=&code="]) {
        const answer = await server.callRaw(route.handler, `/api/v1/connectors/openai/callback${query}`, {
          as: ada,
          params: { slug: "openai" },
        });
        expect([400, 404], `${route.name}${query}: ${answer.text}`).toContain(answer.status);
      }
    }
    expect(await contents()).toBe(before);
  });

  it("reads, and changes nothing by that, wherever the request comes from", async () => {
    const before = await contents();
    for (const route of routes.filter(({ name }) => name in reads)) {
      for (const headers of [ours, foreign[0]?.[1] ?? {}, foreign[5]?.[1] ?? {}]) {
        const answer = await send(route, reads[route.name] as Line, headers);
        expect(answer.status, `${route.name}: ${answer.text}`).toBe(200);
      }
    }
    expect(await contents()).toBe(before);
  });
});

// Last, since it changes what the others look at.
it("from a page of ours the same requests reach what they are for", async () => {
  const before = await contents();
  for (const name of Object.keys(lines)) {
    const route = routes.find((each) => each.name === name) ?? expect.fail(name);
    const answer = await send(route, lines[name] as Line, ours);
    // Some find that another of them was first, or that there is nothing to do; none is stopped at the door.
    const late = name === "DELETE /api/v1/quarantine/[id]" ? [404] : [409];
    expect([200, 201, 202, ...late], `${name}: ${answer.text}`).toContain(answer.status);
  }
  expect(await contents()).not.toBe(before);
});
