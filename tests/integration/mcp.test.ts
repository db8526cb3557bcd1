import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifests } from "@/lib/catalogue/manifests";
import { MAX_CHARACTERS } from "@/lib/tools/shorten";
import { linksOf } from "@/tests/support/links";
import type { SignedIn } from "@/tests/support/people";
import { openToolsWorld, type ToolsWorld } from "./tools-world";

const everything = ["connectors:read", "connections:read", "connections:write", "actions:run:*"];
const UNKNOWN = "00000000-0000-4000-8000-000000000000";

let world: ToolsWorld;
let ada: SignedIn;
let grace: SignedIn;
let katherine: SignedIn;
let slack: string;
let client: Client;

beforeAll(async () => {
  world = await openToolsWorld(["slack", "openai", "twilio"]);
  ada = await world.server.signIn("ada@acme.test", "acme");
  grace = await world.server.signIn("grace@acme.test", "acme");
  katherine = await world.server.signIn("katherine@globex.test", "globex");
  slack = (await world.connect(ada, "slack")).id;
  await world.connect(ada, "openai");
  client = await world.mcp((await world.keys.made(ada, everything)).key);
});
afterAll(() => world.close());

const clientWith = async (scopes: string[], as = ada) => world.mcp((await world.keys.made(as, scopes)).key);
const namesOf = async (of: Client) => (await of.listTools()).tools.map(({ name }) => name).sort();

describe("which tools a key has", () => {
  const slackReads = ["find_person", "list_channels", "list_people", "read_messages", "read_thread"].map(
    (key) => `slack_${key}`,
  );
  const slackWrites = [
    "sendSlackMessage",
    ...["add_reaction", "send_message", "update_message"].map((k) => `slack_${k}`),
  ];
  const openaiReads = ["openai_list_models"];
  const openaiWrites = ["openai_create_embedding", "openai_create_response"];

  const table: [scopes: string[], tools: string[]][] = [
    [["connectors:read"], ["list_connectors"]],
    [["connections:read"], ["list_connections"]],
    [["connections:write"], ["connect_account"]],
    [["actions:read:slack"], slackReads],
    [["actions:run:slack"], [...slackReads, ...slackWrites]],
    [["actions:read:*"], [...slackReads, ...openaiReads]],
    [["actions:run:*"], [...slackReads, ...slackWrites, ...openaiReads, ...openaiWrites]],
    [
      ["actions:read:*", "actions:run:openai"],
      [...slackReads, ...openaiReads, ...openaiWrites],
    ],
    // Nothing of it is connected.
    [["actions:run:twilio"], []],
    [
      ["connectors:read", "connections:read", "actions:read:openai"],
      ["list_connectors", "list_connections", ...openaiReads],
    ],
  ];

  it.each(table)("with %j", async (scopes, tools) => {
    expect(await namesOf(await clientWith(scopes))).toEqual([...tools].sort());
  });

  it("and no other by its name: what it may not use is answered like what does not exist", async () => {
    const reader = await clientWith(["actions:read:slack"]);
    const refusal = async (name: string) =>
      reader.callTool({ name, arguments: {} }).then(
        () => "answered",
        (error: Error) => error.message,
      );
    const unknown = await refusal("no_such_tool");
    expect(unknown).toMatch(/Unknown tool/);
    for (const name of ["sendSlackMessage", "slack_send_message", "openai_list_models", "list_connections"])
      expect(await refusal(name), name).toBe(unknown);
  });
});

describe("what a client is told of a tool", () => {
  it("says what it does, and takes and gives, in a way that the official client checks", async () => {
    const { tools } = await client.listTools();
    const named = Object.fromEntries(tools.map((tool) => [tool.name, tool]));
    expect(named.slack_list_channels?.annotations).toMatchObject({ readOnlyHint: true, destructiveHint: false });
    expect(named.sendSlackMessage?.annotations).toMatchObject({ readOnlyHint: false, destructiveHint: false });
    expect(named.slack_update_message?.annotations).toMatchObject({ readOnlyHint: false, destructiveHint: true });
    expect(named.list_connections?.annotations).toMatchObject({ readOnlyHint: true, openWorldHint: false });
    for (const { name, inputSchema, outputSchema, description } of tools) {
      expect(inputSchema.type, name).toBe("object");
      expect(outputSchema?.type, name).toBe("object");
      expect(description, name).toBeTruthy();
    }
    expect(client.getInstructions()).toContain("connect_account");
  });
});

