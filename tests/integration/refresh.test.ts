import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POST as refreshRoute } from "@/app/api/v1/connectors/[slug]/refresh/route";
import { standinConnector } from "@/emulators/providers/standin-connector";
import type { Providers } from "@/emulators/providers/start";
import { manifests } from "@/lib/catalogue/manifests";
import { authorizingOf, BACK, type By, by } from "@/tests/support/authorizing";
import { connectAccount } from "@/tests/support/connected";
import { journeyOf } from "@/tests/support/journey";
import { linksOf } from "@/tests/support/links";
import type { SignedIn } from "@/tests/support/people";
import { type Server, startServer } from "@/tests/support/server";
import { finishSession } from "./providers-chain";
import { startFresh } from "./providers-person";

let providers: Providers;
let server: Server;
let ada: SignedIn;
let grace: SignedIn;
let katherine: SignedIn;
let gmail: { id: string; nangoId: string };

beforeAll(async () => {
  providers = await startFresh([...manifests.values()].map(standinConnector));
  const integrations = ["gmail", "slack", "openai", "github"].flatMap((slug) => manifests.get(slug) ?? []);
  server = await startServer({}, { ...providers, integrations });
  ada = await server.signIn("ada@acme.test", "acme");
  grace = await server.signIn("grace@acme.test", "acme");
  katherine = await server.signIn("katherine@globex.test", "globex");
  gmail = await connectAccount(server, ada, "gmail");
  await server.runJobs();
});
afterAll(async () => {
  await server?.close();
  await providers?.close();
});
beforeEach(() => server.wire.trouble({ kind: "none" }));

const withoutId = (text: string) => text.replace(/"request_id":"[^"]*"/, "");
const refresh = (who: By, slug: string, body: object = {}) =>
  server.call(refreshRoute, `/api/v1/connectors/${slug}/refresh`, { ...by(who), params: { slug }, body });
const control = async (path: string, body: object = {}) => {
  const answer = await fetch(`${server.nango.control}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(answer.status, await answer.text()).toBeLessThan(300);
};
const credentialOf = async (nangoId: string) => {
  const answer = await fetch(`${server.nango.control}/dump`);
  const { connections } = (await answer.json()) as {
    connections: { connection_id: string; credential_hash: string }[];
  };
  return connections.find(({ connection_id }) => connection_id === nangoId)?.credential_hash;
};

describe("renewing a sign-in", () => {
  it("renews it at once and says for how long it is good", async () => {
    const before = await credentialOf(gmail.nangoId);
    const answer = await refresh(grace, "gmail");
    expect(answer.status, answer.text).toBe(200);
    expect(answer.json).toEqual({
      success: true,
      connector_slug: "gmail",
      expires_in: expect.any(Number),
      oauth_method: "nango",
    });
    expect(answer.json.expires_in).toBeGreaterThan(3_000);
    expect(answer.json.expires_in).toBeLessThanOrEqual(3_600);
    expect(await credentialOf(gmail.nangoId)).not.toBe(before);
    expect((await refresh(ada, "gmail", { connection_id: gmail.id })).status).toBe(200);
  });

  it("of one that has no end says so", async () => {
    const slack = await connectAccount(server, ada, "slack");
    const answer = await refresh(ada, "slack", { connection_id: slack.id });
    expect(answer.json, answer.text).toMatchObject({ success: true, expires_in: null });
  });

  it("is not done to keys, which have nothing to renew", async () => {
    await connectAccount(server, ada, "openai");
    const answer = await refresh(ada, "openai");
    expect([answer.status, answer.json.error.code]).toEqual([409, "not_renewable"]);
  });

  it("needs an account, and a choice where there are several", async () => {
    const none = await refresh(katherine, "gmail");
    expect([none.status, none.json.error]).toMatchObject([409, { code: "connection_needed", next_step: "connect" }]);
    expect((await refresh(ada, "no-such-connector")).json.error.code).toBe("unknown_connector");
    const unnamed = { connection_id: gmail.id, scopes: [] };
    expect((await refresh(ada, "gmail", unnamed)).json.error.code).toBe("invalid_request");
  });

  it("is to a stranger, of an account that exists, what it is of one that does not", async () => {
    const mine = await connectAccount(server, grace, "gmail", { visibility: "only_me" });
    const unknown = await refresh(katherine, "gmail", { connection_id: randomUUID() });
    expect(unknown.status).toBe(404);
    const answers = [
      await refresh(katherine, "gmail", { connection_id: gmail.id }),
      await refresh(ada, "gmail", { connection_id: mine.id }),
      await refresh(ada, "slack", { connection_id: gmail.id }),
      await refresh(ada, "gmail", { connection_id: "x" }),
    ];
    for (const answer of answers)
      expect([answer.status, withoutId(answer.text)]).toEqual([404, withoutId(unknown.text)]);
  });

  it("says that Nango is away, and thinks nothing of the account for that", async () => {
    server.wire.trouble({ kind: "answer", status: 500, body: "{}" });
    const answer = await refresh(ada, "gmail", { connection_id: gmail.id });
    expect([answer.status, answer.json.error.code]).toEqual([503, "nango_unreachable"]);
    server.wire.trouble({ kind: "none" });
    const [row] = await server.sql`select status, suspect_since from connections where id = ${gmail.id}`;
    expect(row).toEqual({ status: "connected", suspect_since: null });
  });

  it("that the provider refuses is looked into, and found broken by the look", async () => {
    const [doubtful] = [await connectAccount(server, katherine, "gmail")];
    await server.runJobs();
    await control("/faults", { on: "refresh", effect: "fail", integration: "gmail" });
    const answer = await refresh(katherine, "gmail");
    expect([answer.status, answer.json.error]).toMatchObject([
      409,
      { code: "connection_needs_attention", reason_code: "refresh_failed", next_step: "reconnect", connector: "gmail" },
    ]);
    const [row] = await server.sql`select status, suspect_since from connections where id = ${doubtful.id}`;
    expect(row?.status).toBe("connected");
    expect(row?.suspect_since).not.toBeNull();
    await server.runJobs();
    const [after] = await server.sql`select status, reason_code from connections where id = ${doubtful.id}`;
    expect(after).toEqual({ status: "needs_attention", reason_code: "refresh_failed" });
    expect((await refresh(katherine, "gmail")).json.error.code).toBe("connection_needs_attention");
  });
});

it("an account that was asked for less than usual lacks nothing", async () => {
  const program = authorizingOf(server);
  const links = linksOf(server);
  const github = manifests.get("github") ?? expect.fail("no github");
  const { token } = await program.begin(grace, { redirect_uri: BACK, scopes: ["read:user"] }, "github");
  const session = await links.start(grace, token);
  const nangoId = await finishSession(server.nango, session.sessionToken, github);
  await links.confirm(grace, token, session.attemptId, nangoId);
  const connection = (await journeyOf(server).list(grace)).find(({ connector }) => connector === "github");
  expect(connection).toMatchObject({
    scopes_requested: ["read:user"],
    scopes_granted: ["read:user"],
    scopes_missing: [],
  });
});
