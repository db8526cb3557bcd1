import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { patchbay } from "@/lib/client/patchbay";
import { keysOf } from "@/tests/support/api-keys";
import { startApiServer } from "@/tests/support/api-server";
import { authorizingOf, BACK } from "@/tests/support/authorizing";
import { APP_URL } from "@/tests/support/server";
import { type LinkWorld, openLinkWorld } from "./connect-links-world";

let world: LinkWorld;
let server: LinkWorld["server"];
let links: LinkWorld["links"];
let go: LinkWorld["go"];
let ada: LinkWorld["ada"];
let grace: LinkWorld["grace"];
let katherine: LinkWorld["katherine"];
let mary: LinkWorld["mary"];
let keys: ReturnType<typeof keysOf>;
let program: ReturnType<typeof authorizingOf>;
let http: Awaited<ReturnType<typeof startApiServer>>;
/** Of ada, for acme. */
let key: string;

beforeAll(async () => {
  world = await openLinkWorld();
  ({ server, links, go, ada, grace, katherine, mary } = world);
  keys = keysOf(server);
  program = authorizingOf(server);
  key = (await keys.made(ada)).key;
  http = await startApiServer(APP_URL);
});
afterAll(async () => {
  await http?.close();
  await world?.close();
});
beforeEach(() => world.reset());

const withoutId = (text: string) => text.replace(/"request_id":"[^"]*"/, "");
const linkOf = async (token: string) =>
  (await server.sql`select * from connect_links where token_hash = sha256(convert_to(${token}, 'utf8'))`)[0];

