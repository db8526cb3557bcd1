import { createHmac } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POST as webhook } from "@/app/api/webhooks/clerk/route";
import { svixHeaders } from "@/emulators/clerk/webhooks";
import { resetEnv } from "@/lib/env";
import { retain } from "@/lib/jobs/retain";
import { eventually } from "@/tests/support/eventually";
import { seeded } from "@/tests/support/forgeries";
import { APP_URL, type Server, startServer } from "@/tests/support/server";

/** What Clerk sends: who may send it, how often it counts, and that none of it is believed. */

let server: Server;
let secret: string;

beforeAll(async () => {
  server = await startServer();
  secret = server.clerk.webhookSecret;
});
afterAll(() => server?.close());
beforeEach(() => server.sql`delete from clerk_deliveries`);
afterEach(() => {
  process.env.CLERK_WEBHOOK_SIGNING_SECRET = secret;
  resetEnv();
});

const now = () => Math.floor(Date.now() / 1000);
const bodyOf = (type: string, data: object) => JSON.stringify({ data, object: "event", type });
const gone = bodyOf("user.deleted", { id: "user_standin_mary", object: "user", deleted: true });

async function deliver(body: string | Uint8Array, headers: Record<string, string>) {
  const answer = await webhook(
    new Request(`${APP_URL}/api/webhooks/clerk`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: Buffer.from(body),
    }),
  );
  return { status: answer.status, json: await answer.json() };
}
const signed = (id: string, body: string, at = now()) => deliver(body, svixHeaders(secret, id, body, at));
const stored = () =>
  server.sql`select svix_id, type, user_id, organization_id, verdict, attempts from clerk_deliveries`;
const jobs = () => server.sql`select 1 from graphile_worker.jobs where task_identifier = 'apply_clerk_delivery'`;

