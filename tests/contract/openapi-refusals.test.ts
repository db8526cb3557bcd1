import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Operation } from "@/lib/api/operation";
import { operations } from "@/lib/api/operations/all";
import { samples } from "./api-samples";
import { type ApiWorld, openApiWorld } from "./api-world";

/** What every call refuses in the same way: each answer is held against the description. */

let world: ApiWorld;
/** Opens every call that a key can open. */
let key: string;
/** Opens none of them, but for those that want the one scope that it has: for them there is the other. */
let closed: { other: string; forConnections: string };

beforeAll(async () => {
  world = await openApiWorld();
  key = await world.key(["connectors:read", "connections:read", "connections:write", "actions:run:*"]);
  closed = {
    other: await world.key(["connections:read"]),
    forConnections: await world.key(["connectors:read"]),
  };
  // What is not kept would be forgotten at once, and nothing could differ from it.
  await world.server.sql.unsafe(`
    create function keep_request() returns trigger language plpgsql as 'begin return null; end';
    create trigger keep_request before delete on patchbay.idempotent_requests
      for each row execute function keep_request()`);
});
afterAll(() => world?.close());

const cases = operations.map((operation) => [operation.id, operation] as const);
const changing = cases.filter(([, { method }]) => method !== "GET");
const bodied = cases.filter(([, { body }]) => body);
const named = cases.filter(([, { params }]) => params);
const repeatable = cases.filter(([, { idempotent }]) => idempotent);
const has = (schema: Operation["body"], field: string) =>
  schema && "shape" in schema && field in (schema.shape as object);
const owned = cases.filter(([, { body, query }]) => [body, query].some((schema) => has(schema, "owner_id")));
const sample = (id: string) => samples[id]?.() ?? expect.fail(`there is no sample of ${id}`);
/** By whoever may make this call. */
const caller = ({ scope }: Operation) => (scope === null ? { as: world.ada } : { key });

it("there is a sample of every call, and none of a call that is gone", () => {
  expect(Object.keys(samples).sort()).toEqual(operations.map(({ id }) => id).sort());
});