describe("the tools of Patchbay's own", () => {
  it("list_connectors: says what can be connected, what is, and finds by words", async () => {
    const first = await world.use(client, "list_connectors", { limit: 5 });
    expect(first.result).toMatchObject({ total_count: expect.any(Number), next_cursor: expect.any(String) });
    const all: string[] = [];
    let cursor: string | null = null;
    do {
      const page = (await world.use(client, "list_connectors", cursor ? { cursor } : {})).result as {
        connectors: { slug: string }[];
        next_cursor: string | null;
      };
      all.push(...page.connectors.map(({ slug }) => slug));
      cursor = page.next_cursor;
    } while (cursor);
    expect(all.sort()).toEqual(
      [...manifests.values()]
        .filter(({ listed }) => listed)
        .map(({ slug }) => slug)
        .sort(),
    );
    const found = await world.use(client, "list_connectors", { q: "slack" });
    expect(found.result.connectors[0]).toMatchObject({
      slug: "slack",
      available: true,
      connected: 1,
      needs_attention: 0,
      actions: expect.arrayContaining(["send_message"]),
    });
    const stale = await world.use(client, "list_connectors", { cursor: "nothing" });
    expect(stale.error.code).toBe("invalid_request");
  });

  it("list_connections: says how each stands, and pages", async () => {
    const first = await world.use(client, "list_connections", { limit: 1 });
    expect(first.result).toMatchObject({ total_count: 2, next_cursor: expect.any(String) });
    const second = await world.use(client, "list_connections", { limit: 1, cursor: first.result.next_cursor });
    const both = [...first.result.connections, ...second.result.connections];
    expect(both.map(({ connector }) => connector).sort()).toEqual(["openai", "slack"]);
    expect(both.find(({ connector }) => connector === "slack")).toMatchObject({
      id: slack,
      status: "connected",
      is_default: true,
      condition: { code: expect.any(String), next_step: "none" },
    });
  });

  it("connect_account: makes a link for the person, and says when it was used", async () => {
    const asked = await world.use(client, "connect_account", { connector: "openai" });
    expect(asked.result).toMatchObject({ status: "open", connector: "openai", connection_id: null });
    const poll = () => world.use(client, "connect_account", { link_id: asked.result.link_id });
    expect((await poll()).result).toMatchObject({ status: "open", url: null });
    const token = String(new URL(asked.result.url).pathname.split("/").at(-1));
    const links = linksOf(world.server);
    // The key's maker, and nobody else, not even of the same organisation.
    expect((await links.open(grace, token)).status).toBe(404);
    await links.follow(ada, token);
    const used = (await poll()).result;
    expect(used).toMatchObject({ status: "used", connection_id: expect.any(String) });
    const { result } = await world.use(client, "list_connections", { connector: "openai" });
    expect(result.connections.map(({ id }: { id: string }) => id)).toContain(used.connection_id);
  });

  it("connect_account: takes a connector or a link, and connectors that there are", async () => {
    for (const args of [{}, { connector: "slack", link_id: UNKNOWN }])
      expect((await world.use(client, "connect_account", args)).error.code).toBe("action_invalid_input");
    expect((await world.use(client, "connect_account", { connector: "nothing" })).error.code).toBe("unknown_connector");
  });

  it("a tool of what nobody connected says so, with a link where the key may make one", async () => {
    const answer = await world.use(client, "twilio_list_messages");
    expect(answer).toMatchObject({
      success: false,
      error: {
        code: "connection_needed",
        next_step: "connect",
        connect_url: expect.stringContaining("/connect/"),
        link_id: expect.any(String),
      },
    });
    const runner = await clientWith(["actions:run:*"]);
    const { error } = await world.use(runner, "twilio_list_messages");
    expect(error.connect_url).toMatch(/\/connectors\/twilio$/);
    expect(error.link_id).toBeUndefined();
  });
});

