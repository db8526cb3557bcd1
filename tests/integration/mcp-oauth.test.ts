import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importPKCS8, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { POST } from "@/app/api/mcp/route";
import { GET as readMetadata } from "@/app/oauth/protected-resource/route";
import type { OAuthApplication } from "@/emulators/clerk/oauth";
import { seedOrganizations, seedPeople } from "@/emulators/clerk/seed";
import { type RunningClerk, startClerk } from "@/emulators/clerk/start";
import { resetEnv } from "@/lib/env";
import { agree, REDIRECT_URI, refresh } from "@/tests/support/oauth-client";
import { APP_URL, type Server, startServer } from "@/tests/support/server";

/**
 * OAuth clients at the MCP endpoint. The Clerk stand-in plays an instance that issues tokens: a person agrees to a client on
 * its consent page and chooses an organisation there. What no consent leads to is signed here with the instance's own key.
 */

const RESOURCE = `${APP_URL}/api/mcp`;
const ISSUER = "https://able.example.dev";
const ACME = "org_standin_acme";
const GLOBEX = "org_standin_globex";
const ORG = "user:org:read";
const READ = "connections:read";

const allScopes = ["openid", "profile", "email", ORG, "connectors:read", READ, "actions:read", "actions:run"];
const application = (clientId: string, more: Partial<OAuthApplication>): OAuthApplication => ({
  clientId,
  redirectUris: [REDIRECT_URI],
  scopes: allScopes,
  jwt: true,
  ...more,
});
const oauth = {
  issuer: ISSUER,
  applications: [
    application("client_signed", {}),
    application("client_opaque", { jwt: false }),
    application("client_signed_short", { lifetimeS: -60 }),
    application("client_opaque_short", { jwt: false, lifetimeS: -60 }),
  ],
};
/** Both kinds of tokens are to be taken alike. */
const KINDS = ["signed", "opaque"];

let server: Server;
let clerk: RunningClerk;
let stateDir: string;
let sign: (claims: Record<string, unknown>, type?: string) => Promise<string>;
let point: (overrides?: Record<string, string>) => void;
let before: NodeJS.ProcessEnv;

const startInstance = (more: Partial<Parameters<typeof startClerk>[0]> = {}) =>
  startClerk({ people: seedPeople, organizations: seedOrganizations, appOrigin: APP_URL, oauth, ...more });

beforeAll(async () => {
  server = await startServer();
  stateDir = await mkdtemp(join(tmpdir(), "patchbay-clerk-"));
  clerk = await startInstance({ stateDir });
  const state = JSON.parse(await readFile(join(stateDir, "clerk.json"), "utf8"));
  const key = await importPKCS8(state.keys.privateKeyPem, "RS256");
  sign = (claims, type = "at+jwt") =>
    new SignJWT({
      client_id: "client_signed",
      jti: "oat_1",
      scope: READ,
      aud: RESOURCE,
      iss: ISSUER,
      sub: "user_standin_grace",
      ...claims,
    })
      .setProtectedHeader({ alg: "RS256", typ: type, kid: state.keys.kid })
      .setIssuedAt()
      .setExpirationTime("5m")
      .sign(key);
  before = { ...process.env };
  point = (overrides = {}) => {
    Object.assign(process.env, {
      NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY: `pk_test_${Buffer.from("able.example.dev$").toString("base64")}`,
      CLERK_SECRET_KEY: clerk.secretKey,
      CLERK_API_URL: clerk.url,
      CLERK_FAPI_URL: clerk.url,
      CLERK_JWT_KEY: clerk.jwtKey,
      ...overrides,
    });
    resetEnv();
  };
  point();

  const { sql } = server;
  const add = (owner: string, person: string, name: string, visibility = "everyone") => sql`
    insert into connections (owner_id, connector, integration_key, nango_connection_id, status, account_name, number,
      connected_by, connected_at, visibility)
    values (${owner}, 'openai', 'openai', ${`conn-${name}`}, 'connected', ${name},
      (select count(*) + 1 from connections where owner_id = ${owner}), ${person}, now(), ${visibility})`;
  for (const { id } of seedPeople) await sql`insert into people (user_id) values (${id}) on conflict do nothing`;
  await add(ACME, "user_standin_ada", "of Acme");
  await add(GLOBEX, "user_standin_katherine", "of Globex");
  for (const name of ["joan", "grace", "mary"]) await add(`user_standin_${name}`, `user_standin_${name}`, `of ${name}`);
});
afterAll(async () => {
  Object.assign(process.env, before);
  if (!("CLERK_FAPI_URL" in before)) delete process.env.CLERK_FAPI_URL;
  resetEnv();
  await clerk.close();
  await server.close();
  await rm(stateDir, { recursive: true, force: true });
});

