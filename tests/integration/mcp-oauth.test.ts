import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { exportSPKI, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GET, POST } from "@/app/api/mcp/route";
import { GET as readMetadata } from "@/app/oauth/protected-resource/route";
import { scopesOf } from "@/lib/auth/oauth-token";
import { resetEnv } from "@/lib/env";
import { keysOf } from "@/tests/support/api-keys";
import { APP_URL, type Server, startServer } from "@/tests/support/server";

/**
 * The door of the MCP endpoint, and OAuth clients at it. The embedded Clerk has no OAuth, so a real instance's Backend API
 * is answered here: what it says of a token, and of whose memberships.
 */

const RESOURCE = `${APP_URL}/api/mcp`;
const list = { jsonrpc: "2.0", id: 1, method: "tools/list", params: {} };
const accept = { accept: "application/json, text/event-stream" };

type Token = { subject: string; scopes: string[]; aud?: string[]; expired?: boolean };
const opaque: Record<string, Token> = {
  oat_reader: { subject: "user_alone", scopes: ["openid", "connectors:read", "connections:read"], aud: [RESOURCE] },
  oat_signed_in: { subject: "user_alone", scopes: ["openid", "profile", "email"], aud: [RESOURCE] },
  oat_elsewhere: { subject: "user_alone", scopes: ["connections:read"], aud: ["https://other.test/mcp"] },
  oat_nowhere: { subject: "user_alone", scopes: ["connections:read"] },
  oat_member: { subject: "user_member", scopes: ["connections:read"], aud: [RESOURCE] },
  oat_several: { subject: "user_several", scopes: ["connections:read"], aud: [RESOURCE] },
};
const organizationsOf: Record<string, string[]> = {
  user_alone: [],
  user_member: ["org_first"],
  user_several: ["org_first", "org_second"],
};

