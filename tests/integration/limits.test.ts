import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GET as readAttempt } from "@/app/api/nango/attempts/[id]/route";
import { GET as list } from "@/app/api/v1/connections/route";
import { retain } from "@/lib/jobs/retain";
import { keysOf } from "@/tests/support/api-keys";
import type { SignedIn } from "@/tests/support/people";
import { type Server, startServer } from "@/tests/support/server";

/** How often a key, a person and an owner may ask, over all processes together. */

const limits = { key: 10, person: 15, owner: 25 };
let server: Server;
let ada: SignedIn;
let grace: SignedIn;
let katherine: SignedIn;
/** Two of Ada's, and one of Grace's. */
let keys: string[];

beforeAll(async () => {
  server = await startServer({ RATE_LIMITS: JSON.stringify(limits) });
  [ada, grace, katherine] = await Promise.all([
    server.signIn("ada@acme.test", "acme"),
    server.signIn("grace@acme.test", "acme"),
    server.signIn("katherine@globex.test", "globex"),
  ]);
  const { made } = keysOf(server);
  keys = [(await made(ada)).key, (await made(ada)).key, (await made(grace)).key];
});
afterAll(() => server?.close());
beforeEach(() => server.sql`delete from patchbay.request_counts`);

type Caller = { as: SignedIn } | { key: string };
const ask = (caller: Caller) => server.call(list, "/api/v1/connections", caller);
/** The statuses of so many in turn. */
async function askTimes(times: number, caller: Caller): Promise<number[]> {
  const statuses: number[] = [];
  for (let n = 0; n < times; n++) statuses.push((await ask(caller)).status);
  return statuses;
}
const all = (status: number, times: number) => Array.from({ length: times }, () => status);
const key = (n: number): Caller => ({ key: keys[n] as string });

describe("a key", () => {
  it("may ask as often as its limit says, and is told how often that still is", async () => {
    for (let left = limits.key - 1; left >= 0; left--) {
      const { status, headers } = await ask(key(0));
      expect(status).toBe(200);
      expect(headers.get("ratelimit-policy")).toBe('"key";q=10;w=60, "person";q=15;w=60, "owner";q=25;w=60');
      expect(headers.get("ratelimit")).toMatch(
        new RegExp(`^"key";r=${left};t=\\d+, "person";r=${left + 5};t=\\d+, "owner";r=${left + 15};t=\\d+$`),
      );
    }
    const refused = await ask(key(0));
    expect([refused.status, refused.json.error.code]).toEqual([429, "rate_limited"]);
    const wait = Number(refused.headers.get("retry-after"));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
    expect(refused.headers.get("ratelimit")).toMatch(/^"key";r=0;t=\d+, /);
  });

  it("begins anew a minute after it began", async () => {
    await askTimes(limits.key, key(0));
    expect((await ask(key(0))).status).toBe(429);
    await server.sql`update patchbay.request_counts set started_at = started_at - interval '30 seconds'`;
    const refused = await ask(key(0));
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(30);
    await server.sql`update patchbay.request_counts set started_at = started_at - interval '30 seconds'`;
    expect((await ask(key(0))).headers.get("ratelimit")).toMatch(/^"key";r=9;/);
  });

  it("beyond its limit uses up nothing of its person's or its owner's", async () => {
    expect(await askTimes(limits.key + 20, key(0))).toEqual([...all(200, limits.key), ...all(429, 20)]);
    expect(await askTimes(6, key(1))).toEqual([...all(200, 5), 429]);
    // Grace's are other counts, but for the owner's.
    expect(await askTimes(11, key(2))).toEqual([...all(200, 10), 429]);
    expect((await ask({ as: katherine })).status).toBe(200);
  });
});

it("a person has one limit for their session and their keys, and an owner one for all of its people", async () => {
  expect(await askTimes(limits.key, key(0))).toEqual(all(200, limits.key));
  expect(await askTimes(6, { as: ada })).toEqual([...all(200, 5), 429]);
  expect(await askTimes(11, { as: grace })).toEqual([...all(200, 10), 429]);
  const refused = await ask({ as: grace });
  expect(refused.headers.get("ratelimit")).toMatch(/^"person";r=\d+;t=\d+, "owner";r=0;t=\d+$/);
});

it("forty at once get no more than the limit", async () => {
  const answers = await Promise.all(Array.from({ length: 40 }, () => ask(key(0))));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(limits.key);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(40 - limits.key);
});

it("two processes count together", async () => {
  const script = fileURLToPath(new URL("limits-caller.ts", import.meta.url));
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "--conditions=react-server", script, keys[0] as string, "6"],
    {
      env: { ...process.env },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let said = "";
  child.stdout.on("data", (chunk) => {
    said += chunk;
  });
  await once(child, "close");
  expect(JSON.parse(said)).toEqual(all(200, 6));
  expect(await askTimes(6, key(0))).toEqual([...all(200, 4), 429, 429]);
});

it("whoever is nobody, and what pages ask for while connecting, is not counted", async () => {
  const nobody = await ask({ key: `pby_${"0".repeat(49)}` });
  expect([nobody.status, nobody.headers.get("ratelimit")]).toEqual([401, null]);
  const id = "00000000-0000-4000-8000-000000000000";
  const polled = await server.call(readAttempt, `/api/nango/attempts/${id}`, { as: ada, params: { id } });
  expect([polled.status, polled.headers.get("ratelimit")]).toEqual([404, null]);
  expect(await server.sql`select 1 from patchbay.request_counts`).toEqual([]);
});

it("counts are forgotten after an hour", async () => {
  await ask(key(0));
  await retain();
  expect(await server.sql`select 1 from patchbay.request_counts`).toHaveLength(3);
  await server.sql`update patchbay.request_counts set started_at = now() - interval '61 minutes'`;
  await retain();
  expect(await server.sql`select 1 from patchbay.request_counts`).toEqual([]);
});
