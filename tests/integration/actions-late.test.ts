import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POST as unifiedRoute } from "@/app/api/integrations/unified/route";
import { POST as runRoute } from "@/app/api/v1/connectors/[slug]/[action]/route";
import { GET as listRoute } from "@/app/api/v1/connectors/[slug]/actions/route";
import { runAction } from "@/lib/actions/run";
import { withinRequest } from "@/lib/http/answering";
import { toolsFor } from "@/lib/tools/tools-for";
import type { SignedIn } from "@/tests/support/people";
import { control } from "./providers-person";
import { openToolsWorld, type ToolsWorld } from "./tools-world";

/** What a caller hears when something takes too long: the counting of a use, the provider, or what comes after. */

let world: ToolsWorld;
let ada: SignedIn;
let key: string;
let channel: string;

beforeAll(async () => {
  world = await openToolsWorld(["slack", "openai", "twilio"]);
  ada = await world.server.signIn("ada@acme.test", "acme");
  for (const slug of ["slack", "openai", "twilio"]) await world.connect(ada, slug);
  key = (await world.keys.made(ada, ["actions:run:*"])).key;
  const { json } = await run("slack", "list_channels", { limit: 100 });
  channel = json.result.channels.find(({ name }: { name: string }) => name === "engineering").id;
});
afterAll(() => world?.close());
beforeEach(() => control(world.providers, "/faults", {}, "DELETE"));

const run = (slug: string, action: string, body: unknown) =>
  world.server.call(runRoute, `/api/v1/connectors/${slug}/${action}`, { key, params: { slug, action }, body });
const fault = (kind: string, which: object) =>
  control(world.providers, "/faults", { service: "generic", kind, ...which });
const openai = (path: string) => ({ host: "api.openai.com", path, ms: 6_000 });
const texts = async (): Promise<string[]> =>
  (await run("slack", "read_messages", { channel })).json.result.messages.map(({ text }: { text: string }) => text);

/** While somebody else holds a table, as a migration or a dump does. */
async function whileLocked<T>(table: string, work: () => Promise<T>): Promise<T> {
  const held = await world.server.sql.reserve();
  try {
    await held`begin`;
    await held`lock table ${held(table)} in access exclusive mode`;
    return await work();
  } finally {
    await held`rollback`;
    held.release();
  }
}
const calls = async (action: string): Promise<number> =>
  (await world.server.sql`select coalesce(sum(calls), 0)::int as calls from action_usage where action = ${action}`)[0]
    ?.calls;

describe("a use that cannot be counted now", () => {
  it("decides nothing about the answer, over the API, the unified endpoint and MCP", async () => {
    const client = await world.mcp(key);
    const before = await calls("send_message");
    await whileLocked("action_usage", async () => {
      expect(await run("slack", "send_message", { channel, text: "one" })).toMatchObject({ status: 200 });
      expect(await world.use(client, "slack_send_message", { channel, text: "two" })).toMatchObject({ success: true });
      const data = { to: "+4915112345678", from: "+15005550006", body: "three" };
      const body = { provider: "nango", resource: "twilio.sms", operation: "create", data };
      expect(await world.server.call(unifiedRoute, "/api/integrations/unified", { key, body })).toMatchObject({
        status: 200,
      });
      await fault("403", { service: "slack" });
      expect(await run("slack", "send_message", { channel, text: "four" })).toMatchObject({
        status: 403,
        json: { error: { code: "provider_permission" } },
      });
    });
    expect(await texts()).toEqual(expect.arrayContaining(["one", "two"]));
    await expect.poll(() => calls("send_message")).toBe(before + 3);
  });
});