describe("a forged delivery", () => {
  it("is refused with 401 and leaves no trace, however it is forged", async () => {
    const right = svixHeaders(secret, "msg_1", gone);
    const [, value = ""] = (right["svix-signature"] ?? "").split(",");
    const at = right["svix-timestamp"] ?? "";
    const key = Buffer.from(secret.slice("whsec_".length), "base64");
    const sign = (text: string, by: Buffer | string = key) =>
      `v1,${createHmac("sha256", by).update(text).digest("base64")}`;
    const signature = (text: string) => ({ ...right, "svix-signature": text });
    const without = (name: string) => Object.fromEntries(Object.entries(right).filter(([each]) => each !== name));
    const standard = Object.fromEntries(
      Object.entries(right).map(([name, text]) => [name.replace("svix", "webhook"), text]),
    );
    const forged: [what: string, headers: Record<string, string>, body?: string | Uint8Array][] = [
      ["no headers at all", {}],
      ["no id", without("svix-id")],
      ["no time", without("svix-timestamp")],
      ["no signature", without("svix-signature")],
      ["the names of the standard alone", standard],
      ["an empty signature", signature("")],
      ["no version", signature(value)],
      ["a version without a value", signature("v1,")],
      ["another version", signature(`v2,${value}`)],
      ["the asymmetric version", signature(`v1a,${value}`)],
      ["a value cut short", signature(`v1,${value.slice(0, -2)}`)],
      ["a value in hexadecimal", signature(`v1,${Buffer.from(value, "base64").toString("hex")}`)],
      ["another case", signature(`v1,${value.toLowerCase()}`)],
      ["another key", signature(sign(`msg_1.${at}.${gone}`, "another key"))],
      ["the secret as text", signature(sign(`msg_1.${at}.${gone}`, secret))],
      ["Clerk's API key", signature(sign(`msg_1.${at}.${gone}`, server.clerk.secretKey))],
      ["the empty key", signature(sign(`msg_1.${at}.${gone}`, ""))],
      ["of the body alone", signature(sign(gone))],
      ["of another time", signature(sign(`msg_1.${Number(at) + 1}.${gone}`))],
      ["of another id", signature(sign(`msg_2.${at}.${gone}`))],
      ["another id beside it", { ...right, "svix-id": "msg_2" }],
      ["another time beside it", { ...right, "svix-timestamp": String(Number(at) + 1) }],
      ["a body with one byte changed", right, gone.replace("mary", "mara")],
      ["a body with a blank more", right, `${gone} `],
      ["a body cut short", right, gone.slice(0, -1)],
      ["an empty body", right, ""],
      ["a body written anew", right, JSON.stringify(JSON.parse(gone), null, 1)],
      ["a byte order mark before it", right, `\ufeff${gone}`],
      ["a byte order mark that is signed", svixHeaders(secret, "msg_1", `\ufeff${gone}`), `\ufeff${gone}`],
      ["no text", right, Buffer.from([0xff, 0xfe, 0x00])],
      [
        "an id with a dot, that reaches into the time",
        { ...signature(sign(`msg_1.5.${at}.${gone}`)), "svix-id": "msg_1.5" },
      ],
      ["an id of 300 characters", svixHeaders(secret, "m".repeat(300), gone)],
      ["five minutes and a second old", svixHeaders(secret, "msg_1", gone, now() - 302)],
      ["five minutes and a second ahead", svixHeaders(secret, "msg_1", gone, now() + 303)],
      ["a time in milliseconds", svixHeaders(secret, "msg_1", gone, Date.now())],
      ["a time with words after it", { ...right, "svix-timestamp": `${at}abc` }],
      ["no number for a time", { ...right, "svix-timestamp": "now" }],
      ["a negative time", svixHeaders(secret, "msg_1", gone, -1)],
      ["a session of the signed-in", { authorization: `Bearer ${server.clerk.secretKey}` }],
      ["signed, and no JSON", svixHeaders(secret, "msg_1", "no json"), "no json"],
    ];
    expect(forged.length).toBeGreaterThanOrEqual(40);
    for (const [what, headers, body = gone] of forged) {
      const answer = await deliver(body, headers);
      expect([answer.status, answer.json.error?.code], what).toEqual([401, "invalid_signature"]);
    }
    expect(await stored()).toHaveLength(0);
    expect(await jobs()).toHaveLength(0);
  });

  it("is refused in each of 1,000 random changes of a real one", async () => {
    const random = seeded(20261121);
    const headers = svixHeaders(secret, "msg_1", gone);
    for (let round = 0; round < 1_000; round++) {
      const bytes = Buffer.from(gone);
      const at = Math.floor(random() * bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 + Math.floor(random() * 255));
      const answer = await deliver(bytes, headers);
      if (answer.status !== 401) expect.fail(`change ${round} at ${at} was answered ${answer.status}`);
    }
    expect(await stored()).toHaveLength(0);
  });

  it("is not even read beyond 256 KiB", async () => {
    const body = bodyOf("user.updated", { id: "user_standin_ada", note: "x".repeat(256 * 1024) });
    const answer = await signed("msg_1", body);
    expect([answer.status, answer.json.error.code]).toEqual([413, "payload_too_large"]);
  });

  it("cannot come in where no secret is set: 503, so that Clerk comes again", async () => {
    process.env.CLERK_WEBHOOK_SIGNING_SECRET = "";
    resetEnv();
    const answer = await signed("msg_1", gone);
    expect([answer.status, answer.json.error.code]).toEqual([503, "webhooks_not_configured"]);
    expect(await stored()).toHaveLength(0);
  });
});