describe("a program that has a person connect an account", () => {
  it("sends them to a page of ours, gets them back with state and code, and learns the connection", async () => {
    const api = patchbay({ baseUrl: http.url, apiKey: key });
    const path = { slug: "openai" };
    const body = { redirect_uri: BACK };
    const asked = await api.POST("/api/v1/connectors/{slug}/authorize", { params: { path }, body });
    const begun = asked.data ?? expect.fail(JSON.stringify(asked.error));
    const { authorization_url: address, state } = begun;
    const token = program.tokenIn(address);
    expect(begun).toEqual({
      authorization_url: `http://localhost:3999/connect/${token}`,
      state: expect.any(String),
      oauth_method: "nango",
    });

    const { nangoId } = await links.follow(ada, token);
    const back = await program.comeBack(ada, token);
    expect(`${back.origin}${back.pathname}`).toBe(BACK);
    expect([...back.searchParams.keys()]).toEqual(["state", "code"]);
    expect(back.searchParams.get("state")).toBe(state);
    const query = { state, code: String(back.searchParams.get("code")) };

    const redeemed = await api.GET("/api/v1/connectors/{slug}/callback", { params: { path, query } });
    const outcome = redeemed.data ?? expect.fail(JSON.stringify(redeemed.error));
    const connection = (await go.list(grace)).find(({ id }) => id === outcome.connection_id);
    expect(connection).toMatchObject({ connector: "openai", visibility: "everyone", status: "connected" });
    expect(outcome).toEqual({
      success: true,
      connector_slug: "openai",
      connection_id: connection?.id,
      oauth_method: "nango",
    });
    const [row] = await server.sql`select owner_id, connected_by, nango_connection_id from connections
      where id = ${outcome.connection_id}`;
    expect(row).toEqual({ owner_id: ada.orgId, connected_by: ada.userId, nango_connection_id: nangoId });
  });

  it("does so in a session just as well, for an organisation and for a person who owns by themselves", async () => {
    for (const person of [grace, mary]) {
      const { state, code } = await program.connected(person, person);
      const redeemed = await program.redeem(person, { state, code });
      expect(redeemed.status, redeemed.text).toBe(200);
      const ids = (await go.list(person)).map(({ id }) => id);
      expect(ids).toContain(redeemed.json.connection_id);
    }
  });

  it("has the frame mint exactly the tags of the attempt, and nothing that was sent along", async () => {
    const { token } = await program.begin(key);
    server.wire.calls.length = 0;
    const { attemptId } = await links.start(ada, token);
    const [call, ...others] = server.wire.calls;
    expect(others).toEqual([]);
    expect(JSON.parse(call?.body ?? "")).toEqual({
      allowed_integrations: ["openai"],
      tags: {
        organization_id: ada.orgId,
        end_user_id: ada.userId,
        connector: "openai",
        attempt_id: attemptId,
        instance: "localhost:3999",
      },
    });
  });

  it("keeps neither token nor state nor code", async () => {
    const { token, state, code } = await program.connected(key, ada);
    const tables = await server.sql`select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname in ('public', 'patchbay', 'graphile_worker')`;
    for (const { name } of tables) {
      for (const secret of [token, state, code]) {
        const found = await server.sql.unsafe(
          `select 1 from ${name} t where position('${secret}' in t::text) > 0 limit 1`,
        );
        expect(found, name).toHaveLength(0);
      }
    }
    expect(await linkOf(token)).toMatchObject({ email: null, user_id: ada.userId, redirect_uri: BACK });
  });

  it("may ask for less than the connector does, and for nothing more", async () => {
    const { token } = await program.begin(ada, { redirect_uri: BACK, scopes: ["read:user"] }, "github");
    server.wire.calls.length = 0;
    const { attemptId } = await links.start(ada, token);
    expect(JSON.parse(server.wire.calls[0]?.body ?? "").integrations_config_defaults).toEqual({
      github: { connection_config: { oauth_scopes_override: "read:user" } },
    });
    const [attempt] = await server.sql`select scopes from connection_attempts where id = ${attemptId}`;
    expect(attempt?.scopes).toEqual(["read:user"]);
    for (const [slug, scopes] of [
      ["github", ["admin:org"]],
      ["github", ["read:user", "repo,delete_repo"]],
      ["openai", ["anything"]],
    ] as const) {
      const refused = await program.ask(ada, { redirect_uri: BACK, scopes }, slug);
      expect([refused.status, refused.json.error.code]).toEqual([400, "unknown_scope"]);
    }
  });

  it("hears why it cannot be", async () => {
    await server.sql`insert into connector_policies (owner_id, subject_kind, subject, effect, created_by)
      values (${ada.ownerId}, 'connector', 'notion', 'block', ${ada.userId})`;
    for (const [slug, status, code] of [
      ["no-such-connector", 404, "unknown_connector"],
      ["constructor", 404, "unknown_connector"],
      ["when2meet", 409, "connector_unavailable"],
      ["notion", 403, "connector_blocked"],
    ] as const) {
      const refused = await program.ask(ada, undefined, slug);
      expect([refused.status, refused.json.error.code], slug).toEqual([status, code]);
    }
    for (const body of [{}, { redirect_uri: BACK, scopes: [] }, { redirect_uri: BACK, state: "mine" }]) {
      expect((await program.ask(ada, body)).json.error.code, JSON.stringify(body)).toBe("invalid_request");
    }
    const elsewhere = await program.ask(ada, { redirect_uri: BACK, owner_id: katherine.ownerId });
    expect(elsewhere.json.error.code).toBe("owner_mismatch");
    expect((await program.ask((await keys.made(ada, ["connections:read"])).key)).json.error).toMatchObject({
      code: "insufficient_scope",
      scope: "connections:write",
    });
  });
});