const ask = (headers: Record<string, string>, method = "tools/list", params: object = {}) =>
  server.call(POST, "/api/mcp", {
    method: "POST",
    body: { jsonrpc: "2.0", id: 1, method, params },
    headers: { accept: "application/json, text/event-stream", ...headers },
  });
const refusalOf = ({ status, json }: Awaited<ReturnType<typeof ask>>) => [status, json.error?.code];
const UNAUTHENTICATED = [401, "unauthenticated"];
const NOT_A_MEMBER = [403, "not_a_member"];

const toolsWith = async (token: string) => {
  const answer = await ask({ authorization: `Bearer ${token}` });
  const names = answer.json.result?.tools.map(({ name }: { name: string }) => name);
  return answer.status === 200 ? names : refusalOf(answer);
};
/** The accounts that a client sees, which say for whom it acts; or how it is refused. */
const accountsWith = async (token: string, headers: Record<string, string> = {}) => {
  const call = { name: "list_connections", arguments: {} };
  const answer = await ask({ authorization: `Bearer ${token}`, ...headers }, "tools/call", call);
  if (answer.status !== 200) return refusalOf(answer);
  const { connections } = answer.json.result.structuredContent.result;
  return connections.map((connection: { account_name: string }) => connection.account_name);
};
const agreed = async (kind: string, email: string, scope: string, organizationId?: string, resource = RESOURCE) => {
  const chosen = organizationId === undefined ? {} : { organizationId };
  return agree(clerk, { clientId: `client_${kind}`, email, scope, ...chosen, ...(resource && { resource }) });
};
const tokenOf = async (...args: Parameters<typeof agreed>) => (await agreed(...args)).access_token;

const member = (organizationId: string, userId: string) => ({
  put: () =>
    fetch(`${clerk.url}/_control/memberships`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ organizationId, userId, role: "member" }),
    }),
  remove: () => fetch(`${clerk.url}/_control/memberships/${organizationId}/${userId}`, { method: "DELETE" }),
});

describe("clients that a person let in through Clerk", () => {
  it("learn where to get a token, and that an organisation can be chosen", async () => {
    const { status, headers } = await ask({});
    expect(status).toBe(401);
    const metadata = `${APP_URL}/.well-known/oauth-protected-resource/api/mcp`;
    expect(headers.get("www-authenticate")).toBe(`Bearer realm="patchbay", resource_metadata="${metadata}"`);
    const answer = await server.call(async () => readMetadata(), "/oauth/protected-resource");
    expect(answer.json).toMatchObject({
      resource: RESOURCE,
      authorization_servers: [ISSUER],
      bearer_methods_supported: ["header"],
      scopes_supported: expect.arrayContaining([ORG, "connectors:read", "actions:run"]),
    });
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  });

  it.each(KINDS)("have the tools of the scopes that their token names (%s)", async (kind) => {
    const toolsOf = async (scope: string) => toolsWith(await tokenOf(kind, "grace@acme.test", scope, ACME));
    expect(await toolsOf(`${ORG} connectors:read ${READ}`)).toEqual(["list_connectors", "list_connections"]);
    // Signing in and choosing an organisation open nothing.
    expect(await toolsOf(`openid profile email ${ORG}`)).toEqual([]);
    const reader = await toolsOf(`${ORG} actions:read`);
    expect(reader).toEqual(["openai_list_models"]);
    expect(await toolsOf(`${ORG} actions:run`)).toEqual(expect.arrayContaining([...reader, "openai_create_response"]));
  });

  it.each(KINDS)("cannot call what their scopes do not open, listed or not (%s)", async (kind) => {
    const token = await tokenOf(kind, "grace@acme.test", `${ORG} actions:read`, ACME);
    const errorOf = async (name: string) =>
      (await ask({ authorization: `Bearer ${token}` }, "tools/call", { name, arguments: {} })).json.error;
    const unknown = await errorOf("no_such_tool");
    for (const name of ["openai_create_response", "list_connections", "connect_account"])
      expect(await errorOf(name), name).toEqual(unknown);
  });
});

