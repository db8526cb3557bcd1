import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { POST as makeLink } from "@/app/api/v1/connect-links/route";
import type { RouteShape } from "@/lib/api/operation";
import { AppError } from "@/lib/errors";
import { route } from "@/lib/http";
import { retain } from "@/lib/jobs/retain";
import { keysOf } from "@/tests/support/api-keys";
import type { SignedIn } from "@/tests/support/people";
import { type Server, startServer } from "@/tests/support/server";

/** Requests with an Idempotency-Key. */

let server: Server;
let ada: SignedIn;
let grace: SignedIn;

beforeAll(async () => {
  server = await startServer();
  [ada, grace] = await Promise.all([server.signIn("ada@acme.test", "acme"), server.signIn("grace@acme.test", "acme")]);
});
afterAll(() => server?.close());

/** A call that says how often it was made, and does what it is told. */
let done = 0;
let obey: () => Promise<void> = async () => {};
beforeEach(() => {
  done = 0;
  obey = async () => {};
});
const shape = {
  scope: "connections:write",
  body: z.strictObject({ say: z.string() }),
  answer: z.object({ said: z.string(), time: z.number() }),
  status: 201,
  idempotent: true,
} satisfies RouteShape;
const deed = route(shape, async ({ body }) => {
  const time = ++done;
  await obey();
  return { said: body.say, time };
});
const secretDeed = route({ ...shape, idempotent: "once" }, async ({ body }) => ({ said: body.say, time: ++done }));

type Options = { as?: SignedIn; key?: string; say?: string; path?: string; handler?: typeof deed };
const send = (idempotencyKey: string | null, options: Options = {}) => {
  const { as, key, say = "hello", path = "/api/v1/deeds", handler = deed } = options;
  return server.call(handler, path, {
    ...(key === undefined ? { as: as ?? ada } : { key }),
    body: { say },
    ...(idempotencyKey !== null && { headers: { "idempotency-key": idempotencyKey } }),
  });
};
const codeOf = (answer: Awaited<ReturnType<typeof send>>) => [answer.status, answer.json.error?.code];
const kept = () => server.sql`select * from patchbay.idempotent_requests`;
const age = (by: string) =>
  server.sql`update patchbay.idempotent_requests set started_at = started_at - ${by}::text::interval`;

describe("a request that is sent again", () => {
  it("with the same key and content gets the same answer, and is done once", async () => {
    const key = randomUUID();
    const [first, second] = [await send(key), await send(key)];
    expect([first.status, first.json, done]).toEqual([201, { said: "hello", time: 1 }, 1]);
    expect([second.status, second.text]).toEqual([first.status, first.text]);
    expect(first.headers.get("idempotent-replayed")).toBeNull();
    expect(second.headers.get("idempotent-replayed")).toBe("true");
    expect(second.headers.get("content-type")).toBe("application/json");
    expect(second.headers.get("x-request-id")).not.toBe(first.headers.get("x-request-id"));
  });

  it("without a key is done again", async () => {
    await send(null);
    await send(null);
    expect(done).toBe(2);
  });

  it("with the same key and other content is refused", async () => {
    const key = randomUUID();
    await send(key);
    expect(codeOf(await send(key, { say: "goodbye" }))).toEqual([422, "idempotency_mismatch"]);
    expect(done).toBe(1);
    expect((await send(key)).headers.get("idempotent-replayed")).toBe("true");
  });

  it("is another request for another person, key or address", async () => {
    const key = randomUUID();
    const { made } = keysOf(server);
    const [one, two] = [await made(ada), await made(ada)];
    for (const options of [{}, { as: grace }, { key: one.key }, { key: two.key }, { path: "/api/v1/others" }])
      expect((await send(key, options)).headers.get("idempotent-replayed")).toBeNull();
    expect(done).toBe(5);
    expect((await send(key, { key: two.key })).json.time).toBe(4);
  });

  it("has a key of one to 255 printable characters", async () => {
    for (const wrong of ["", "a".repeat(256), "caf\u00e9", "a\tb"])
      expect(codeOf(await send(wrong)), wrong).toEqual([400, "invalid_request"]);
    expect(done).toBe(0);
    for (const right of ["a", "a".repeat(255), "order 66: ~!"]) expect((await send(right)).status).toBe(201);
  });
});

describe("twenty at once", () => {
  it("do it once; the others hear that it runs, or get the same answer", async () => {
    const key = randomUUID();
    obey = () => new Promise((resolve) => setTimeout(resolve, 300));
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(key)));
    expect(done).toBe(1);
    const first = answers.filter(({ status, headers }) => status === 201 && !headers.has("idempotent-replayed"));
    expect(first).toHaveLength(1);
    for (const answer of answers) {
      if (answer.status === 201) expect(answer.text).toBe(first[0]?.text);
      else {
        expect(codeOf(answer)).toEqual([409, "idempotency_running"]);
        expect(answer.headers.get("retry-after")).toBe("1");
      }
    }
    expect((await send(key)).text).toBe(first[0]?.text);
  });
});