describe("state and code", () => {
  it("are worth nothing to anybody but the caller that began, and are told so in the words for what never was", async () => {
    const { state, code } = await program.connected(key, ada);
    const unknown = "A".repeat(43);
    const refusal = await program.redeem(key, { state: unknown, code: unknown });
    expect([refusal.status, refusal.json.error.code]).toEqual([404, "not_found"]);
    const others = [
      await program.redeem(ada, { state, code }),
      await program.redeem((await keys.made(ada)).key, { state, code }),
      await program.redeem((await keys.made(grace)).key, { state, code }),
      await program.redeem((await keys.made(katherine)).key, { state, code }),
      await program.redeem(grace, { state, code }),
      await program.redeem(katherine, { state, code }),
      await program.redeem(key, { state, code }, "github"),
      await program.redeem(key, { state, code: unknown }),
      await program.redeem(key, { state: unknown, code }),
      await program.redeem(key, { state: code, code: state }),
    ];
    for (const answer of others)
      expect([answer.status, withoutId(answer.text)]).toEqual([404, withoutId(refusal.text)]);
    // Nobody used it up.
    expect((await program.redeem(key, { state, code })).status).toBe(200);
    const again = await program.redeem(key, { state, code });
    expect([again.status, withoutId(again.text)]).toEqual([404, withoutId(refusal.text)]);
  });

  it("work once, also when twenty come at the same time", async () => {
    const { token, state, code } = await program.connected(key, ada);
    const answers = await Promise.all(Array.from({ length: 20 }, () => program.redeem(key, { state, code })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(404)]);
    expect((await program.leave(ada, token)).json.error.code).toBe("link_finished");
  });

  it("are over after ten minutes; whoever comes back again gets another code, and the earlier one is over", async () => {
    const { token, state, code } = await program.connected(key, ada);
    await server.sql`update connect_links set code_expires_at = now() - interval '1 second'
      where token_hash = sha256(convert_to(${token}, 'utf8'))`;
    expect((await program.redeem(key, { state, code })).status).toBe(404);
    const first = String((await program.comeBack(ada, token)).searchParams.get("code"));
    const second = String((await program.comeBack(ada, token)).searchParams.get("code"));
    expect((await program.redeem(key, { state, code: first })).status).toBe(404);
    expect((await program.redeem(key, { state, code: second })).status).toBe(200);
  });

  it("are none an hour after the account was connected", async () => {
    const { token } = await program.connected(key, ada);
    await server.sql`update connect_links set used_at = now() - interval '61 minutes'
      where token_hash = sha256(convert_to(${token}, 'utf8'))`;
    expect((await program.leave(ada, token)).json.error.code).toBe("link_finished");
  });

  it("of a key that was revoked are worth nothing", async () => {
    const other = await keys.made(ada);
    const { state, code } = await program.connected(other.key, ada);
    await keys.revoke(ada, other.id);
    expect((await program.redeem(other.key, { state, code })).status).toBe(401);
    expect((await program.redeem(ada, { state, code })).status).toBe(404);
  });
});

describe("the address of an authorisation", () => {
  it("opens for its person alone, and is to anybody else a link that never was", async () => {
    const { token } = await program.begin(key);
    const refusal = await links.open(mary, "B".repeat(43));
    expect(refusal.status).toBe(404);
    for (const person of [grace, katherine, mary]) {
      for (const answer of [await links.open(person, token), await program.leave(person, token)])
        expect([answer.status, withoutId(answer.text)]).toEqual([404, withoutId(refusal.text)]);
    }
    expect((await program.leave(undefined, token)).status).toBe(401);
    expect((await links.open(ada, token)).status).toBe(201);
  });

  it("opens whatever its person acts for at the moment", async () => {
    const { token } = await program.begin(key);
    const alone = await server.signIn("ada@acme.test", null);
    expect((await links.open(alone, token)).status).toBe(201);
  });

  it("leads back without an account when they decline or give up, and is over by that", async () => {
    const declined = await program.begin(key);
    const session = await links.start(ada, declined.token);
    await links.cancel(ada, declined.token, session.attemptId, "denied");
    const back = await program.comeBack(ada, declined.token);
    expect(Object.fromEntries(back.searchParams)).toEqual({ state: declined.state, error: "denied" });

    const left = await program.begin(key);
    const open = await links.start(ada, left.token);
    expect((await program.comeBack(ada, left.token)).searchParams.get("error")).toBe("cancelled");
    for (const { token } of [declined, left]) {
      expect((await links.open(ada, token)).json.error.code).toBe("link_finished");
    }
    // What is finished late is nobody's.
    await links.finish(open);
    await links.confirm(ada, left.token, open.attemptId);
    expect((await links.read(ada, left.token, open.attemptId)).json.attempt.status).toBe("cancelled");
    expect((await program.redeem(key, { state: left.state, code: "A".repeat(43) })).status).toBe(404);
  });

  it("leads back when its hour is over, and says so", async () => {
    const { token, state } = await program.begin(key);
    await server.sql`update connect_links set expires_at = now() - interval '1 second'
      where token_hash = sha256(convert_to(${token}, 'utf8'))`;
    expect(Object.fromEntries((await program.comeBack(ada, token)).searchParams)).toEqual({ state, error: "expired" });
    expect((await links.open(ada, token)).json.error.code).toBe("link_finished");
  });

  it("ends when its person leaves the organisation", async () => {
    const { token } = await program.begin(grace);
    const session = await links.start(grace, token);
    await server.sql`select patchbay.revoke_links_of(${grace.ownerId}, ${grace.userId})`;
    expect((await links.open(grace, token)).json.error.code).toBe("link_finished");
    expect((await links.read(grace, token, session.attemptId)).json.attempt.status).toBe("cancelled");
  });
});