describe("for whom a client acts", () => {
  it.each(KINDS)("the organisation that was chosen, also by somebody in several (%s)", async (kind) => {
    const joan = (organizationId: string) => tokenOf(kind, "joan@both.test", `${ORG} ${READ}`, organizationId);
    expect(await accountsWith(await joan(ACME))).toEqual(["of Acme"]);
    expect(await accountsWith(await joan(GLOBEX))).toEqual(["of Globex"]);
  });

  it.each(KINDS)("the person alone, where the token names none (%s)", async (kind) => {
    // Whoever is in one organisation or in two, and was not asked.
    expect(await accountsWith(await tokenOf(kind, "grace@acme.test", READ, ACME))).toEqual(["of grace"]);
    expect(await accountsWith(await tokenOf(kind, "joan@both.test", READ))).toEqual(["of joan"]);
    // Asked, and in none; and still alone after joining one.
    const mary = await tokenOf(kind, "mary@nowhere.test", `${ORG} ${READ}`);
    expect(await accountsWith(mary)).toEqual(["of mary"]);
    await member(ACME, "user_standin_mary").put();
    expect(await accountsWith(mary)).toEqual(["of mary"]);
    await member(ACME, "user_standin_mary").remove();
  });

  it.each(KINDS)("nobody, once the person has left the organisation or moved to another (%s)", async (kind) => {
    const { access_token, refresh_token } = await agreed(kind, "grace@acme.test", `${ORG} ${READ}`, ACME);
    expect(await accountsWith(access_token)).toEqual(["of Acme"]);
    await member(ACME, "user_standin_grace").remove();
    expect(await accountsWith(access_token)).toEqual(NOT_A_MEMBER);
    await member(GLOBEX, "user_standin_grace").put();
    expect(await accountsWith(access_token)).toEqual(NOT_A_MEMBER);
    // A new token of the old consent names the same one.
    const renewed = await refresh(clerk, `client_${kind}`, refresh_token);
    expect(await accountsWith(renewed.access_token)).toEqual(NOT_A_MEMBER);
    await member(GLOBEX, "user_standin_grace").remove();
    await member(ACME, "user_standin_grace").put();
    expect(await accountsWith(access_token)).toEqual(["of Acme"]);
  });

  it("nobody at all, once the person is gone or banned", async () => {
    for (const claims of [{}, { org_id: ACME }])
      expect(await accountsWith(await sign({ sub: "user_gone", ...claims }))).toEqual(UNAUTHENTICATED);
    const token = await tokenOf("signed", "grace@acme.test", `${ORG} ${READ}`, ACME);
    const become = async (deed: string) => {
      const headers = { authorization: `Bearer ${clerk.secretKey}` };
      const answer = await fetch(`${clerk.url}/v1/users/user_standin_grace/${deed}`, { method: "POST", headers });
      expect(answer.status).toBe(200);
    };
    await become("ban");
    for (const banned of [token, await sign({})]) expect(await accountsWith(banned)).toEqual(UNAUTHENTICATED);
    await become("unban");
    expect(await accountsWith(token)).toEqual(["of Acme"]);
  });

  it("never what only the request says", async () => {
    const token = await tokenOf("signed", "joan@both.test", `${ORG} ${READ}`, ACME);
    const asked = { "x-organization-id": GLOBEX, cookie: `__session=x; clerk_active_context=:${GLOBEX}` };
    expect(await accountsWith(token, asked)).toEqual(["of Acme"]);
  });
});

