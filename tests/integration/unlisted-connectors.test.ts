import { randomUUID } from "node:crypto";
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GET as readConnector } from "@/app/api/v1/connectors/[slug]/route";
import { manifests } from "@/lib/catalogue/manifests";
import { patchbay } from "@/lib/client/patchbay";
import { authorizingOf, BACK } from "@/tests/support/authorizing";
import { linksOf } from "@/tests/support/links";
import type { SignedIn } from "@/tests/support/people";
import { finishSession } from "./providers-chain";
import { openToolsWorld, type ToolsWorld } from "./tools-world";

/** BambooHR has no page in the catalogue, and can be connected all the same, in each way in which others can. */
const slug = "bamboohr";
const manifest = manifests.get(slug) ?? expect.fail("no manifest");

let world: ToolsWorld;
let ada: SignedIn;
let links: ReturnType<typeof linksOf>;
let program: ReturnType<typeof authorizingOf>;
/** As a developer's program has it, with a key of Ada's. */
let api: ReturnType<typeof patchbay>;
let agent: Client;

beforeAll(async () => {
  world = await openToolsWorld([slug]);
  ada = await world.server.signIn("ada@acme.test", "acme");
  links = linksOf(world.server);
  program = authorizingOf(world.server);
  const { key } = await world.keys.made(ada);
  api = patchbay({ baseUrl: world.api.url, apiKey: key });
  agent = await world.mcp(key);
});
afterAll(() => world?.close());

/** Follows a link to its end, as its person. */
async function follow(token: string): Promise<string> {
  const session = await links.start(ada, token);
  const nangoId = await finishSession(world.server.nango, session.sessionToken, manifest);
  const answer = await links.confirm(ada, token, session.attemptId, nangoId);
  expect(answer.status, answer.text).toBe(200);
  const [row] = await world.server.sql`select id from connections where nango_connection_id = ${nangoId}`;
  return row?.id;
}

async function employeesOf(connectionId: string): Promise<unknown[]> {
  const { data, error } = await api.POST("/api/integrations/unified", {
    body: { provider: "nango", resource: "hr.employee", operation: "list", params: { connectionId } },
  });
  expect(error).toBeUndefined();
  return (data?.items ?? []).map((item) => "firstName" in item && item.firstName);
}

describe("a connector that is in no list", () => {
  it("is in none", () => expect(manifest.listed).toBe(false));

  it("is connected by a link to somebody, and its employees are listed", async () => {
    const { token } = await links.ask(ada, "ada@acme.test", slug);
    expect(await employeesOf(await follow(token))).toEqual(["Ada", "Grace"]);
  });

  it("is connected by a link that a program asks for", async () => {
    const { data } = await api.POST("/api/v1/connect-sessions", { body: { connector: slug } });
    expect(await employeesOf(await follow(program.tokenIn(data?.url ?? "")))).toEqual(["Ada", "Grace"]);
  });

  it("is connected by authorize, and leads back with a code", async () => {
    const path = { slug };
    const asked = await api.POST("/api/v1/connectors/{slug}/authorize", {
      params: { path },
      body: { redirect_uri: BACK },
    });
    const token = program.tokenIn(asked.data?.authorization_url ?? "");
    const id = await follow(token);
    const code = String((await program.comeBack(ada, token)).searchParams.get("code"));
    const query = { state: asked.data?.state ?? "", code };
    const redeemed = await api.GET("/api/v1/connectors/{slug}/callback", { params: { path, query } });
    expect(redeemed.data).toMatchObject({ success: true, connector_slug: slug, connection_id: id });
  });

  it("is connected in a session of the app, and through an agent's tool", async () => {
    expect(await employeesOf((await world.connect(ada, slug)).id)).toEqual(["Ada", "Grace"]);
    const { result } = await world.use(agent, "connect_account", { connector: slug });
    expect(await employeesOf(await follow(program.tokenIn(result.url)))).toEqual(["Ada", "Grace"]);
  });

  it("has no page that a tool could name: there is a link of the person's own, or nothing", async () => {
    const katherine = await world.server.signIn("katherine@globex.test", "globex");
    const failing = async (scopes?: string[]) => {
      const hers = await world.mcp((await world.keys.made(katherine, scopes)).key);
      return (await world.use(hers, "bamboohr_list_employees")).error;
    };
    expect(await failing()).toMatchObject({
      code: "connection_needed",
      connect_url: expect.stringContaining("/connect/"),
      link_id: expect.any(String),
    });
    const refused = await failing(["actions:run:*"]);
    expect(refused.code).toBe("connection_needed");
    expect(refused).not.toHaveProperty("connect_url");
  });

  it("obeys the organisation's rules, and says so by either door", async () => {
    const joan = await world.server.signIn("joan@both.test", "globex");
    const as = { params: { slug } };
    const { key: joans } = await world.keys.made(joan);
    const seen = async (who: object) =>
      (await world.server.call(readConnector, `/api/v1/connectors/${slug}`, { ...as, ...who })).json.availability;
    expect(await seen({ as: joan })).toEqual({ state: "available", method: "nango", reason: null });
    const rule = randomUUID();
    await world.server.sql`insert into connector_policies (id, owner_id, subject_kind, subject, effect, created_by)
      values (${rule}, ${joan.ownerId}, 'category', ${manifest.category}, 'block', ${joan.userId})`;
    const blocked = { state: "unavailable", method: null, reason: "blocked" };
    expect([await seen({ as: joan }), await seen({ key: joans })]).toEqual([blocked, blocked]);
    const refused = await program.ask(joan, { redirect_uri: BACK }, slug);
    expect([refused.status, refused.json.error.code]).toEqual([403, "connector_blocked"]);
  });
});
