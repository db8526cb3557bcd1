import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POST as runRoute } from "@/app/api/v1/connectors/[slug]/[action]/route";
import { resetEnv } from "@/lib/env";
import { callProvider } from "@/lib/nango/proxy";
import type { SignedIn } from "@/tests/support/people";
import { control } from "./providers-person";
import { openToolsWorld, type ToolsWorld } from "./tools-world";

/** Calls that may take most of a minute: how many one may have open, and that nobody else hears of them. */

let world: ToolsWorld;
let ada: SignedIn;
let katherine: SignedIn;

beforeAll(async () => {
  world = await openToolsWorld(["openai"]);
  ada = await world.server.signIn("ada@acme.test", "acme");
  katherine = await world.server.signIn("katherine@globex.test", "globex");
  for (const person of [ada, katherine]) await world.connect(person, "openai");
});
afterAll(() => world?.close());
beforeEach(() => control(world.providers, "/faults", {}, "DELETE"));

const newKey = async (): Promise<string> => (await world.keys.made(ada, ["actions:run:*"])).key;
const run = (by: { as: SignedIn } | { key: string }, action: string, body: unknown) =>
  world.server.call(runRoute, `/api/v1/connectors/openai/${action}`, {
    ...by,
    params: { slug: "openai", action },
    body,
  });
const input = { model: "gpt-5", input: "Think." };
const think = (key: string) => run({ key }, "create_response", input);
const fault = (kind: string, times: number) =>
  control(world.providers, "/faults", {
    ...{ service: "generic", host: "api.openai.com", path: "/v1/responses", ms: 6_000 },
    ...{ kind, times },
  });
const refused = { status: 429, json: { error: { code: "rate_limited", retry: "later" } } };

describe("calls that may take long", () => {
  it("are four of one caller and eight of one owner at once; everybody else is served, and so are they afterwards", async () => {
    const [first, second, third] = [await newKey(), await newKey(), await newKey()];
    const client = await world.mcp(third);
    await fault("slow", 8);
    const begun = [];
    for (const key of [first, second]) {
      const five = Array.from({ length: 5 }, () => think(key));
      begun.push(...five);
      // The others wait for the provider.
      const answer = await Promise.race(five);
      expect(answer).toMatchObject(refused);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    }
    expect(await think(third)).toMatchObject(refused);
    expect(await world.use(client, "openai_create_response", input)).toMatchObject({ error: { code: "rate_limited" } });
    expect(await run({ key: first }, "list_models", {})).toMatchObject({ status: 200 });
    expect(await run({ as: katherine }, "list_models", {})).toMatchObject({ status: 200 });
    expect(await run({ as: katherine }, "create_response", input)).toMatchObject({ status: 200 });
    const statuses = (await Promise.all(begun)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([...Array(8).fill(200), 429, 429]);
    expect(await Promise.all([think(first), think(second), think(third)])).toMatchObject(
      Array(3).fill({ status: 200 }),
    );
  });

  it("count no longer once they have failed", async () => {
    const key = await newKey();
    await fault("500", 9);
    for (let n = 0; n < 9; n++) expect(await think(key)).toMatchObject({ status: 502 });
    expect(await think(key)).toMatchObject({ status: 200 });
  });

  it("take no way to Nango from those that nobody waits long for", async () => {
    const held: ServerResponse[] = [];
    const nango = createServer((request, response) => {
      if (request.url?.includes("slow")) held.push(response);
      else response.setHeader("content-type", "application/json").end("{}");
    }).listen(0, "127.0.0.1");
    await once(nango, "listening");
    const { NANGO_HOST: host } = process.env;
    process.env.NANGO_HOST = `http://127.0.0.1:${(nango.address() as AddressInfo).port}`;
    resetEnv();
    try {
      const call = (endpoint: string, patience?: number) =>
        callProvider({
          ...{ integrationKey: "openai", connectionId: "c", method: "GET", endpoint },
          ...(patience !== undefined && { patience }),
        });
      const slow = Array.from({ length: 256 }, () => call("/slow", 50_000));
      await expect.poll(() => held.length).toBe(256);
      expect(await call("/quick")).toMatchObject({ kind: "answer", status: 200 });
      for (const response of held) response.setHeader("content-type", "application/json").end("{}");
      expect(await Promise.all(slow)).toMatchObject(Array(256).fill({ kind: "answer" }));
    } finally {
      process.env.NANGO_HOST = host;
      resetEnv();
      nango.close();
    }
  });
});