describe("tokens that are refused", () => {
  it("those that name another organisation than they were signed with, or one that their person is not in", async () => {
    const [header, , signature] = (await sign({ org_id: ACME })).split(".");
    const forged = (await sign({ org_id: GLOBEX })).split(".")[1];
    expect(await accountsWith(`${header}.${forged}.${signature}`)).toEqual(UNAUTHENTICATED);
    expect(await accountsWith(await sign({ org_id: ACME }))).toEqual(["of Acme"]);
    expect(await accountsWith(await sign({ org_id: GLOBEX }))).toEqual(NOT_A_MEMBER);
    expect(await accountsWith(await sign({ org_id: "org_unknown" }))).toEqual(NOT_A_MEMBER);
    for (const odd of ["", 7, [ACME], { id: ACME }, false])
      expect(await accountsWith(await sign({ org_id: odd })), JSON.stringify(odd)).toEqual(UNAUTHENTICATED);
    // The stand-in's consent page does not take it either.
    await expect(tokenOf("signed", "grace@acme.test", `${ORG} ${READ}`, GLOBEX)).rejects.toThrow("no consent: 404");
  });

  it("those of a client without a name, or with one that nobody would give", async () => {
    const named = (client_id: unknown) => sign({ client_id });
    expect(await toolsWith(await named("x".repeat(200)))).toEqual(["list_connections"]);
    for (const odd of [undefined, null, "", 7, ["client_signed"], "x".repeat(201)])
      expect(await toolsWith(await named(odd)), JSON.stringify(odd)?.slice(0, 20)).toEqual(UNAUTHENTICATED);
  });

  it.each(KINDS)("those for another service, or for none (%s)", async (kind) => {
    for (const resource of ["https://other.test/mcp", `${APP_URL}/api`, ""])
      expect(await toolsWith(await tokenOf(kind, "grace@acme.test", READ, undefined, resource)), resource).toEqual(
        UNAUTHENTICATED,
      );
  });

  it("those that have run out, or were revoked", async () => {
    for (const kind of ["signed_short", "opaque_short"])
      expect(await toolsWith(await tokenOf(kind, "grace@acme.test", READ)), kind).toEqual(UNAUTHENTICATED);
    const token = await tokenOf("opaque", "grace@acme.test", READ);
    expect(await toolsWith(token)).toEqual(["list_connections"]);
    await fetch(`${clerk.url}/oauth/token/revoke`, { method: "POST", body: new URLSearchParams({ token }) });
    expect(await toolsWith(token)).toEqual(UNAUTHENTICATED);
  });

  it("those of another instance: by its keys, or by its name alone", async () => {
    const elsewhere = await startInstance();
    const consent = { email: "grace@acme.test", scope: READ, resource: RESOURCE };
    for (const kind of KINDS) {
      const { access_token } = await agree(elsewhere, { ...consent, clientId: `client_${kind}` });
      expect(await toolsWith(access_token), kind).toEqual(UNAUTHENTICATED);
    }
    await elsewhere.close();
    for (const iss of ["https://other.example.dev", `${ISSUER}.evil.test`, `${ISSUER}/`, undefined])
      expect(await toolsWith(await sign({ iss })), iss).toEqual(UNAUTHENTICATED);
  });

  it("those that are unknown, or of another kind", async () => {
    for (const token of ["oat_unknown", "ak_key", "mt_machine", "a.b.c", await sign({}, "JWT"), await sign({}, "jwt")])
      expect(await toolsWith(token), token.slice(0, 20)).toEqual(UNAUTHENTICATED);
  });

  it("any, while Clerk does not answer, as the server's fault", async () => {
    const tokens = [await sign({}), await sign({ org_id: ACME }), await tokenOf("opaque", "grace@acme.test", READ)];
    const organizationUnknown = await tokenOf("opaque", "grace@acme.test", `${ORG} ${READ}`, ACME);
    point({ CLERK_API_URL: "http://127.0.0.1:9" });
    for (const token of tokens) expect(await toolsWith(token)).toEqual([503, "auth_unavailable"]);
    point({ CLERK_FAPI_URL: "http://127.0.0.1:9" });
    expect(await toolsWith(organizationUnknown)).toEqual([503, "auth_unavailable"]);
    point();
    expect(await accountsWith(organizationUnknown)).toEqual(["of Acme"]);
  });
});