/** As Clerk's Backend API answers. */
async function startBackendApi() {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { pathname } = new URL(request.url ?? "/", "http://clerk");
      const answer = (status: number, body: unknown) =>
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      if (pathname === "/oauth_applications/access_tokens/verify") {
        const { access_token: text } = JSON.parse(Buffer.concat(chunks).toString()) as { access_token: string };
        const token = opaque[text];
        if (!token) return void answer(404, { errors: [{ code: "resource_not_found", message: "not found" }] });
        const fixed = { object: "clerk_idp_oauth_access_token", id: text, client_id: "client_1", type: "oauth_token" };
        const state = { revoked: false, revocation_reason: null, expired: false, expiration: 4_000_000_000 };
        return void answer(200, { ...fixed, ...state, created_at: 1, updated_at: 1, ...token });
      }
      const [, userId = ""] = /^\/v1\/users\/([^/]+)\/organization_memberships$/.exec(pathname) ?? [];
      const organizations = organizationsOf[userId];
      if (!organizations) return void answer(404, { errors: [{ code: "resource_not_found", message: "not found" }] });
      const data = organizations.map((id) => ({
        object: "organization_membership",
        id: `orgmem_${id}`,
        role: "org:admin",
        permissions: [],
        organization: { object: "organization", id, name: id, slug: id },
        public_user_data: { user_id: userId, identifier: userId },
      }));
      answer(200, { data, total_count: data.length });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const ask = (headers: Record<string, string>, body: unknown = list) =>
  server.call(POST, "/api/mcp", { method: "POST", body, headers: { ...accept, ...headers } });

describe("the door of the MCP endpoint", () => {
  let key: string;
  let wide: string;
  beforeAll(async () => {
    const ada = await server.signIn("ada@acme.test", "acme");
    ({ key } = await keysOf(server).made(ada, ["connections:read"]));
    ({ key: wide } = await keysOf(server).made(ada, ["connectors:read", "connections:read", "actions:run:*"]));
  });
  const withKey = () => ({ authorization: `Bearer ${key}` });

  it("opens for a key, without a session before, and says what the limits are", async () => {
    const answer = await ask(withKey());
    expect(answer.status, answer.text).toBe(200);
    expect(answer.json.result.tools.map(({ name }: { name: string }) => name)).toEqual(["list_connections"]);
    expect(answer.headers.get("ratelimit")).toContain("r=");
    expect(answer.headers.get("x-request-id")).toBeTruthy();
  });

  it("opens for nothing that a browser sends by itself", async () => {
    const ada = await server.signIn("ada@acme.test", "acme");
    const token = await ada.token();
    for (const headers of [
      { cookie: `__session=${token}; __client_uat=1`, origin: APP_URL, "sec-fetch-site": "same-origin" },
      { authorization: `Bearer ${token}` },
      { authorization: `Basic ${Buffer.from("ada:x").toString("base64")}` },
      { authorization: "Bearer pby_wrong" },
      {},
    ] as Record<string, string>[]) {
      const answer = await ask(headers);
      expect(answer.status, JSON.stringify(headers)).toBe(401);
      expect(answer.json.error.code).toBe("unauthenticated");
      expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="patchbay"');
    }
  });

  it("is closed to pages of other sites, with a key as well", async () => {
    for (const origin of ["https://evil.test", "null", "http://127.0.0.1:1"]) {
      const answer = await ask({ ...withKey(), origin });
      expect([answer.status, answer.json.error.code], origin).toEqual([403, "cross_site_request"]);
    }
    expect((await ask({ ...withKey(), origin: APP_URL })).status).toBe(200);
  });

  it("takes one message at a time, of a size, as JSON", async () => {
    expect((await ask(withKey(), [list, list])).json.error.code).toBe("invalid_request");
    expect((await ask(withKey(), "{")).json.error.code).toBe("invalid_json");
    expect((await ask({ ...withKey(), "content-type": "text/plain" })).json.error.code).toBe("unsupported_media_type");
    const large = { ...list, params: { cursor: "x".repeat(1_100_000) } };
    expect((await ask(withKey(), large)).status).toBe(413);
    for (const odd of [null, 7, {}, { jsonrpc: "1.0" }, { ...list, method: "no/such" }]) {
      const answer = await ask(withKey(), odd);
      expect(answer.status, JSON.stringify(odd)).toBeLessThan(500);
      expect(answer.text).not.toMatch(/at .*\.js|node_modules/);
    }
  });

  it("stands whatever a tool is called with", async () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 40 }),
      fc.constantFrom("\u0000", "__proto__", "../.."),
    );
    const fields = [
      "connector",
      "q",
      "limit",
      "cursor",
      "status",
      "connection_id",
      "channel",
      "text",
      "to",
      "__proto__",
    ];
    const args = fc.oneof(
      fc.dictionary(fc.constantFrom(...fields), fc.oneof(text, fc.integer(), fc.jsonValue({ maxDepth: 3 })), {
        maxKeys: 4,
      }),
      fc.jsonValue({ maxDepth: 3 }),
    );
    const name = fc.oneof(
      fc.constantFrom("list_connectors", "list_connections", "sendSlackMessage", "slack_read_messages", "sendEmail"),
      text,
    );
    await fc.assert(
      fc.asyncProperty(name, args, async (tool, given) => {
        const params = { name: tool, arguments: given };
        const answer = await ask({ authorization: `Bearer ${wide}` }, { ...list, method: "tools/call", params });
        const { result, error } = answer.json;
        expect(answer.status, answer.text).toBe(200);
        if (result) expect(result.structuredContent.error?.code, answer.text).not.toBe("internal");
        // JSON-RPC's code for our own faults.
        else expect(error.code, answer.text).not.toBe(-32_603);
      }),
      { numRuns: 200 },
    );
  });

  it("has no stream to listen to", async () => {
    const answer = await server.call(GET, "/api/mcp", { headers: { ...withKey(), accept: "text/event-stream" } });
    expect([answer.status, answer.json.error.code]).toEqual([405, "method_not_allowed"]);
  });

  it("names no place to get a token at, since the embedded Clerk gives none", async () => {
    expect((await server.call(async () => readMetadata(), "/oauth/protected-resource")).status).toBe(404);
  });
});

