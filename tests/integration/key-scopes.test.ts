import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operations } from "@/lib/api/operations/all";
import { grants, isScope } from "@/lib/auth/scopes";
import { keysOf } from "@/tests/support/api-keys";
import { type Server, startServer } from "@/tests/support/server";

/** Which scope opens which call of the API: the table, and that it is so. */

/**
 * By the ids of the operations; - for what is closed to keys. Written by hand: what a key opens is decided here, and a call
 * without a line fails.
 */
const table = `
listConnections        connections:read
getConnection          connections:read
updateConnection       connections:write
disconnectConnection   connections:write
undoDisconnect         connections:write
reconnectConnection    connections:write
checkConnection        connections:write
keepAccount            connections:write
changeVisibility       -
becomeContact          -
listConnectionEvents   connections:read
listConnectLinks       -
makeConnectLink        -
revokeConnectLink      -
listQuarantine         -
adoptQuarantined       -
deleteQuarantined      -
listDepartures         -
listNotices            -
seeNotices             -
listApiKeys            -
makeApiKey             -
revokeApiKey           -
listConnectors         connectors:read
listConnectorsByList   connectors:read
getConnector           connectors:read
listTriggers           connectors:read
listActions            connectors:read
runAction              actions:read:{slug}
callUnified            actions
authorizeConnector     connections:write
redeemAuthorization    connections:write
refreshConnection      connections:write
makeConnectSession     connections:write
getConnectSession      connections:read
listTriggerEvents      connections:read
`;
const lines = new Map(
  table
    .trim()
    .split("\n")
    .map((line) => line.split(/\s+/) as [id: string, scope: string]),
);

/** Each alone, and what opens the actions of all connectors. */
const heldScopes = [
  "connectors:read",
  "connections:read",
  "connections:write",
  "actions:read:github",
  "actions:run:github",
  "actions:read:*",
  "actions:run:*",
  "actions:run:openai",
];

type Handler = (request: Request, context?: { params: Promise<Record<string, string>> }) => Promise<Response>;
const root = fileURLToPath(new URL("../..", import.meta.url));
let server: Server;
let handlers: Map<string, Handler>;
/** By the one scope that each has. */
let keys: Map<string, string>;

beforeAll(async () => {
  server = await startServer();
  const ada = await server.signIn("ada@acme.test", "acme");
  const { made } = keysOf(server);
  keys = new Map();
  for (const scope of heldScopes) keys.set(scope, (await made(ada, [scope])).key);
  const folder = join(root, "app/api");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith("route.ts"));
  handlers = new Map();
  for (const file of files) {
    const path = `/api/${file.replace(/\/?route\.ts$/, "")}`.replace(/\[(\w+)\]/g, "{$1}");
    const module = (await import(join(folder, file))) as Record<string, Handler>;
    for (const [method, handler] of Object.entries(module)) handlers.set(`${method} ${path}`, handler);
  }
});
afterAll(() => server?.close());

const params = { slug: "github", id: "00000000-0000-4000-8000-000000000000", action: "no_such_action" };
const fill = (text: string) => text.replace(/\{(\w+)\}/g, (_, name: string) => params[name as keyof typeof params]);
const handlerOf = ({ method, path }: { method: string; path: string }) =>
  handlers.get(`${method} ${path}`) ?? expect.fail(`nothing serves ${method} ${path}`);
const ask = (operation: { method: string; path: string }, key: string) =>
  server.call(handlerOf(operation), fill(operation.path), { key, method: operation.method, params });

/** Whether one scope opens what a call declares. */
function opens(held: string, declared: string): boolean {
  if (declared === "-" || !isScope(held)) return false;
  if (declared === "actions") return held.startsWith("actions:");
  const wanted = fill(declared);
  return isScope(wanted) && grants([held], wanted);
}

it("the table has a line for every call, says what each declares, and nothing of calls that are gone", () => {
  expect(Object.fromEntries(operations.map(({ id, scope }) => [id, scope ?? "-"]))).toEqual(Object.fromEntries(lines));
});

it("every call that starts something with a key can be sent twice without being done twice", () => {
  const posts = operations.filter(({ method, path }) => method === "POST" && path.startsWith("/api/v1/"));
  expect(posts.filter(({ idempotent }) => !idempotent).map(({ id }) => id)).toEqual([]);
});

describe("a key with one scope", () => {
  it.each(heldScopes)("%s opens what the table says and nothing else", async (held) => {
    const key = keys.get(held) ?? expect.fail(held);
    const wrong: string[] = [];
    for (const operation of operations) {
      const declared = lines.get(operation.id) ?? "-";
      const { status, json, text } = await ask(operation, key);
      const refused = status === 403 && json.error.code === "insufficient_scope";
      if (refused === opens(held, declared)) wrong.push(`${operation.id}: ${status} ${text}`);
      if (
        refused &&
        json.error.scope !== (declared === "-" ? null : declared === "actions" ? "actions:run:*" : fill(declared))
      )
        wrong.push(`${operation.id} asks for ${json.error.scope}`);
    }
    expect(wrong).toEqual([]);
  });
});

it("routes outside the API are closed to keys, whatever they may", async () => {
  const outside = [...handlers].filter(([name]) => / \/api\/(nango|connect)\//.test(name));
  expect(outside.length).toBeGreaterThan(7);
  for (const [name, handler] of outside) {
    const [method = "", path = ""] = name.split(" ");
    const answer = await server.call(handler, fill(path.replace("{token}", "x")), {
      key: keys.get("actions:run:*") ?? "",
      method,
      params: { ...params, token: "x" },
    });
    if (answer.status !== 405)
      expect([answer.status, answer.json.error.code], name).toEqual([403, "insufficient_scope"]);
  }
});
