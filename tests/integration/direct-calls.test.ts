// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how placeholders look at Nango

import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Tenant } from "@/lib/auth/tenant";
import { addressOf, callDirect } from "@/lib/oauth/call";
import { sealTokens } from "@/lib/oauth/seal-tokens";
import { type DirectWorld, openDirectWorld } from "../support/direct";

let world: DirectWorld;
let ada: Tenant;
let id: string;

beforeAll(async () => {
  world = await openDirectWorld();
  ada = world.db.tenant("org_acme", "user_ada", "admin");
  id = await world.connect(ada);
});
afterAll(() => world?.close());

const call = (endpoint: string, headers: Record<string, string> = {}) =>
  callDirect({ id, connector: "discord" }, { method: "GET", endpoint, headers });

/** Sixty ways to name another place. */
const elsewhere = [
  ...["https://evil.test/", "http://127.0.0.1/", "//evil.test/", "/\\evil.test", "/%5cevil.test", "@evil.test/", ""],
  ...["/a/../b", "/..", "/%2e%2e/b", "/%252e%252e/b", "/a/.%2e/b", "/./a", "/%c0%ae%c0%ae/b", "/a/%2e", "/.%2e/x"],
  ...["/https://evil.test", "/%2f%2fevil.test/", "/%2Fevil.test//%2f", "/user?x=${access_token}", "/user/${token}"],
  ...["/user?x=$%7Btoken%7D", "/user?x=%24%7Btoken%7D", "/user?x=%2524%257Btoken%257D", "/${connectionConfig.host}/x"],
  ...[
    "/a || /b",
    "/a%7c%7cb",
    "/a b",
    "/a\nHost: evil.test",
    "/a\r\nx: y",
    "/a\u0000",
    "/a\t/b",
    "user",
    ".evil.test/",
  ],
  ...[":80/", ":@evil.test/", "?x", "#x", "\\\\evil.test", "/\u007f", "file:///etc/passwd", "javascript:1", "data:,x"],
  ...[
    "http:evil.test",
    "http:/evil.test",
    "ftp://evil.test",
    "//127.0.0.1",
    "//[::1]/",
    "//0x7f000001/",
    "//2130706433/",
  ],
  ...[
    "///evil.test",
    "////evil.test",
    "/\\/evil.test",
    "/%09/evil.test",
    "/%0a/x",
    "/%0d%0ax:y",
    "/%00",
    "/a/%2e%2e%2fb",
  ],
  ...["/%2e%2e%2f%2e%2e%2f", `/${"a".repeat(5000)}`],
];

describe("a call with a direct connection's token", () => {
  it("goes to the provider and comes back with its answer", async () => {
    expect(await call("/api/v10/users/@me")).toMatchObject({
      kind: "answer",
      status: 200,
      body: { id: expect.anything() },
    });
    expect(await call("/api/v10/nothing")).toMatchObject({ kind: "answer", body: expect.anything() });
  });

  it(`goes nowhere else: ${elsewhere.length} endpoints`, async () => {
    await world.control("/calls", undefined, "DELETE");
    const before = (await world.calls("")).length;
    const went = [];
    for (const endpoint of elsewhere) {
      const answer = await call(endpoint);
      const address = addressOf("https://discord.com", endpoint);
      if (answer.kind === "refused" ? answer.code !== "unsafe_call" : true)
        if (address === null || new URL(address).host !== "discord.com")
          // What is only odd may pass, as long as it stays there.
          went.push(endpoint);
    }
    expect(went).toEqual([]);
    const hosts = (await world.control("/calls")).calls.slice(before).map(({ host }: { host: string }) => host);
    expect([...new Set(hosts)].filter((host) => host !== "discord.com")).toEqual([]);
    expect(elsewhere.length).toBeGreaterThanOrEqual(60);
  });

  it("stays below the path of the base address", () => {
    expect(addressOf("https://slack.com/api", "/auth.test")).toBe("https://slack.com/api/auth.test");
    expect(addressOf("https://slack.com/api", "auth.test")).toBeNull();
    expect(addressOf("https://slack.com/api", "/../auth.test")).toBeNull();
    expect(addressOf("https://slack.com", ".evil.test/x")).toBeNull();
    expect(addressOf("https://slack.com", "@evil.test/x")).toBeNull();
  });

  it.each(["authorization", "Authorization", "host", "cookie", "Base-Url-Override", "Nango-Proxy-X", "connection-id"])(
    "does not take the header %s from whoever makes it",
    async (name) => {
      expect(await call("/api/v10/users/@me", { [name]: "x" })).toEqual({ kind: "refused", code: "unsafe_call" });
    },
  );

  it.each([
    ["token", "CANARY-first\nCANARY-second", {}],
    ["header of a caller's", "t", { "x-note": "CANARY\u2603" }],
  ])("that cannot be sent for its %s fails with an error that does not name it", async (_, access, headers) => {
    const { keyId, access: sealed } = sealTokens(id, { access, refresh: null, expiresAt: null });
    await world.db.sql`update oauth_credentials set key_id = ${keyId}, access_token = ${sealed}, refresh_token = null,
      expires_at = null where connection_id = ${id}`;
    const error = await call("/api/v10/users/@me", headers).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "direct_unreachable" });
    expect(inspect(error, { depth: 10 })).not.toContain("CANARY");
    await world.db.sql`select patchbay.enqueue_look(${id})`;
    await world.runJobs();
    const jobs = await world.db.sql`select last_error from graphile_worker._private_jobs`;
    expect(JSON.stringify([jobs, await world.row(id)])).not.toContain("CANARY");
  });

  it("is refused without credentials", async () => {
    await world.db.sql`delete from oauth_credentials where connection_id = ${id}`;
    expect(await call("/api/v10/users/@me")).toEqual({ kind: "refused", code: "invalid_credentials" });
  });
});