describe("somebody else's things", () => {
  it("are like things that do not exist, for every tool, byte for byte", async () => {
    const theirs = (await world.connect(katherine, "slack")).id;
    const closed = (await world.connect(grace, "slack", { visibility: "only_me" })).id;
    const own = await world.connect(ada, "slack", { visibility: "only_me" });
    const { tools } = await client.listTools();
    const onConnections = tools.filter(({ inputSchema }) => "connection_id" in (inputSchema.properties ?? {}));
    expect(onConnections.length).toBeGreaterThan(10);
    const input: Record<string, object> = {
      sendSlackMessage: { channel: "C1", text: "x" },
      slack_send_message: { channel: "C1", text: "x" },
      slack_update_message: { channel: "C1", ts: "1", text: "x" },
      slack_add_reaction: { channel: "C1", timestamp: "1", name: "eyes" },
      slack_read_messages: { channel: "C1" },
      slack_read_thread: { channel: "C1", ts: "1" },
      slack_find_person: { email: "x@acme.test" },
      openai_create_response: { model: "m", input: "x" },
      openai_create_embedding: { model: "m", input: "x" },
    };
    for (const { name } of onConnections) {
      const answerFor = async (id: string) =>
        JSON.stringify(await client.callTool({ name, arguments: { ...input[name], connection_id: id } }));
      const unknown = await answerFor(UNKNOWN);
      expect(unknown, name).toContain('"not_found"');
      // Another organisation's; a colleague's own; a key's maker's own; and one of another connector.
      for (const id of [theirs, closed, own.id]) expect(await answerFor(id), name).toBe(unknown);
    }
    const link = await world.use(await clientWith(everything, katherine), "connect_account", { connector: "openai" });
    const foreign = await client.callTool({ name: "connect_account", arguments: { link_id: link.result.link_id } });
    const none = await client.callTool({ name: "connect_account", arguments: { link_id: UNKNOWN } });
    expect(JSON.stringify(foreign)).toBe(JSON.stringify(none));
    const { result } = await world.use(client, "list_connections", {});
    const seen = result.connections.map(({ id }: { id: string }) => id);
    for (const id of [theirs, closed, own.id]) expect(seen).not.toContain(id);
  });
});

describe("an answer", () => {
  it("that is too long is shortened, stays of its form, and says so", async () => {
    const channels = await world.use(client, "slack_list_channels");
    const channel = channels.result.channels[0].id;
    for (let n = 0; n < 12; n++)
      expect(
        (await world.use(client, "sendSlackMessage", { channel, text: `${n} ${"long ".repeat(1_000)}` })).success,
      ).toBe(true);
    const { content, structuredContent } = await client.callTool({
      name: "slack_read_messages",
      arguments: { channel, limit: 50 },
    });
    const text = (content as { text: string }[])[0]?.text ?? "";
    expect(text.length).toBeLessThanOrEqual(MAX_CHARACTERS);
    expect(text.length).toBeGreaterThan(5_000);
    expect(structuredContent).toMatchObject({
      success: true,
      truncated: expect.stringContaining("not complete"),
      result: { messages: expect.any(Array) },
    });
  });

  it("to a wrong input says what is wrong, and nothing is sent", async () => {
    for (const [name, args] of [
      ["sendSlackMessage", { channel: "C1" }],
      ["sendSlackMessage", { channel: "C1", text: "x", surprise: true }],
      ["slack_send_message", { channel: 7, text: "x" }],
      ["list_connections", { limit: 0 }],
    ] as const) {
      const { error } = await world.use(client, name, args);
      expect(error.code, name).toBe("action_invalid_input");
      expect(error.issues.length, name).toBeGreaterThan(0);
    }
  });

  it("of a provider that is broken is its own trouble: the other tools are there and work", async () => {
    const all = await namesOf(client);
    await fetch(`${world.providers.control}/faults`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ service: "generic", kind: "500", times: 3, host: "api.openai.com" }),
    });
    const broken = await world.use(client, "openai_list_models");
    expect(broken).toMatchObject({ success: false, error: { code: "provider_upstream", retry: "later" } });
    expect(await namesOf(client)).toEqual(all);
    expect((await world.use(client, "slack_list_channels")).success).toBe(true);
    await fetch(`${world.providers.control}/faults`, { method: "DELETE" });
  });

  it("to a key that was revoked is none", async () => {
    const { id, key } = await world.keys.made(ada, everything);
    const other = await world.mcp(key);
    expect((await other.listTools()).tools.length).toBeGreaterThan(3);
    expect((await world.keys.revoke(ada, id)).status).toBe(200);
    await expect(other.listTools()).rejects.toThrow(/unauthenticated|401/i);
  });
});