describe("a call", () => {
  it.each(cases)("%s is closed to nobody in particular, and to a key that does not exist", async (id) => {
    await world.refused(id, "unauthenticated", sample(id));
    const invented = { ...sample(id), headers: { authorization: `Bearer pby_${"A".repeat(43)}` } };
    await world.refused(id, "unauthenticated", invented);
  });

  it.each(cases)("%s is closed to a key without its scope, and says which it wants", async (id, { scope }) => {
    const { json } = await world.refused(id, "insufficient_scope", {
      ...sample(id),
      key: scope === "connections:read" ? closed.forConnections : closed.other,
    });
    if (scope === null) expect(json.error.scope).toBeNull();
    else expect(json.error.scope).toBeTypeOf("string");
  });

  it.each(cases)("%s refuses a query that it does not know, and says where", async (id, operation) => {
    const sent = { ...sample(id), ...caller(operation), query: { ...sample(id).query, surprise: "1" } };
    const { json } = await world.refused(id, "invalid_request", sent);
    if (operation.query) expect(JSON.stringify(json.error.issues)).toContain("surprise");
  });

  it.each(bodied)("%s refuses what is no JSON, another type, and too much", async (id, operation) => {
    const by = { ...sample(id), ...caller(operation) };
    await world.refused(id, "invalid_json", { ...by, body: "{" });
    await world.refused(id, "unsupported_media_type", { ...by, headers: { "content-type": "text/plain" } });
    await world.refused(id, "payload_too_large", { ...by, body: `"${"x".repeat(1024 * 1024)}"` });
  });

  it.each(bodied.filter(([id]) => id !== "runAction"))(
    "%s refuses a field that it does not know",
    async (id, operation) => {
      const { body, params } = sample(id);
      const sent = { ...caller(operation), ...(params && { params }), body: { ...body, surprise: 1 } };
      const { json } = await world.refused(id, "invalid_request", sent);
      expect(JSON.stringify(json.error.issues)).toContain("surprise");
    },
  );

  it.each(changing)("%s refuses what another site makes a browser send", async (id) => {
    const cookie = `__session=${await world.ada.token()}; __client_uat=1`;
    const headers = { cookie, origin: "https://evil.test", "sec-fetch-site": "cross-site" };
    await world.refused(id, "cross_site_request", { ...sample(id), headers });
  });

  it.each(owned)("%s refuses an owner that the caller does not act for", async (id, operation) => {
    const { body, params, query } = sample(id);
    const wrong = { owner_id: "org_of_somebody_else" };
    const given = has(operation.body, "owner_id")
      ? { body: { ...body, ...wrong } }
      : { body, query: { ...query, ...wrong } };
    await world.refused(id, "owner_mismatch", { ...caller(operation), ...(params && { params }), ...given });
  });

  it.each(named)(
    "%s finds nothing where there is nothing, and says the same of what is no id",
    async (id, operation) => {
      const answer = await world.send(id, { ...sample(id), ...caller(operation) });
      expect([404, answer.json.error.code], id).toEqual([
        answer.status,
        expect.stringMatching(/^(not_found|unknown_connector)$/),
      ]);
      const odd = Object.fromEntries(Object.keys(sample(id).params ?? {}).map((name) => [name, "%00 or 1=1"]));
      const other = await world.send(id, { ...sample(id), ...caller(operation), params: odd });
      expect(other.status).toBe(404);
    },
  );

  it.each(repeatable)("%s refuses a second request under the same Idempotency-Key", async (id, operation) => {
    const by = { ...sample(id), ...caller(operation), headers: { "idempotency-key": randomUUID() } };
    const first = await world.send(id, by);
    expect(first.status).toBeLessThan(500);
    const again = await world.send(id, by);
    const { error } = first.json;
    // What may be otherwise by then is not told again; as if its process had died, it has not ended (see below).
    if (["not_found", "connection_needed"].includes(error?.code))
      expect(again.json.error.code).toBe("idempotency_running");
    // The same request is answered the same, except where that would hand out a secret twice.
    else if (error || operation.idempotent === true) {
      const told = error ? { error: { ...error, request_id: again.headers.get("x-request-id") } } : first.json;
      expect([again.status, again.json]).toEqual([first.status, told]);
      expect(again.headers.get("idempotent-replayed")).toBe("true");
    }
    const other = sample(id).otherBody ?? { ...by.body, owner_id: world.ada.ownerId };
    await world.refused(id, "idempotency_mismatch", { ...by, body: other });
    await world.refused(id, "invalid_request", { ...by, headers: { "idempotency-key": "x".repeat(256) } });
    // As if its answer had been too long to keep, whatever it was.
    await world.server.sql`update patchbay.idempotent_requests set status = 200, answer = null`;
    await world.refused(id, "idempotency_spent", by);
  });
});

describe("the description", () => {
  const fetched = (headers: Record<string, string> = {}) => fetch(`${world.http.url}/api/v1/openapi.json`, { headers });

  it("is there for everybody, and is not sent again to whoever has it", async () => {
    const first = await fetched();
    const etag = first.headers.get("etag") ?? "";
    expect([first.status, first.headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(first.headers.get("cache-control")).toBe("public, max-age=300");
    expect(((await first.json()) as { openapi: string }).openapi).toBe("3.1.0");
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await fetched({ "if-none-match": known });
      expect([again.status, await again.text(), again.headers.get("etag")]).toEqual([304, "", etag]);
    }
    expect((await fetched({ "if-none-match": '"other"' })).status).toBe(200);
  });

  it("names every error with a sentence, and every call with a line", () => {
    for (const [path, calls] of Object.entries(world.description.paths)) {
      for (const call of Object.values(calls)) expect(call.summary, path).toMatch(/^[A-Z].{8,}\.$/);
    }
    for (const [name, response] of Object.entries(world.description.components.responses))
      expect((response as { description: string }).description, name).toMatch(/^`\w+`: [A-Z]/);
  });
});