describe("what went wrong", () => {
  const fail = (error: AppError) => {
    obey = () => Promise.reject(error);
  };

  it("stays the answer, under the id of the request that gets it, when it is the request's own fault", async () => {
    const key = randomUUID();
    fail(new AppError("unknown_connector", { details: { connector: "x" } }));
    const first = await send(key);
    obey = async () => {};
    const second = await send(key);
    const { request_id } = second.json.error;
    expect([request_id, first.json.error.request_id]).toEqual(
      [second, first].map(({ headers }) => headers.get("x-request-id")),
    );
    expect(request_id).not.toBe(first.json.error.request_id);
    expect(second.text).toBe(first.text.replace(first.json.error.request_id, request_id));
    expect([second.status, done]).toEqual([404, 1]);
  });

  it("stays the answer when a provider may have done what it was asked for", async () => {
    const key = randomUUID();
    fail(new AppError("provider_upstream", { details: { retry: "no", outcome: "unknown" } }));
    const first = await send(key);
    obey = async () => {};
    const second = await send(key);
    expect([second.json.error.outcome, second.headers.get("idempotent-replayed"), done]).toEqual([
      "unknown",
      "true",
      1,
    ]);
    expect([first.status, second.status]).toEqual([502, 502]);
  });

  it("is tried again when it was ours, or will pass", async () => {
    for (const error of [
      new AppError("nango_unreachable"),
      new AppError("internal"),
      new AppError("rate_limited", { retryAfter: 9 }),
    ]) {
      const key = randomUUID();
      fail(error);
      expect((await send(key)).status).toBe(error.status);
      obey = async () => {};
      expect((await send(key)).status).toBe(201);
    }
  });

  it("before it ran does not use up the key", async () => {
    const key = randomUUID();
    const wrong = await server.call(deed, "/api/v1/deeds", {
      as: ada,
      body: { shout: "x" },
      headers: { "idempotency-key": key },
    });
    expect(wrong.status).toBe(400);
    expect((await send(key)).status).toBe(201);
  });
});

describe("what is kept", () => {
  it("cannot be read without the Idempotency-Key, which is not there", async () => {
    const key = randomUUID();
    await send(key, { say: "a-private-letter" });
    const rows = (await kept()).map((row) =>
      Object.values(row).map((value) =>
        value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value),
      ),
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.flat().join()).not.toContain("a-private-letter");
    expect(rows.flat().join()).not.toContain(key);
  });

  it("is nothing of an answer that holds a secret; whoever asks again hears that it was done", async () => {
    const key = randomUUID();
    expect((await send(key, { handler: secretDeed })).status).toBe(201);
    expect(codeOf(await send(key, { handler: secretDeed }))).toEqual([409, "idempotency_spent"]);
    expect(done).toBe(1);
    const headers = { "idempotency-key": randomUUID() };
    const body = { connector: "openai", email: "once@else.test" };
    const links = () => server.sql`select 1 from connect_links where email = 'once@else.test'`;
    expect((await server.call(makeLink, "/api/v1/connect-links", { as: ada, body, headers })).status).toBe(201);
    expect(codeOf(await server.call(makeLink, "/api/v1/connect-links", { as: ada, body, headers }))).toEqual([
      409,
      "idempotency_spent",
    ]);
    expect(await links()).toHaveLength(1);
    expect((await keysOf(server).make(ada)).status).toBe(201);
    const secrets = await server.sql`select 1 from patchbay.idempotent_requests where answer is null and status = 201`;
    expect(secrets).toHaveLength(2);
  });

  it("is nothing of an answer that is too long", async () => {
    const key = randomUUID();
    const long = "x".repeat(300_000);
    expect((await send(key, { say: long })).json.said).toHaveLength(300_000);
    expect(codeOf(await send(key, { say: long }))).toEqual([409, "idempotency_spent"]);
    expect(done).toBe(1);
  });

  it("is forgotten after a day, by the request itself and by the clean-up", async () => {
    const key = randomUUID();
    await send(key);
    await age("23 hours");
    expect((await send(key)).headers.get("idempotent-replayed")).toBe("true");
    await age("2 hours");
    expect((await send(key)).headers.get("idempotent-replayed")).toBeNull();
    expect(done).toBe(2);
    await age("25 hours");
    await retain();
    expect(await kept()).toEqual([]);
  });
});

it("a request whose process died runs again after two minutes, and not before", async () => {
  const key = randomUUID();
  let release: () => void = () => {};
  obey = () => new Promise((resolve) => (release = resolve));
  const lost = send(key);
  await expect.poll(() => done).toBe(1);
  await age("110 seconds");
  expect(codeOf(await send(key))).toEqual([409, "idempotency_running"]);
  await age("20 seconds");
  obey = async () => {};
  expect(codeOf(await send(key, { say: "something else" }))).toEqual([422, "idempotency_mismatch"]);
  const again = await send(key);
  expect(again.json.time).toBe(2);
  // What the lost one says, should it come back, is not what is kept.
  release();
  await lost;
  expect((await send(key)).text).toBe(again.text);
});