describe("a genuine delivery", () => {
  it("is taken within five minutes before and after its time, under any of several signatures", async () => {
    for (const [id, at] of [
      ["msg_early", now() + 295],
      ["msg_late", now() - 295],
    ] as const)
      expect((await signed(id, gone, at)).status).toBe(200);
    const headers = svixHeaders(secret, "msg_both", gone);
    const both = { ...headers, "svix-signature": `v1,${"A".repeat(43)}= ${headers["svix-signature"]}` };
    expect((await deliver(gone, both)).status).toBe(200);
    expect(await stored()).toHaveLength(3);
  });

  it("is stored without a body or a name, with its job, and once however often it comes", async () => {
    await server.sql`delete from graphile_worker._private_jobs`;
    const body = bodyOf("organizationMembership.deleted", {
      id: "orgmem_1",
      organization: { id: "org_standin_acme", name: "Acme Inc" },
      public_user_data: { user_id: "user_standin_ada", first_name: "Ada", identifier: "ada@acme.test" },
    });
    const answers = await Promise.all(Array.from({ length: 20 }, () => signed("msg_same", body)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(answers.filter(({ json }) => json.outcome === "stored")).toHaveLength(1);
    expect(await stored()).toEqual([
      {
        svix_id: "msg_same",
        type: "organizationMembership.deleted",
        user_id: "user_standin_ada",
        organization_id: "org_standin_acme",
        verdict: null,
        attempts: 0,
      },
    ]);
    expect(await jobs()).toHaveLength(1);
    await server.runJobs();
    // She is a member, as Clerk says: nothing follows from it. And nothing from hearing it again.
    expect((await stored())[0]).toMatchObject({ verdict: "ignored", attempts: 1 });
    expect((await signed("msg_same", body)).json.outcome).toBe("duplicate");
    expect(await jobs()).toHaveLength(0);
    const text = JSON.stringify(await server.sql`select * from clerk_deliveries`);
    expect(text).not.toMatch(/Ada|@acme/);
  });

  it("of a kind that is none of ours is noted and ignored", async () => {
    for (const [index, body] of [
      bodyOf("session.created", { id: "sess_1", user_id: "user_standin_ada" }),
      bodyOf("user.deleted", {}),
      bodyOf("organizationMembership.deleted", { organization: {} }),
      bodyOf("user.deleted", { id: 5 }),
      JSON.stringify({ type: "user.deleted", data: null }),
      JSON.stringify({ type: "user.deleted" }),
      JSON.stringify(["user.deleted"]),
      "null",
    ].entries()) {
      const answer = await signed(`msg_odd_${index}`, body);
      // What is no event at all is no delivery of Clerk's, whoever signed it.
      expect([200, 401], body).toContain(answer.status);
    }
    await server.runJobs();
    const verdicts = new Set((await stored()).map(({ verdict }) => verdict));
    expect([...verdicts]).toEqual(["ignored"]);
    expect(await server.sql`select 1 from departures`).toHaveLength(0);
  });

  it("is asked for again while the database is down", async () => {
    const real = process.env.DATABASE_URL;
    process.env.DATABASE_URL = "postgres://postgres:postgres@127.0.0.1:9/postgres";
    resetEnv();
    const { closeSystemDb } = await import("@/lib/db/system");
    await closeSystemDb();
    try {
      const answer = await signed("msg_down", gone);
      expect([answer.status, answer.json.error.code]).toEqual([503, "database_unavailable"]);
    } finally {
      process.env.DATABASE_URL = real;
      resetEnv();
      await closeSystemDb();
    }
    expect((await signed("msg_down", gone)).json.outcome).toBe("stored");
  });

  it("is sent again under the same id until it is taken, as Svix does", async () => {
    const answers = [503, 500];
    const seen: (string | null)[] = [];
    server.door.clerk = (request) => {
      seen.push(request.headers.get("svix-id"));
      const status = answers.shift();
      return status ? Promise.resolve(new Response(null, { status })) : webhook(request);
    };
    server.clerk.webhooks.send("user.updated", { id: "user_standin_grace" });
    const last = () => server.clerk.webhooks.deliveries().at(-1);
    await eventually(() => last()?.outcome === "delivered", "the third try is taken");
    expect(last()?.attempts).toEqual([503, 500, 200]);
    expect(seen).toEqual([last()?.id, last()?.id, last()?.id]);
    expect((await stored()).map(({ svix_id }) => svix_id)).toEqual([last()?.id]);
  });

  it("is forgotten after its time, unless it was never looked into", async () => {
    for (const [id, days, verdict] of [
      ["msg_old", 31, "applied"],
      ["msg_open", 31, null],
      ["msg_new", 29, "ignored"],
    ] as const)
      await server.sql`insert into clerk_deliveries (svix_id, type, received_at, verdict)
        values (${id}, 'user.updated', now() - make_interval(days => ${days}), ${verdict})`;
    await retain();
    expect((await stored()).map(({ svix_id }) => svix_id).sort()).toEqual(["msg_new", "msg_open"]);
  });

  it("is looked into again until Clerk answers, and keeps what it says of a person", async () => {
    await fetch(`${server.clerk.url}/_control/fault`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ mode: "error", door: "backend" }),
    });
    await signed("msg_ada", bodyOf("user.updated", { id: "user_standin_ada", first_name: "Forged" }));
    await server.runJobs();
    expect((await stored())[0]).toMatchObject({ verdict: null, attempts: 1 });
    await fetch(`${server.clerk.url}/_control/fault`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ mode: "none" }),
    });
    await server.sql`update graphile_worker._private_jobs set run_at = now()`;
    await server.runJobs();
    expect((await stored())[0]).toMatchObject({ verdict: "applied", attempts: 2 });
    // What the body said of her counts for nothing.
    const [ada] = await server.sql`select name, email from people where user_id = 'user_standin_ada'`;
    expect(ada).toEqual({ name: "Ada Lovelace", email: "ada@acme.test" });
  });
});