describe("when a request's time is over", () => {
  it("a change that had left may have been made, and is not to be sent again; anything else may", async () => {
    const tenant = world.tenantOf(ada);
    const hanging = (action: string, input: Record<string, unknown>) =>
      withinRequest(async () => {
        await runAction(tenant, { connector: "slack", action, input });
        await new Promise(() => {});
      }).catch(({ code, details, retryAfter }) => ({ code, details, retryAfter }));
    const ended = await Promise.all([
      hanging("send_message", { channel, text: "Left already" }),
      hanging("read_messages", { channel }),
      // Refused before it left.
      withinRequest(async () => {
        await runAction(tenant, { connector: "slack", action: "send_message", input: {} }).catch(() => {});
        await new Promise(() => {});
      }).catch(({ code, details, retryAfter }) => ({ code, details, retryAfter })),
    ]);
    const again = { code: "database_unavailable", details: undefined, retryAfter: 5 };
    const unknown = { retry: "no", outcome: "unknown" };
    expect(ended).toEqual([{ code: "database_unavailable", details: unknown, retryAfter: undefined }, again, again]);
  });

  it("what was said to be undone stays undone: nothing leaves any more", async () => {
    const tenant = world.tenantOf(ada);
    const late: Promise<unknown>[] = [];
    const kept = (connector: string, action: string, input: Record<string, unknown>) =>
      withinRequest(() => {
        const work = runAction(tenant, { connector, action, input });
        late.push(work);
        return work;
      }).catch(({ code, details, retryAfter }) => ({ code, details, retryAfter }));
    await control(world.providers, "/calls", {}, "DELETE");
    const ended = await whileLocked("connections", () =>
      Promise.all([
        kept("slack", "send_message", { channel, text: "Too late" }),
        // One that may take longer than a request does.
        kept("openai", "create_response", { model: "gpt-5", input: "Think." }),
        kept("openai", "list_models", {}),
      ]),
    );
    const nothingLeft = { code: "database_unavailable", details: undefined, retryAfter: 5 };
    expect(ended).toEqual([nothingLeft, nothingLeft, nothingLeft]);
    for (const work of late) await expect(work).rejects.toMatchObject({ code: "database_unavailable" });
    expect(await control(world.providers, "/calls", undefined, "GET")).toMatchObject({ calls: [] });
  });
});

describe("a provider that is slow by nature", () => {
  const input = { model: "gpt-5", input: "Think." };

  it("is said to be, in the list of actions", async () => {
    const list = await world.server.call(listRoute, "/api/v1/connectors/openai/actions", {
      as: ada,
      params: { slug: "openai" },
    });
    expect(list.json.actions.create_response).toMatchObject({ max_seconds: 50, read_only: false, destructive: false });
    expect(list.json.actions.list_models).not.toHaveProperty("max_seconds");
  });

  it("is waited for, over the API, MCP and in tools, and any other is not", async () => {
    const client = await world.mcp(key);
    const tools = await toolsFor(world.tenantOf(ada));
    await fault("slow", { ...openai("/v1/responses"), times: 3 });
    await fault("slow", openai("/v1/models"));
    const [api, mcp, tool, other] = await Promise.all([
      run("openai", "create_response", input),
      world.use(client, "openai_create_response", input),
      tools.openai_create_response?.execute?.(input, { toolCallId: "1", messages: [], context: {} }),
      run("openai", "list_models", {}),
    ]);
    expect(api).toMatchObject({ status: 200, json: { success: true } });
    expect(mcp).toMatchObject({ success: true });
    expect(tool).toMatchObject({ success: true });
    expect(other).toMatchObject({ status: 502, json: { error: { code: "provider_upstream", retry: "later" } } });
  });

  it("takes nothing from the time for the rest: what hangs after it ends as always", async () => {
    await fault("slow", openai("/v1/responses"));
    let answered = false;
    const ended = withinRequest(async () => {
      await runAction(world.tenantOf(ada), { connector: "openai", action: "create_response", input });
      answered = true;
      await new Promise(() => {});
    });
    await expect(ended).rejects.toMatchObject({ code: "database_unavailable", details: { outcome: "unknown" } });
    expect(answered).toBe(true);
  });
});
