import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GET as health } from "@/app/api/health/route";
import { POST as startSession } from "@/app/api/nango/session/route";
import { GET as list } from "@/app/api/v1/connections/route";
import { closeSystemDb } from "@/lib/db/system";
import { resetEnv } from "@/lib/env";
import type { SignedIn } from "@/tests/support/people";
import { type Relay, startRelay } from "@/tests/support/relay";
import { type Server, startServer } from "@/tests/support/server";

let server: Server;
let ada: SignedIn;
let wires: { supabase: Relay; clerk: Relay };
let usual: Record<string, string | undefined>;

beforeAll(async () => {
  server = await startServer();
  ada = await server.signIn("ada@acme.test", "acme");
  wires = { supabase: await startRelay(server.supabase.url), clerk: await startRelay(server.clerk.url) };
  usual = { ...process.env };
});
afterAll(async () => {
  await wires?.supabase.close();
  await wires?.clerk.close();
  await server?.close();
});
beforeEach(async () => {
  for (const wire of Object.values(wires)) wire.trouble({ kind: "none" });
  await configure({});
});

async function configure(changes: Record<string, string>): Promise<void> {
  Object.assign(process.env, usual, { SUPABASE_URL: wires.supabase.url, ...changes });
  // Not waited for: a pool whose database is gone takes seconds to end.
  void closeSystemDb();
  resetEnv();
}
async function ended<T extends { text: string }>(work: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  const answer = await work();
  expect(performance.now() - begun).toBeLessThan(5_200);
  expect(answer.text).not.toMatch(/ECONN|fetch failed|canary|postgres/i);
  return answer;
}
const listed = () => ended(() => server.call(list, "/api/v1/connections", { as: ada }));
const started = () =>
  ended(() => server.call(startSession, "/api/nango/session", { as: ada, body: { connector: "openai" } }));

describe("while the database's API is down", () => {
  it.each([
    ["cut", { kind: "cut" } as const],
    ["silent", { kind: "silent" } as const],
    ["503", { kind: "answer", status: 503, body: "upstream connect error canary" } as const],
  ])("(%s) lists end within 5 s with a coded 503", async (_, trouble) => {
    wires.supabase.trouble(trouble);
    const answer = await listed();
    expect([answer.status, answer.json.error.code]).toEqual([503, "database_unavailable"]);
    expect(answer.text).not.toContain("canary");
  });
});

describe("while the database is down", () => {
  it("connecting ends with a coded 503, before Nango is asked", async () => {
    await configure({ DATABASE_URL: "postgres://a:b@127.0.0.1:9/x" });
    server.wire.calls.length = 0;
    const answer = await started();
    expect([answer.status, answer.json.error.code]).toEqual([503, "database_unavailable"]);
    expect(server.wire.calls).toHaveLength(0);
  });

  it("health says so with 503", async () => {
    await configure({ DATABASE_URL: "postgres://a:b@127.0.0.1:9/x" });
    const answer = await ended(() => server.call(health, "/api/health"));
    expect([answer.status, answer.json]).toEqual([503, { status: "down", database: false, nango: true }]);
  });

  it("and not answering at all, a person still gets a coded error within 5 s", async () => {
    const { createServer } = await import("node:net");
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    const port = typeof address === "object" && address ? address.port : 0;
    await configure({ DATABASE_URL: `postgres://a:b@127.0.0.1:${port}/x` });
    const answer = await started();
    expect([answer.status, answer.json.error.code]).toEqual([503, "database_unavailable"]);
    silent.close();
  });
});

describe("while Clerk is down", () => {
  it("people whose session can be checked by key go on", async () => {
    await configure({ CLERK_API_URL: wires.clerk.url });
    wires.clerk.trouble({ kind: "cut" });
    expect((await listed()).status).toBe(200);
    expect((await started()).status).toBe(201);
  });

  it.each([
    ["cut", { kind: "cut" } as const],
    ["silent", { kind: "silent" } as const],
  ])("(%s) sessions that only Clerk can check are refused within 5 s, fail closed", async (_, trouble) => {
    await configure({ CLERK_API_URL: wires.clerk.url, CLERK_JWT_KEY: "" });
    wires.clerk.trouble(trouble);
    const answer = await listed();
    expect([answer.status, answer.json.error.code]).toEqual([503, "auth_unavailable"]);
  });
});
