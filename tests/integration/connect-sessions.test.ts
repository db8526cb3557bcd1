import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { keysOf } from "@/tests/support/api-keys";
import { authorizingOf, BACK } from "@/tests/support/authorizing";
import { type LinkWorld, marys, openLinkWorld } from "./connect-links-world";

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
/** Of ada, for acme. */
let key: string;

beforeAll(async () => {
  world = await openLinkWorld();
  ({ server, links, go, ada, grace, katherine, mary } = world);
  keys = keysOf(server);
  program = authorizingOf(server);
  key = (await keys.made(ada)).key;
});
afterAll(() => world?.close());
beforeEach(() => world.reset());

const withoutId = (text: string) => text.replace(/"request_id":"[^"]*"/, "");

describe("a link that a program makes", () => {
  it("is for whoever proved an address, where the caller may ask that; with a way back as well", async () => {
    const made = await program.askForLink(ada, {
      connector: "openai",
      email: " MARY@nowhere.test",
      redirect_uri: BACK,
    });
    expect(made.status, made.text).toBe(201);
    expect(Object.keys(made.json).sort()).toEqual(["expires_at", "id", "oauth_method", "state", "url"]);
    const token = program.tokenIn(made.json.url);
    expect((await program.statusOf(ada, made.json.id)).json).toMatchObject({ status: "open", connection_id: null });
    await links.follow(mary, token);
    const code = String((await program.comeBack(mary, token)).searchParams.get("code"));
    const redeemed = await program.redeem(ada, { state: made.json.state, code });
    expect(redeemed.status, redeemed.text).toBe(200);
    const status = (await program.statusOf(ada, made.json.id)).json;
    expect(status).toMatchObject({ status: "used", connection_id: redeemed.json.connection_id, connector: "openai" });
    expect((await go.list(grace)).map(({ id }) => id)).toContain(redeemed.json.connection_id);
  });

  it("asks others for administrators in a session only: a key has a member's rights", async () => {
    for (const who of [grace, key]) {
      const refused = await program.askForLink(who, { connector: "openai", email: marys });
      expect([refused.status, refused.json.error.code]).toEqual([403, "forbidden"]);
    }
    const own = await program.askForLink(key, { connector: "openai", email: "ada@acme.test" });
    expect(own.status, own.text).toBe(201);
    expect((await program.askForLink(mary, { connector: "openai", email: "grace@acme.test" })).status).toBe(201);
  });

  it("for its own person needs no address, stays out of people's list, and can be watched and revoked", async () => {
    const made = await program.askForLink(key, { connector: "openai" });
    expect(made.status, made.text).toBe(201);
    expect(made.json.state).toBeNull();
    const { id, url } = made.json;
    expect(Date.parse(made.json.expires_at) - Date.now()).toBeLessThanOrEqual(3_600_000);
    expect((await links.list(ada)).text).not.toContain(id);
    expect((await program.leave(ada, program.tokenIn(url))).status).toBe(404);
    expect((await program.statusOf(key, id)).json.status).toBe("open");
    expect((await links.revoke(ada, id)).json.link.status).toBe("revoked");
    expect((await links.open(ada, program.tokenIn(url))).json.error.code).toBe("link_finished");
  });

  it("is to others' callers one that never was", async () => {
    const { id } = (await program.askForLink(ada, { connector: "openai" })).json;
    const unknown = await program.statusOf(grace, randomUUID());
    expect(unknown.status).toBe(404);
    for (const who of [grace, katherine, mary, (await keys.made(grace)).key]) {
      const answer = await program.statusOf(who, id);
      expect([answer.status, withoutId(answer.text)]).toEqual([404, withoutId(unknown.text)]);
    }
  });

  it("is one of fifty at most that are open for a person, and takes none from those they may ask others for", async () => {
    await server.sql`insert into people (user_id) values (${katherine.userId}) on conflict do nothing`;
    await server.sql`insert into connect_links (owner_id, created_by, connector, user_id, token_hash)
      select ${katherine.ownerId}, ${katherine.userId}, 'openai', ${katherine.userId},
        sha256(convert_to('own' || n, 'utf8')) from generate_series(1, 50) n`;
    const refused = await program.askForLink(katherine, { connector: "openai" });
    expect([refused.status, refused.json.error.code]).toEqual([409, "too_many_links"]);
    expect((await links.make(katherine, { connector: "openai", email: marys })).status).toBe(201);
  });
});
