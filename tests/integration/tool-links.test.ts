import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authorizingOf, BACK } from "@/tests/support/authorizing";
import { linksOf } from "@/tests/support/links";
import type { SignedIn } from "@/tests/support/people";
import { openToolsWorld, type ToolsWorld } from "./tools-world";

let world: ToolsWorld;
let ada: SignedIn;
let grace: SignedIn;
let key: string;
let client: Client;
let program: ReturnType<typeof authorizingOf>;

beforeAll(async () => {
  world = await openToolsWorld(["openai", "linear", "github"]);
  ada = await world.server.signIn("ada@acme.test", "acme");
  grace = await world.server.signIn("grace@acme.test", "acme");
  ({ key } = await world.keys.made(ada));
  client = await world.mcp(key);
  program = authorizingOf(world.server);
});
afterAll(() => world?.close());

describe("an agent that fails over and over for want of an account", () => {
  const fail = async () => (await world.use(client, "linear_list_teams")).error;

  it("gets ten links that are open, then the connector's page", async () => {
    const links: string[] = [];
    for (let n = 0; n < 10; n++) {
      const { code, connect_url, link_id } = await fail();
      expect([code, connect_url]).toEqual(["connection_needed", expect.stringContaining("/connect/")]);
      links.push(link_id);
    }
    expect(new Set(links).size).toBe(10);
    for (let n = 0; n < 3; n++) {
      const { code, next_step, connect_url, link_id } = await fail();
      expect([code, next_step, link_id]).toEqual(["connection_needed", "connect", undefined]);
      expect(connect_url).toMatch(/\/connectors\/linear$/);
    }
    // Another person has ten of their own, and one that is over makes room.
    const colleague = await world.mcp((await world.keys.made(grace)).key);
    expect((await world.use(colleague, "linear_list_teams")).error.link_id).toBeTypeOf("string");
    await world.server
      .sql`update connect_links set revoked_at = now(), revoked_by = created_by where id = ${links[0] ?? ""}`;
    expect((await fail()).link_id).toBeTypeOf("string");
    expect((await fail()).link_id).toBeUndefined();
  });

  it("takes none from whoever asks for a link, nor they from it", async () => {
    expect((await program.ask(key, { redirect_uri: BACK }, "github")).status).toBe(200);
    expect((await program.askForLink(key, { connector: "github" })).status).toBe(201);
    expect((await world.use(client, "connect_account", { connector: "github" })).success).toBe(true);
    const open = (automatic: boolean) => world.server.sql`
      select 1 from connect_links where user_id = ${ada.userId} and automatic = ${automatic}
        and used_at is null and revoked_at is null`;
    expect([(await open(false)).length, (await open(true)).length]).toEqual([3, 10]);
    // As many as anybody may ask for: the next one is refused, and a failing call still gets its own.
    await world.server.sql`
      insert into connect_links (owner_id, created_by, connector, user_id, token_hash)
      select ${ada.ownerId}, ${ada.userId}, 'github', ${ada.userId}, sha256(convert_to('x' || n, 'utf8'))
      from generate_series(1, 47) n`;
    expect((await program.askForLink(key, { connector: "github" })).json.error.code).toBe("too_many_links");
    await world.server.sql`update connect_links set revoked_at = now(), revoked_by = created_by where automatic`;
    expect((await fail()).link_id).toBeTypeOf("string");
  });
});

it("a connection_id that is no text is refused as such, whatever it is", async () => {
  for (const connection_id of [{ toString: 1 }, null, 7, ["x"], true]) {
    const { error } = await world.use(client, "github_list_issues", { owner: "acme", repo: "web", connection_id });
    expect([error.code, error.issues?.[0].path], JSON.stringify(connection_id)).toEqual([
      "action_invalid_input",
      "connection_id",
    ]);
  }
});

it("a key is not told which connection came of its link once that is only its maker's", async () => {
  await world.server.sql`update connect_links set revoked_at = now(), revoked_by = created_by where used_at is null`;
  const made = (await program.askForLink(key, { connector: "openai" })).json;
  await linksOf(world.server).follow(ada, program.tokenIn(made.url));
  const became = async (who: SignedIn | string) => {
    const { status, connection_id } = (await program.statusOf(who, made.id)).json;
    return [status, connection_id];
  };
  expect(await became(key)).toEqual(["used", expect.any(String)]);
  await world.server.sql`update connections set visibility = 'only_me' where connector = 'openai'`;
  expect(await became(key)).toEqual(["used", null]);
  const { result } = await world.use(client, "connect_account", { link_id: made.id });
  expect(result).toMatchObject({ status: "used", connection_id: null });
  expect(await became(ada)).toEqual(["used", expect.any(String)]);
});
