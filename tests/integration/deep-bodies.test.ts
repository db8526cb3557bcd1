import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GET as listConnectors } from "@/app/api/v1/connectors/route";
import { keysOf } from "@/tests/support/api-keys";
import { startApiServer } from "@/tests/support/api-server";
import type { SignedIn } from "@/tests/support/people";
import { APP_URL } from "@/tests/support/server";
import { type ActionsWorld, openActionsWorld } from "./actions-world";

/** Bodies that nobody means, where they would otherwise reach the provider, the database or the end of the stack. */

const DEEP = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
/** JSON of a value, with the deep lists where it says DEEP. */
const withDeep = (value: object) => JSON.stringify(value).replace('"DEEP"', DEEP);

let world: ActionsWorld;
let ada: SignedIn;
let key: string;
let api: Awaited<ReturnType<typeof startApiServer>>;

beforeAll(async () => {
  world = await openActionsWorld(["whatsapp-business", "slack"]);
  ada = await world.server.signIn("ada@acme.test", "acme");
  for (const slug of ["whatsapp-business", "slack"]) await world.connect(ada, slug);
  ({ key } = await keysOf(world.server).made(ada));
  api = await startApiServer(APP_URL);
});
afterAll(async () => {
  await api?.close();
  await world?.close();
});

/** Over HTTP, as it is: the helpers of the other tests would write the JSON themselves. */
async function post(path: string, body: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${api.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
    body,
  });
  const { error } = await response.json();
  return [response.status, error?.code, error?.issues?.[0]?.message];
}
const once = () => ({ "idempotency-key": randomUUID() });
const template = (components: unknown) => ({
  ...{ provider: "nango", resource: "whatsapp.message", operation: "create" },
  data: {
    ...{ phoneNumberId: "1", to: "+15005550123", type: "template" },
    template: { name: "hello", language: { code: "en" }, components },
  },
});

describe("a body of 20,000 levels is refused, and nothing leaves", () => {
  const tooDeep = [400, "invalid_request", expect.stringContaining("64 levels")];

  it.each<[string, string, string]>([
    ["an action's input", "/api/v1/connectors/slack/send_message", withDeep({ channel: "C1", text: "x", x: "DEEP" })],
    ["a template's components", "/api/integrations/unified", withDeep(template([{ x: "DEEP" }]))],
    ["another call's", "/api/v1/connectors/slack/authorize", withDeep({ redirect_uri: "DEEP" })],
    [
      "a tool's arguments",
      "/api/mcp",
      withDeep({
        ...{ jsonrpc: "2.0", id: 1, method: "tools/call" },
        params: { name: "slack_send_message", arguments: { channel: "C1", text: "x", x: "DEEP" } },
      }),
    ],
  ])("in %s", async (_, path, body) => {
    const before = (await world.control("/calls", null, "GET")) as { calls: unknown[] };
    const accept = { accept: "application/json, text/event-stream" };
    expect(await post(path, body, accept)).toEqual(tooDeep);
    expect(await post(path, body, { ...accept, ...once() })).toEqual(tooDeep);
    expect(await world.control("/calls", null, "GET")).toEqual(before);
  });

  it("and one of as many as there may be is not", async () => {
    // The body, data, template, components and one of them are around it.
    const inside = (levels: number) => JSON.parse(`${"[".repeat(levels)}${"]".repeat(levels)}`);
    const send = async (levels: number) =>
      (await post("/api/integrations/unified", JSON.stringify(template([{ x: inside(levels) }])), once()))[1];
    // It got as far as the service, which has no such number.
    expect([await send(59), await send(60)]).toEqual(["provider_not_found", "invalid_request"]);
  });
});

describe("the character U+0000", () => {
  const nul = [400, "invalid_request", expect.stringContaining("U+0000")];

  it("is refused in every body, as a text and as a name", async () => {
    for (const [path, body] of [
      ["/api/v1/connectors/slack/send_message", { channel: "C1", text: "a\u0000b" }],
      ["/api/v1/connectors/slack/send_message", { channel: "C1", text: "x", blocks: [{ "a\u0000": 1 }] }],
      ["/api/integrations/unified", template([{ type: "body", text: "\u0000" }])],
      ["/api/mcp", { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "\u0000" } }],
    ] as const)
      expect(await post(path, JSON.stringify(body), once()), path).toEqual(nul);
  });

  it("is refused in every query", async () => {
    for (const query of ["q=a%00b", "%00=a", "cursor=%00", "limit=1&q=%00"]) {
      const { status, json } = await world.server.call(listConnectors, `/api/v1/connectors?${query}`, { as: ada });
      expect([status, json.error.code, json.error.issues?.[0].message], query).toEqual(nul);
    }
  });
});