describe("clients that a person let in through Clerk", () => {
  let clerk: Awaited<ReturnType<typeof startBackendApi>>;
  let before: NodeJS.ProcessEnv;
  let sign: (claims: Record<string, unknown>, type?: string) => Promise<string>;

  beforeAll(async () => {
    clerk = await startBackendApi();
    before = { ...process.env };
    const pair = await generateKeyPair("RS256", { extractable: true });
    sign = (claims, type = "at+jwt") =>
      new SignJWT({ client_id: "client_1", jti: "oat_1", scope: "connections:read", aud: RESOURCE, ...claims })
        .setProtectedHeader({ alg: "RS256", typ: type, kid: "ins_1" })
        .setIssuer("https://able.example.dev")
        .setSubject("user_alone")
        .setIssuedAt()
        .setExpirationTime("5m")
        .sign(pair.privateKey);
    Object.assign(process.env, {
      NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY: `pk_test_${Buffer.from("able.example.dev$").toString("base64")}`,
      CLERK_SECRET_KEY: "sk_test_real",
      CLERK_API_URL: clerk.url,
      CLERK_JWT_KEY: await exportSPKI(pair.publicKey),
    });
    resetEnv();
  });
  afterAll(async () => {
    Object.assign(process.env, before);
    resetEnv();
    await clerk.close();
  });

  const toolsWith = async (token: string) => {
    const answer = await ask({ authorization: `Bearer ${token}` });
    const names = answer.json.result?.tools.map(({ name }: { name: string }) => name);
    return answer.status === 200 ? names : [answer.status, answer.json.error.code];
  };

  it("learn where to get a token", async () => {
    const { status, headers } = await ask({});
    expect(status).toBe(401);
    const metadata = `${APP_URL}/.well-known/oauth-protected-resource/api/mcp`;
    expect(headers.get("www-authenticate")).toBe(`Bearer realm="patchbay", resource_metadata="${metadata}"`);
    const answer = await server.call(async () => readMetadata(), "/oauth/protected-resource");
    expect(answer.json).toMatchObject({
      resource: RESOURCE,
      authorization_servers: ["https://able.example.dev"],
      bearer_methods_supported: ["header"],
    });
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  });

  it("have the tools of the scopes that their token names, whichever kind of token it is", async () => {
    expect(await toolsWith("oat_reader")).toEqual(["list_connectors", "list_connections"]);
    expect(await toolsWith(await sign({}))).toEqual(["list_connections"]);
    expect(await toolsWith(await sign({ scope: "openid connectors:read" }))).toEqual(["list_connectors"]);
    // Signing in alone opens nothing.
    expect(await toolsWith("oat_signed_in")).toEqual([]);
  });

  it("are refused with a token that is for another service, for none, unknown, forged, or of another kind", async () => {
    const forged = `${(await sign({})).slice(0, -6)}AAAAAA`;
    for (const token of [
      "oat_elsewhere",
      "oat_nowhere",
      "oat_unknown",
      "ak_key",
      "mt_machine",
      forged,
      await sign({ aud: "https://other.test/mcp" }),
      await sign({ aud: undefined }),
      await sign({}, "JWT"),
    ])
      expect(await toolsWith(token), token.slice(0, 20)).toEqual([401, "unauthenticated"]);
  });

  it("act for the person's only organisation, as a member, and not at all where there are several", async () => {
    const { sql } = server;
    await sql`insert into people (user_id) values ('user_member'), ('user_alone') on conflict do nothing`;
    const add = (owner: string, person: string, name: string) => sql`
      insert into connections (owner_id, connector, integration_key, nango_connection_id, status, account_name, number,
        connected_by, connected_at, visibility)
      values (${owner}, 'openai', 'openai', ${`conn-${name}`}, 'connected', ${name}, 1, ${person}, now(), 'everyone')`;
    await add("org_first", "user_member", "of the organisation");
    await add("user_alone", "user_alone", "of the person");
    const accounts = async (token: string) => {
      const call = { ...list, method: "tools/call", params: { name: "list_connections", arguments: {} } };
      const answer = await ask({ authorization: `Bearer ${token}` }, call);
      return answer.json.result.structuredContent.result.connections.map(
        (connection: { account_name: string }) => connection.account_name,
      );
    };
    expect(await accounts("oat_member")).toEqual(["of the organisation"]);
    expect(await accounts("oat_reader")).toEqual(["of the person"]);
    expect(await toolsWith("oat_several")).toEqual([403, "forbidden"]);
  });

  it("are not let in while Clerk does not answer", async () => {
    process.env.CLERK_API_URL = "http://127.0.0.1:9";
    resetEnv();
    const answer = await ask({ authorization: "Bearer oat_reader" });
    expect([answer.status, answer.json.error.code]).toEqual([503, "auth_unavailable"]);
    process.env.CLERK_API_URL = clerk.url;
    resetEnv();
  });
});

describe("the scopes of a token", () => {
  it("are those that are ours; without a connector, actions of all", () => {
    expect(
      scopesOf(["openid", "actions:run", "actions:read:slack", "connections:read", "actions:run:../x", "*"]),
    ).toEqual(["actions:run:*", "actions:read:slack", "connections:read"]);
  });
});
