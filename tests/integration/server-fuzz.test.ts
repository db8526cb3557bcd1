import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { POST as cancel } from "@/app/api/nango/attempts/[id]/cancel/route";
import { POST as confirm } from "@/app/api/nango/attempts/[id]/confirm/route";
import { GET as readAttempt } from "@/app/api/nango/attempts/[id]/route";
import { POST as startSession } from "@/app/api/nango/session/route";
import { PATCH as relabel } from "@/app/api/v1/connections/[id]/route";
import { POST as clerkWebhook } from "@/app/api/webhooks/clerk/route";
import { POST as webhook } from "@/app/api/webhooks/nango/route";
import { svixHeaders } from "@/emulators/clerk/webhooks";
import { isErrorCode } from "@/lib/error-codes";
import { hmac } from "@/tests/support/forgeries";
import { journeyOf } from "@/tests/support/journey";
import type { SignedIn } from "@/tests/support/people";
import { type Server, startServer } from "@/tests/support/server";

let server: Server;
let ada: SignedIn;
let attemptId: string;
let connectionId: string;

beforeAll(async () => {
  server = await startServer();
  const signedIn = await server.signIn("ada@acme.test", "acme");
  const go = journeyOf(server);
  connectionId = (await go.connect(signedIn)).connection.id;
  attemptId = (await go.start(signedIn)).attemptId;
  // One token for all: it lives for a minute, and these tests for seconds.
  const token = await signedIn.token();
  ada = { ...signedIn, token: async () => token };
});
afterAll(() => server?.close());

const RUNS = 200;
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom(
    "",
    "\u0000",
    "null",
    "openai",
    "constructor",
    "__proto__",
    "'; drop table connections; --",
    "%00",
    "../..",
    "\ud800",
    "1e999",
  ),
);
const value = fc.oneof(text, fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.jsonValue({ maxDepth: 3 }));
const keys = ["connector", "visibility", "owner_id", "connectionId", "reason", "label", "__proto__", "x"];
const body = fc.oneof(
  fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 4 }).map((object) => JSON.stringify(object)),
  fc.jsonValue({ maxDepth: 4 }).map((json) => JSON.stringify(json)),
  text,
);

type Answer = Awaited<ReturnType<Server["call"]>>;
function isCoded(answer: Answer, what: string): void {
  if (answer.status < 400) return;
  if (answer.status >= 500 || !isErrorCode(answer.json?.error?.code))
    expect.fail(`${what} was answered ${answer.status} ${answer.text}`);
}

/** The calls that are described are in tests/reliability/api-fuzz.test.ts. */
describe("no input makes a handler fail", () => {
  it.each([
    ["start", startSession, "POST", (): string => ""],
    ["confirm", confirm, "POST", (): string => attemptId],
    ["cancel", cancel, "POST", (): string => attemptId],
  ] as const)("as the body of %s", async (name, handler, method, id) => {
    await fc.assert(
      fc.asyncProperty(body, async (given) => {
        isCoded(
          await server.call(handler, "/", { as: ada, method, body: given, params: { id: id() } }),
          `${name} ${given}`,
        );
      }),
      { numRuns: RUNS },
    );
  });

  it("as a label", async () => {
    await fc.assert(
      fc.asyncProperty(text, async (label) => {
        const answer = await server.call(relabel, "/", {
          as: ada,
          method: "PATCH",
          body: { label },
          params: { id: connectionId },
        });
        isCoded(answer, JSON.stringify(label));
        if (label.includes("\u0000")) expect(answer.status).toBe(400);
      }),
      { numRuns: RUNS },
    );
  });

  it("as an id in a path", async () => {
    await fc.assert(
      fc.asyncProperty(text, async (id) => {
        const answer: Answer = await server.call(readAttempt, "/", { as: ada, params: { id } });
        expect([answer.status, answer.json.error.code]).toEqual([404, "not_found"]);
      }),
      { numRuns: RUNS },
    );
  });

  it("as a signed delivery, nor the job that looks into it", async () => {
    const fields = ["type", "operation", "connectionId", "providerConfigKey", "success", "tags", "from"];
    const odd = fc.oneof(fc.constantFrom("auth", "creation", "openai", true, false), value);
    const delivery = fc.dictionary(fc.constantFrom(...fields), odd).map((object) => JSON.stringify(object));
    await fc.assert(
      fc.asyncProperty(delivery, async (given) => {
        const bytes = Buffer.from(given);
        const headers = { "x-nango-hmac-sha256": hmac(server.nango.webhookSigningKey, bytes) };
        expect((await server.call(webhook, "/", { method: "POST", body: given, headers })).status).toBe(200);
      }),
      { numRuns: RUNS },
    );
    await server.runJobs();
    expect(await server.sql`select body from webhook_deliveries where verdict is null`).toEqual([]);
  });

  it("as a signed delivery of Clerk's, nor the job that looks into it", async () => {
    const type = fc.constantFrom(
      "user.deleted",
      "user.updated",
      "organizationMembership.deleted",
      "organization.deleted",
    );
    const named = fc.record({ id: value, organization: value, public_user_data: value }, { requiredKeys: [] });
    const known = fc.record({ type, data: fc.oneof(named, value) }).map((object) => JSON.stringify(object));
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.oneof(known, body), async (given) => {
        const headers = svixHeaders(server.clerk.webhookSecret, `msg_fuzz_${count++}`, given);
        const answer = await server.call(clerkWebhook, "/", { method: "POST", body: given, headers });
        isCoded(answer, given);
      }),
      { numRuns: RUNS },
    );
    await server.runJobs();
    expect(await server.sql`select * from clerk_deliveries where verdict is null`).toEqual([]);
    expect(await server.sql`select 1 from departures`).toEqual([]);
  });
});
