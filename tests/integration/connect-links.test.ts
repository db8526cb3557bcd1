import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LinkView } from "@/lib/api/link-views";
import { resetEnv } from "@/lib/env";
import { type LinkWorld, marys, openLinkWorld } from "./connect-links-world";

let world: LinkWorld;
let server: LinkWorld["server"];
let links: LinkWorld["links"];
let go: LinkWorld["go"];
let ada: LinkWorld["ada"];
let grace: LinkWorld["grace"];
let katherine: LinkWorld["katherine"];
let mary: LinkWorld["mary"];
let linkRow: LinkWorld["linkRow"];
let connectionsOf: LinkWorld["connectionsOf"];
let noticesOf: LinkWorld["noticesOf"];

beforeAll(async () => {
  world = await openLinkWorld();
  ({ server, links, go, ada, grace, katherine, mary, linkRow, connectionsOf, noticesOf } = world);
});
afterAll(() => world?.close());
beforeEach(() => world.reset());

const withoutId = (text: string) => text.replace(/"request_id":"[^"]*"/, "");

describe("a connect link", () => {
  it("brings an organisation an account from somebody who is no member, and tells who asked", async () => {
    const { link, token } = await links.ask(ada, marys);
    expect(link).toMatchObject({
      email: marys,
      status: "open",
      connector: "openai",
      used_by: null,
      connection_id: null,
    });
    expect(Date.parse(link.expires_at) - Date.parse(link.created_at)).toBe(7 * 86_400_000);

    const { nangoId, answer } = await links.follow(mary, token);
    // The connection is somebody else's: the answer says that it is there, and no more.
    expect(answer.json).toEqual({
      attempt: expect.objectContaining({ status: "confirmed", outcome: "connected" }),
      connection: null,
    });
    const [row] = await connectionsOf(link.id);
    expect(row).toMatchObject({
      owner_id: ada.orgId,
      connected_by: mary.userId,
      visibility: "everyone",
      nango_connection_id: nangoId,
      contact_id: ada.userId,
    });
    expect((await go.list(grace)).map(({ id }) => id)).toContain(row?.id);
    expect((await go.list(mary)).map(({ id }) => id)).not.toContain(row?.id);

    const told = (await links.list(ada)).json.links.find(({ id }: LinkView) => id === link.id);
    expect(told).toMatchObject({ status: "used", used_by: { id: mary.userId }, connection_id: row?.id });
    const [notice] = await noticesOf(ada, "openai");
    expect(notice).toMatchObject({ connection_id: row?.id, seen: false });
    expect(await noticesOf(grace, "openai")).toEqual([]);
  });

  it("carries exactly the tags of its own attempt to Nango", async () => {
    const { token } = await links.ask(ada, marys);
    const { attemptId } = await links.start(mary, token);
    expect(server.wire.calls.map(({ method, path }) => `${method} ${path}`)).toEqual(["POST /connect/sessions"]);
    expect(JSON.parse(server.wire.calls[0]?.body ?? "")).toEqual({
      allowed_integrations: ["openai"],
      tags: {
        organization_id: ada.orgId,
        end_user_id: mary.userId,
        connector: "openai",
        attempt_id: attemptId,
        instance: "localhost:3999",
      },
    });
  });

  it("gives its address out once, and nothing that is kept holds it", async () => {
    const { link, token } = await links.ask(ada, marys);
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    await links.follow(mary, token);
    expect((await links.list(ada)).text).not.toContain(token);
    const tables = await server.sql`select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname in ('public', 'patchbay', 'graphile_worker')`;
    for (const { name } of tables) {
      const found = await server.sql.unsafe(
        `select 1 from ${name} t where position('${token}' in t::text) > 0 limit 1`,
      );
      expect(found, name).toHaveLength(0);
    }
    expect((await linkRow(link.id))?.token_hash).toHaveLength(32);
  });

  it("is for an address, however it is written", async () => {
    const { link, token } = await links.ask(ada, "  MARY@Nowhere.Test ");
    expect(link.email).toBe(marys);
    expect((await links.open(mary, token)).status).toBe(201);
  });

  it("into what somebody owns by themselves brings them an account that they may manage, and nobody else", async () => {
    const { link, token } = await links.ask(mary, "grace@acme.test", "sendgrid");
    const session = await links.start(grace, token);
    const nangoId = await server.complete(session, "sendgrid", { apiKey: "SG.good" });
    expect((await links.confirm(grace, token, session.attemptId, nangoId)).json.attempt.status).toBe("confirmed");
    const [row] = await connectionsOf(link.id);
    expect(row).toMatchObject({ owner_id: mary.userId, connected_by: grace.userId });
    const mine = (await go.list(mary)).find(({ id }) => id === row?.id);
    expect(mine).toMatchObject({ can_manage: true });
    expect((await go.list(grace)).map(({ id }) => id)).not.toContain(row?.id);
    expect((await go.disconnect(grace, row?.id)).status).toBe(404);
    expect((await go.disconnect(mary, row?.id)).json.connection.status).toBe("disconnected");
  });
});

