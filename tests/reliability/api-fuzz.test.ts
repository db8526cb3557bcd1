import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { operations } from "@/lib/api/operations/all";
import { isErrorCode } from "@/lib/error-codes";
import { type Description, resolve } from "@/tests/support/api-description";
import { router } from "@/tests/support/api-server";
import { almost, nasty, nastyText } from "@/tests/support/arbitrary";
import { BACK } from "@/tests/support/authorizing";
import { APP_URL } from "@/tests/support/server";
import { type ApiWorld, openApiWorld } from "../contract/api-world";
import { soaking } from "./harness";

/** Generated requests to every call of the API: what is wrong with them is said, with a code, and nothing breaks. */

const RUNS = soaking ? 2_000 : 200;
/** Requests under way at a time. */
const AT_ONCE = 8;
/** For what hangs, in milliseconds: `route` itself gives up before. */
const PATIENCE = 15_000;

let world: ApiWorld;
let key: string;
let token: string;
/** Things that are there, by the name of the parameter that stands for them. */
let real: Record<string, string[]>;
/** And values that mean something in a body, by the name of their field. */
let values: Record<string, unknown[]>;
const answer = router();
/** Calls of which at least one generated request was done. */
const done = new Set<string>();

beforeAll(async () => {
  world = await openApiWorld();
  key = await world.key(["connectors:read", "connections:read", "connections:write", "actions:run:*"]);
  const { ada, done: made } = world;
  const connections = [(await world.go.connect(ada)).connection.id, (await world.go.connect(ada)).connection.id];
  const link = await made("makeConnectLink", { as: ada, body: { connector: "openai", email: "mary@nowhere.test" } });
  const session = await made("makeConnectSession", { key, body: { connector: "openai" } });
  const other = { name: "Other", scopes: ["connections:read"], expires_in_days: 1 };
  const { api_key } = await made("makeApiKey", { as: ada, body: other });
  const id = [...connections, link.link.id, session.id, api_key.id];
  real = { id, slug: ["openai", "github", "slack"], action: ["list_models", "create_issue"] };
  values = {
    connector: ["openai", "github"],
    connection_id: connections,
    owner_id: [ada.ownerId],
    redirect_uri: [BACK],
    email: ["mary@nowhere.test"],
    scopes: [["connections:read"], ["repo"]],
  };
});
afterAll(() => world?.close());
// As if the calls before had not been made.
beforeEach(async () => {
  await world.server.sql`update connections set status = 'connected', reason_code = null, visibility = 'everyone',
    is_default = false, disconnected_at = null, disconnected_by = null, remote_delete_after = null`;
  await world.server.sql`update connect_links set revoked_at = now(), revoked_by = created_by
    where used_at is null and revoked_at is null and id <> all (${real.id ?? []}::uuid[])`;
});

type Generated = {
  params: Record<string, string>;
  query: [string, string][];
  body: string | undefined;
  /** The Idempotency-Key; null for none. */
  once: string | null;
};

/** No program writes these by itself: JSON.stringify would not get to their end. */
const deep = [
  `{"x":${"[".repeat(20_000)}${"]".repeat(20_000)}}`,
  `${'{"input":'.repeat(20_000)}null${"}".repeat(20_000)}`,
  "[".repeat(200_000),
];
/** A few are used again and again, for other calls and contents as well. */
const once = fc.oneof(
  { weight: 4, arbitrary: fc.constant(null) },
  { weight: 2, arbitrary: fc.uuid() },
  { weight: 1, arbitrary: fc.constantFrom("a", "b") },
);

function requests(id: string): fc.Arbitrary<Generated> {
  const operation = operations.find((each) => each.id === id) ?? expect.fail(id);
  const call = world.checker.callOf(operation.method, operation.path) ?? expect.fail(id);
  const known = { find: (ref: string) => resolve(world.description as Description, ref) as never, values };
  const inPlace = (place: string) => call.parameters.filter((parameter) => parameter.in === place);
  const params = fc.record(
    Object.fromEntries(
      inPlace("path").map(({ name, schema }) => [
        name,
        fc.oneof(
          { weight: 6, arbitrary: fc.constantFrom(...(real[name] ?? ["x"])) },
          { weight: 3, arbitrary: almost(schema as never, known).map(String) },
          { weight: 1, arbitrary: nastyText },
        ),
      ]),
    ),
  ) as fc.Arbitrary<Record<string, string>>;
  const pair = [
    ...inPlace("query").map(({ name, schema }) =>
      fc.tuple(fc.constant(name), almost(schema as never, known).map(String)),
    ),
    fc.tuple(nastyText, nastyText),
  ];
  const query = fc.oneof(
    { weight: 10, arbitrary: fc.constant([]) },
    { weight: inPlace("query").length ? 30 : 1, arbitrary: fc.array(fc.oneof(...pair), { maxLength: 3 }) },
  ) as fc.Arbitrary<[string, string][]>;
  const schema = call.requestBody?.content?.["application/json"]?.schema;
  const body = schema
    ? fc.oneof(
        { weight: 8, arbitrary: almost(schema as never, known).map((value) => JSON.stringify(value)) },
        { weight: 1, arbitrary: nasty.map((value) => JSON.stringify(value)) },
        { weight: 1, arbitrary: nastyText },
        { weight: 1, arbitrary: fc.constantFrom(...deep) },
      )
    : fc.constant(undefined);
  return fc.record({ params, query, body, once });
}

/** What is wrong with the answer to a request; null for nothing. */
async function tried(id: string, { params, query, body, once }: Generated): Promise<string | null> {
  const { method, path, scope } = operations.find((each) => each.id === id) ?? expect.fail(id);
  // An address that is no text gets no further than Next.
  const segment = (name: string) => encodeURIComponent(String(params[name] ?? "").toWellFormed() || "-");
  const address = new URL(
    path.replace(/\{(\w+)\}/g, (_, name: string) => segment(name)),
    APP_URL,
  );
  address.search = new URLSearchParams(
    query.map(([name, value]) => [name.toWellFormed(), value.toWellFormed()]),
  ).toString();
  const request = new Request(address, {
    method,
    headers: {
      authorization: `Bearer ${scope === null ? token : key}`,
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(once !== null && { "idempotency-key": once }),
    },
    ...(body !== undefined && { body }),
  });
  const late = new Promise<null>((done) => setTimeout(done, PATIENCE, null).unref());
  const response = await Promise.race([answer(request), late]);
  const what = `${method} ${address} ${body?.slice(0, 2_000)} (${once})`;
  if (!response) return `${what} was not answered`;
  const text = await response.text();
  // A segment that the URL itself takes away leads to another call, or to none.
  if (Object.values(params).some((value) => [".", ".."].includes(value)) || text === "") return null;
  if (response.status >= 500) return `${what} was answered ${response.status} ${text}`;
  const json = JSON.parse(text);
  if (response.status < 400) done.add(id);
  else if (!isErrorCode(json.error?.code)) return `${what} was refused without a code: ${text}`;
  const undescribed = world.checker.answer(method, path, response.status, json);
  if (json.error && json.error.request_id !== response.headers.get("x-request-id"))
    return `${what} was answered under another request's id: ${text}`;
  if (undescribed) return `${what} was answered ${response.status} ${text}: ${undescribed}`;
  return null;
}

describe(`of ${RUNS} generated requests to each call`, () => {
  // What takes things away comes last, so that the others find them.
  const inOrder = [...operations].sort((a, b) => Number(a.method === "DELETE") - Number(b.method === "DELETE"));
  it.each(inOrder.map(({ id }) => [id]))("none breaks %s", async (id) => {
    // One for all: it lives for a minute.
    token = await world.ada.token();
    const given = fc.sample(requests(id), RUNS);
    for (let n = 0; n < given.length; n += AT_ONCE) {
      if (n % 400 === 0) token = await world.ada.token();
      const wrong = await Promise.all(given.slice(n, n + AT_ONCE).map((request) => tried(id, request)));
      expect(wrong.filter((each) => each !== null)).toEqual([]);
    }
  });
});

/** They need what a generated request does not have: something in quarantine, a code, a sign-in that can be renewed. */
const beyond = ["adoptQuarantined", "deleteQuarantined", "keepAccount", "redeemAuthorization", "refreshConnection"];

// Last: what never gets further than the door finds nothing behind it.
it("some of them are right", () => {
  const without = operations.map(({ id }) => id).filter((id) => !done.has(id) && !beyond.includes(id));
  // What is in a CRM is beyond this provider.
  expect(without).toEqual(["callUnified"]);
});