describe("making a link", () => {
  it("is for admins and for who owns by themselves; a member may ask their own address alone", async () => {
    expect((await links.make(ada, { connector: "openai", email: "anybody@else.test" })).status).toBe(201);
    expect((await links.make(mary, { connector: "openai", email: "anybody@else.test" })).status).toBe(201);
    const asked = await links.make(grace, { connector: "openai", email: marys });
    expect([asked.status, asked.json.error.code]).toEqual([403, "forbidden"]);
    expect((await links.make(grace, { connector: "openai", email: "Grace@acme.test" })).status).toBe(201);
  });

  it("refuses what is no address, no connector, or more than was asked for", async () => {
    for (const body of [
      { connector: "openai", email: "nobody" },
      { connector: "openai", email: "a@b@c.test" },
      { connector: "openai", email: `${"a".repeat(250)}@b.test` },
      { connector: "openai", email: "" },
      { connector: "openai" },
      { email: marys },
      { connector: "openai", email: marys, visibility: "only_me" },
      { connector: "openai", email: marys, expires_at: "2099-01-01T00:00:00Z" },
    ])
      expect((await links.make(ada, body)).json.error.code, JSON.stringify(body)).toBe("invalid_request");
    const unknown = await links.make(ada, { connector: "no-such-thing", email: marys });
    expect([unknown.status, unknown.json.error.code]).toEqual([404, "unknown_connector"]);
    const elsewhere = await links.make(ada, { connector: "openai", email: marys, owner_id: katherine.ownerId });
    expect(elsewhere.json.error.code).toBe("owner_mismatch");
  });

  it("stops at fifty that are open, also when two are made at once", async () => {
    const open = (from: number, to: number) => server.sql`
      insert into connect_links (owner_id, created_by, connector, email, token_hash)
      select ${katherine.ownerId}, ${katherine.userId}, 'openai', ${marys}, sha256(convert_to('x' || n, 'utf8'))
      from generate_series(${from}::int, ${to}::int) n`;
    await links.ask(katherine, marys);
    await open(1, 48);
    const late = await server.sql.begin(async (sql) => {
      // The fiftieth, not committed yet.
      await sql`select patchbay.make_link(${katherine.ownerId}, ${katherine.userId}, 'openai', ${marys},
        sha256('fiftieth'), 50, 'session', null, null, null)`;
      const asked = links.make(katherine, { connector: "openai", email: marys });
      await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, 300))]);
      return { asked };
    });
    const refused = await late.asked;
    expect([refused.status, refused.json.error?.code]).toEqual([409, "too_many_links"]);
    const [first] = (await links.list(katherine)).json.links;
    await links.revoke(katherine, first.id);
    expect((await links.make(katherine, { connector: "openai", email: marys })).status).toBe(201);
  });

  it("stops at ten of a member's own, and leaves room for the others", async () => {
    for (let made = 0; made < 10; made += 1) await links.ask(grace, "grace@acme.test");
    const refused = await links.make(grace, { connector: "openai", email: "grace@acme.test" });
    expect([refused.status, refused.json.error.code]).toEqual([409, "too_many_links"]);
    await links.ask(ada, marys);
  });

  it("is refused where there is no way to connect, and made for what has a way but no page", async () => {
    const refusal = async (connector: string) => {
      const answer = await links.make(ada, { connector, email: marys });
      return [answer.status, answer.json.error?.code];
    };
    expect(await refusal("codeberg")).toEqual([409, "direct_not_configured"]);
    Object.assign(process.env, { OAUTH_CODEBERG_CLIENT_ID: "app", OAUTH_CODEBERG_CLIENT_SECRET: "secret" });
    Object.assign(process.env, { OAUTH_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString("base64")}` });
    resetEnv();
    await links.ask(ada, marys, "codeberg");
    process.env.NANGO_ENABLED = "false";
    resetEnv();
    expect(await refusal("openai")).toEqual([503, "nango_disabled"]);
    for (const name of ["CODEBERG_CLIENT_ID", "CODEBERG_CLIENT_SECRET", "ENCRYPTION_KEYS"])
      delete process.env[`OAUTH_${name}`];
    delete process.env.NANGO_ENABLED;
    resetEnv();
  });

  it("obeys the organisation's rules, and so does following one that was made before", async () => {
    const { token } = await links.ask(ada, marys, "notion");
    await server.sql`insert into connector_policies (owner_id, subject_kind, subject, effect, created_by)
      values (${ada.ownerId}, 'connector', 'notion', 'block', ${ada.userId})`;
    const made = await links.make(ada, { connector: "notion", email: marys });
    expect([made.status, made.json.error.code]).toEqual([403, "connector_blocked"]);
    const opened = await links.open(mary, token);
    expect([opened.status, opened.json.error.code]).toEqual([403, "connector_blocked"]);
    expect(server.wire.calls).toEqual([]);
  });
});

describe("the list", () => {
  it("shows an admin all of the organisation's in pages, a member their own, and others nothing of it", async () => {
    const made = [];
    for (let n = 0; n < 5; n += 1) made.push((await links.ask(ada, `person-${n}@else.test`)).link.id);
    const own = (await links.ask(grace, "grace@acme.test")).link.id;
    const first = (await links.list(ada, "?limit=4")).json;
    expect(first.links.map(({ id }: LinkView) => id)).toEqual([own, made[4], made[3], made[2]]);
    const second = (await links.list(ada, `?limit=2&cursor=${first.next_cursor}`)).json;
    expect(second.links.map(({ id }: LinkView) => id)).toEqual([made[1], made[0]]);
    expect(second.total_count).toBe(first.total_count);
    const graces = (await links.list(grace, "?limit=200")).json;
    expect(new Set(graces.links.map((each: LinkView) => each.created_by.id))).toEqual(new Set([grace.userId]));
    expect(graces.total_count).toBe(graces.links.length);
    const others = (await links.list(katherine, "?limit=200")).text;
    for (const id of [...made, own]) expect(others).not.toContain(id);
    expect((await links.list(ada, "?cursor=nonsense")).json.error.code).toBe("invalid_request");
    expect((await links.list(ada, `?owner_id=${katherine.ownerId}`)).json.error.code).toBe("owner_mismatch");
  });

  it("answers for somebody else's link as for none, byte for byte", async () => {
    const { link } = await links.ask(ada, marys);
    const unknown = await links.revoke(katherine, "00000000-0000-4000-8000-000000000000");
    for (const as of [katherine, mary, grace]) {
      const foreign = await links.revoke(as, link.id);
      expect([foreign.status, withoutId(foreign.text)]).toEqual([404, withoutId(unknown.text)]);
    }
    expect((await links.revoke(ada, "not-an-id")).status).toBe(404);
    expect((await linkRow(link.id))?.revoked_at).toBeNull();
  });
});
