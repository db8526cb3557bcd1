import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClerkClient, verifyToken } from "@clerk/backend";
import { createLocalJWKSet, createRemoteJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { seedOrganizations, seedPeople } from "@/emulators/clerk/seed";
import { type RunningClerk, startClerk } from "@/emulators/clerk/start";

/**
 * The Clerk stand-in, spoken to as clerk-js does (forms and cookies) and read by Clerk's own backend SDK, so that what
 * passes here is what the app accepts.
 */

const APP = "http://localhost:3000";
const ADA = { identifier: "ada@acme.test", password: "patchbay-ada-1" };
const JOAN = { identifier: "joan@both.test", password: "patchbay-joan-1" };

type Answer = { status: number; body: Record<string, unknown> & { response?: Record<string, unknown> } };

let clerk: RunningClerk;
let seededFolder: string;
const running: RunningClerk[] = [];
const folders: string[] = [];

// Keys and password hashes take their time; they are made once, and every test starts from a copy.
beforeAll(async () => {
  seededFolder = await mkdtemp(join(tmpdir(), "clerk-standin-"));
  await (await start(seededFolder)).close();
});

afterAll(() => rm(seededFolder, { recursive: true }));

beforeEach(async () => {
  clerk = await start(await stateFolder());
});

afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(running.splice(0).map((one) => one.close()));
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

describe("sign-in", () => {
  it("gives a session to the right password, in two steps or in one", async () => {
    const browser = new Browser(clerk);
    const begun = await browser.post("/v1/client/sign_ins", { identifier: ADA.identifier });
    expect(begun.body.response).toMatchObject({
      status: "needs_first_factor",
      supported_first_factors: [{ strategy: "password" }],
    });
    const id = begun.body.response?.id;
    const done = await browser.post(`/v1/client/sign_ins/${id}/attempt_first_factor`, {
      strategy: "password",
      password: ADA.password,
    });
    expect(done.body.response).toMatchObject({ status: "complete", created_session_id: expect.any(String) });
    expect(await signIn(new Browser(clerk), ADA)).toMatch(/^sess_/);
  });

  it("refuses a wrong password and an unknown address, on the field that is wrong", async () => {
    const browser = new Browser(clerk);
    const wrong = await browser.post("/v1/client/sign_ins", { ...ADA, password: "patchbay-ada-2" });
    expect(wrong.status).toBe(422);
    expect(wrong.body.errors).toMatchObject([{ code: "form_password_incorrect", meta: { param_name: "password" } }]);
    const unknown = await browser.post("/v1/client/sign_ins", { identifier: "nobody@acme.test", password: "x" });
    expect(unknown.body.errors).toMatchObject([
      { code: "form_identifier_not_found", meta: { param_name: "identifier" } },
    ]);
    expect(await sessionsOf(browser)).toEqual([]);
  });

  it("keeps the browser's secret from scripts and from the app's own pages", async () => {
    const browser = new Browser(clerk, { "clerk-proxy-url": `${APP}/__clerk`, "clerk-secret-key": clerk.secretKey });
    await signIn(browser, ADA);
    const cookie = browser.setCookies.findLast((line) => line.startsWith("__client="));
    expect(cookie).toMatch(/; Path=\/__clerk; HttpOnly; SameSite=Lax/);
  });

  it("gives the browser a new secret, so that one planted before is worth nothing", async () => {
    const browser = new Browser(clerk);
    await browser.post("/v1/client/sign_ins", { identifier: ADA.identifier });
    const planted = new Browser(clerk, { cookie: browser.cookieHeader() });
    await signIn(browser, ADA);
    expect(await sessionsOf(planted)).toEqual([]);
    expect(await sessionsOf(browser)).toHaveLength(1);
  });
});

describe("session tokens", () => {
  it("carry the claims of a version 2 token, and the database role for Supabase", async () => {
    const browser = new Browser(clerk, { origin: "http://localhost:4000" });
    const session = await signIn(browser, ADA);
    const claims = decodeJwt(await token(browser, session));
    expect(claims).toMatchObject({
      azp: "http://localhost:4000",
      iss: clerk.issuer,
      o: { id: "org_standin_acme", rol: "admin", slg: "acme" },
      role: "authenticated",
      sid: session,
      sts: "active",
      sub: "user_standin_ada",
      v: 2,
    });
    expect(Number(claims.exp) - Number(claims.iat)).toBe(60);
  });

  it("verify against the PEM, the open JWKS and the backend's JWKS", async () => {
    const browser = new Browser(clerk);
    const jwt = await token(browser, await signIn(browser, ADA));
    expect(await verifyToken(jwt, { jwtKey: clerk.jwtKey })).toMatchObject({ sub: "user_standin_ada" });
    const open = await jwtVerify(jwt, createRemoteJWKSet(new URL(clerk.jwksUrl)), { issuer: clerk.issuer });
    expect(open.payload.sub).toBe("user_standin_ada");
    const backend = await fetch(`${clerk.url}/v1/jwks`, { headers: { authorization: `Bearer ${clerk.secretKey}` } });
    const keys = (await backend.json()) as JSONWebKeySet;
    expect((await jwtVerify(jwt, createLocalJWKSet(keys))).payload.sub).toBe("user_standin_ada");
  });

  it("are taken by Clerk's SDK for a minute, and not after", async () => {
    const browser = new Browser(clerk);
    const jwt = await token(browser, await signIn(browser, ADA));
    const fresh = await authenticate(clerk, jwt);
    expect(fresh).toMatchObject({ userId: "user_standin_ada", orgId: "org_standin_acme", orgRole: "org:admin" });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 66_000 });
    expect(await authenticate(clerk, jwt)).toBeNull();
  });

  it("are refused when another stand-in signed them", async () => {
    const other = await start();
    const browser = new Browser(other);
    const jwt = await token(browser, await signIn(browser, ADA));
    expect(await authenticate(clerk, jwt)).toBeNull();
  });
});

describe("organisations", () => {
  it("switch with the session: token and memory follow", async () => {
    const browser = new Browser(clerk);
    const session = await signIn(browser, JOAN);
    expect(decodeJwt(await token(browser, session)).o).toMatchObject({ id: "org_standin_acme", rol: "member" });
    const touched = await browser.post(`/v1/client/sessions/${session}/touch`, {
      active_organization_id: "org_standin_globex",
    });
    expect(lastToken(touched)).toMatchObject({ o: { id: "org_standin_globex", slg: "globex" } });
    await browser.post(`/v1/client/sessions/${session}/touch`, { active_organization_id: "" });
    expect(decodeJwt(await token(browser, session)).o).toBeUndefined();
    await browser.post(`/v1/client/sessions/${session}/touch`, { active_organization_id: "org_standin_globex" });
    await browser.post("/v1/client/sessions?_method=DELETE", {});
    const again = await signIn(browser, JOAN);
    expect(decodeJwt(await token(browser, again)).o).toMatchObject({ id: "org_standin_globex" });
  });

  it("are closed to whoever is not a member", async () => {
    const browser = new Browser(clerk);
    const session = await signIn(browser, ADA);
    const refused = await browser.post(`/v1/client/sessions/${session}/touch`, {
      active_organization_id: "org_standin_globex",
    });
    expect(refused.status).toBe(404);
    expect((await browser.get("/v1/organizations/org_standin_globex/memberships")).status).toBe(404);
    expect(decodeJwt(await token(browser, session)).o).toMatchObject({ id: "org_standin_acme" });
  });

  it("leave the next token when the membership ends", async () => {
    const browser = new Browser(clerk);
    const session = await signIn(browser, JOAN);
    await control(clerk, "DELETE", "memberships/org_standin_acme/user_standin_joan");
    expect(decodeJwt(await token(browser, session)).o).toBeUndefined();
    const asked = await browser.post(`/v1/client/sessions/${session}/tokens`, { organization_id: "org_standin_acme" });
    expect(asked.status).toBe(404);
  });

  it("are created by a person, who is their admin; members cannot manage them", async () => {
    const mary = new Browser(clerk);
    await signIn(mary, { identifier: "mary@nowhere.test", password: "patchbay-mary-1" });
    const created = await mary.post("/v1/organizations", { name: "Analytical Engines" });
    expect(created.body.response).toMatchObject({ slug: "analytical-engines" });
    const id = String(created.body.response?.id);
    const invited = await mary.post(`/v1/organizations/${id}/invitations/bulk`, {
      email_address: "grace@acme.test",
      role: "org:member",
    });
    const [invitation] = invited.body.response as unknown as { id: string }[];

    const grace = new Browser(clerk);
    await signIn(grace, { identifier: "grace@acme.test", password: "patchbay-grace-1" });
    await grace.post(`/v1/me/organization_invitations/${invitation?.id}/accept`, {});
    expect((await grace.post(`/v1/organizations/${id}?_method=PATCH`, { name: "Mine" })).status).toBe(403);
    expect((await mary.post(`/v1/me/organization_memberships/${id}?_method=DELETE`, {})).status).toBe(400);
    expect((await grace.post(`/v1/me/organization_memberships/${id}?_method=DELETE`, {})).status).toBe(200);
  });
});

describe("sign-up", () => {
  it("makes an account with an address and a password, signed in at once", async () => {
    const browser = new Browser(clerk);
    const made = await browser.post("/v1/client/sign_ups", {
      email_address: "Emmy@noether.test",
      password: "long-enough-1",
      first_name: "Emmy",
    });
    expect(made.body.response).toMatchObject({ status: "complete" });
    expect(await sessionsOf(browser)).toMatchObject([{ last_active_organization_id: null }]);
    expect(await signIn(new Browser(clerk), { identifier: "emmy@noether.test", password: "long-enough-1" })).toMatch(
      /^sess_/,
    );
  });

  it("refuses a taken address, a malformed one and a short password", async () => {
    for (const [fields, code] of [
      [{ email_address: "ADA@acme.test", password: "long-enough-1" }, "form_identifier_exists"],
      [{ email_address: "nothing", password: "long-enough-1" }, "form_param_format_invalid"],
      [{ email_address: "new@x.test", password: "short" }, "form_password_length_too_short"],
    ] as const) {
      const refused = await new Browser(clerk).post("/v1/client/sign_ups", fields);
      expect(refused.body.errors).toMatchObject([{ code }]);
    }
  });
});

describe("sign-out", () => {
  it("ends the session: no more tokens, and the cookie says signed out", async () => {
    const browser = new Browser(clerk);
    const session = await signIn(browser, ADA);
    expect(Number(browser.cookie("__client_uat"))).toBeGreaterThan(0);
    await browser.post("/v1/client/sessions?_method=DELETE", {});
    expect(browser.cookie("__client_uat")).toBe("0");
    expect((await browser.post(`/v1/client/sessions/${session}/tokens`, {})).status).toBe(401);
  });

  it("is also what a deleted person gets, on every browser", async () => {
    const [one, two] = [new Browser(clerk), new Browser(clerk)];
    const sessions = [await signIn(one, ADA), await signIn(two, ADA)];
    await control(clerk, "DELETE", "people/user_standin_ada");
    expect((await one.post(`/v1/client/sessions/${sessions[0]}/tokens`, {})).status).toBe(401);
    expect(await sessionsOf(two)).toEqual([]);
  });
});

describe("handshake", () => {
  it("brings a fresh session cookie, not older than __client_uat", async () => {
    const browser = new Browser(clerk, { "clerk-proxy-url": `${APP}/__clerk`, "clerk-secret-key": clerk.secretKey });
    await signIn(browser, ADA);
    const answer = await browser.get(`/v1/client/handshake?redirect_url=${encodeURIComponent(`${APP}/connectors`)}`);
    expect(answer.status).toBe(307);
    expect(browser.location).toBe(`${APP}/connectors`);
    const claims = decodeJwt(browser.cookie("__session") ?? "");
    expect(Number(claims.iat)).toBeGreaterThanOrEqual(Number(browser.cookie("__client_uat")));
  });

  it("signs out a browser that has no session any more, and leads nowhere but to the app", async () => {
    const browser = new Browser(clerk);
    await browser.get(`/v1/client/handshake?redirect_url=${encodeURIComponent(`${APP}/`)}`);
    expect(browser.cookie("__client_uat")).toBe("0");
    for (const target of ["https://evil.example/", "//evil.example/", "javascript:alert(1)"]) {
      const refused = await browser.get(`/v1/client/handshake?redirect_url=${encodeURIComponent(target)}`);
      expect(refused.status).toBe(400);
    }
  });
});

describe("a restart", () => {
  it("signs nobody out and keeps keys, people and organisations", async () => {
    const folder = await stateFolder();
    const first = await start(folder);
    const browser = new Browser(first);
    const session = await signIn(browser, ADA);
    const jwt = await token(browser, session);
    await control(first, "POST", "organizations", { id: "org_kept", name: "Kept" });
    await first.close();

    const second = await start(folder);
    expect(second.secretKey).toBe(first.secretKey);
    browser.moveTo(second);
    expect(decodeJwt(await token(browser, session)).sub).toBe("user_standin_ada");
    expect(await authenticate(second, jwt)).toMatchObject({ userId: "user_standin_ada" });
    expect(await backendOf(second).organizations.getOrganization({ organizationId: "org_kept" })).toMatchObject({
      slug: "kept",
    });
  });

  it("does not bring back a seeded person who was deleted", async () => {
    const folder = await stateFolder();
    const first = await start(folder);
    await control(first, "DELETE", "people/user_standin_mary");
    await first.close();
    const refused = await new Browser(await start(folder)).post("/v1/client/sign_ins", {
      identifier: "mary@nowhere.test",
    });
    expect(refused.status).toBe(422);
  });

  it("leaves no password and no browser secret in the state file", async () => {
    const folder = await stateFolder();
    const one = await start(folder);
    const browser = new Browser(one);
    await signIn(browser, ADA);
    await one.close();
    const text = await readFile(join(folder, "clerk.json"), "utf8");
    expect(text).toContain("scrypt$");
    expect(text).not.toContain(ADA.password);
    expect(text).not.toContain(browser.cookie("__client"));
  });
});

describe("the Backend API", () => {
  it("answers Clerk's own client", async () => {
    const backend = backendOf(clerk);
    expect(await backend.users.getUser("user_standin_ada")).toMatchObject({
      firstName: "Ada",
      primaryEmailAddress: { emailAddress: "ada@acme.test" },
    });
    const list = await backend.users.getUserList({ emailAddress: ["grace@acme.test"] });
    expect(list).toMatchObject({ totalCount: 1, data: [{ id: "user_standin_grace" }] });
    const joined = await backend.users.getOrganizationMembershipList({ userId: "user_standin_joan" });
    expect(joined.data.map(({ organization, role }) => [organization.slug, role])).toEqual([
      ["acme", "org:member"],
      ["globex", "org:member"],
    ]);
    const members = await backend.organizations.getOrganizationMembershipList({ organizationId: "org_standin_acme" });
    expect(members.totalCount).toBe(3);
    for (const nobody of ["user_nobody", "constructor", "__proto__"]) {
      await expect(backend.users.getUser(nobody)).rejects.toMatchObject({ status: 404 });
    }
  });

  it("refuses every call without the secret key", async () => {
    const attempts: Record<string, string>[] = [{}, { authorization: "Bearer sk_live_wrong" }, { authorization: "" }];
    for (const headers of attempts) {
      for (const path of ["/v1/users", "/v1/users/user_standin_ada", "/v1/jwks", "/v1/sessions/sess_x"]) {
        expect((await fetch(`${clerk.url}${path}`, { headers })).status).toBe(401);
      }
    }
  });

  it("gives a ticket that signs in once", async () => {
    const ticket = await backendOf(clerk).signInTokens.createSignInToken({
      userId: "user_standin_ada",
      expiresInSeconds: 60,
    });
    const fields = { strategy: "ticket", ticket: ticket.token };
    expect((await new Browser(clerk).post("/v1/client/sign_ins", fields)).body.response).toMatchObject({
      status: "complete",
    });
    expect((await new Browser(clerk).post("/v1/client/sign_ins", fields)).status).toBe(422);
  });
});

describe("who may call", () => {
  it("refuses a proxy without the secret key, and pages of another origin behind the proxy", async () => {
    const proxy = { "clerk-proxy-url": `${APP}/__clerk` };
    expect((await new Browser(clerk, proxy).get("/v1/client")).status).toBe(403);
    const foreign = { ...proxy, "clerk-secret-key": clerk.secretKey, origin: "http://localhost:4999" };
    expect((await new Browser(clerk, foreign).post("/v1/client/sign_ins", ADA)).status).toBe(403);
  });

  it("keeps the control API from pages and from the app's proxy", async () => {
    const attempts: Record<string, string>[] = [
      { origin: APP },
      { "sec-fetch-site": "same-origin" },
      { "clerk-proxy-url": `${APP}/__clerk` },
    ];
    for (const headers of attempts) {
      const refused = await fetch(`${clerk.url}/_control/people/user_standin_ada`, { method: "DELETE", headers });
      expect(refused.status).toBe(404);
    }
  });

  it("serves no file outside the browser bundles", async () => {
    for (const path of ["..%2f..%2fpackage.json", "%2e%2e/package.json", "types/index.js", "clerk.browser.js.map"]) {
      expect((await fetch(`${clerk.url}/npm/@clerk/clerk-js@6/dist/${path}`)).status).toBe(404);
    }
  });
});

describe("faults", () => {
  it("make Clerk fail at one door, as often as told", async () => {
    await control(clerk, "POST", "fault", { mode: "error", door: "backend", times: 1 });
    expect((await new Browser(clerk).get("/v1/environment")).status).toBe(200);
    await expect(backendOf(clerk).users.getUser("user_standin_ada")).rejects.toMatchObject({ status: 500 });
    expect(await backendOf(clerk).users.getUser("user_standin_ada")).toMatchObject({ firstName: "Ada" });
  });

  it("make Clerk hang until its time is over", async () => {
    await control(clerk, "POST", "fault", { mode: "hang", seconds: 0.2 });
    const begun = performance.now();
    expect((await new Browser(clerk).get("/v1/client")).status).toBe(500);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(190);
  });
});

/** A browser as far as cookies and clerk-js's forms go. */
class Browser {
  readonly setCookies: string[] = [];
  location: string | null = null;
  private readonly jar = new Map<string, string>();

  constructor(
    private at: RunningClerk,
    private readonly headers: Record<string, string> = {},
  ) {}

  moveTo(other: RunningClerk) {
    this.at = other;
  }

  get(path: string): Promise<Answer> {
    return this.send(path, { method: "GET" });
  }

  post(path: string, fields: Record<string, string>): Promise<Answer> {
    return this.send(path, { method: "POST", body: new URLSearchParams(fields) });
  }

  cookie(name: string): string | undefined {
    return this.jar.get(name);
  }

  cookieHeader(): string {
    return [...this.jar].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  private async send(path: string, init: RequestInit): Promise<Answer> {
    const headers = { cookie: this.cookieHeader(), ...this.headers };
    const response = await fetch(`${this.at.url}${path}`, { ...init, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      this.setCookies.push(line);
      const [name = "", value = ""] = line.split(";")[0]?.split("=") ?? [];
      this.jar.set(name, value);
    }
    this.location = response.headers.get("location");
    const text = await response.text();
    return { status: response.status, body: text.startsWith("{") ? JSON.parse(text) : {} };
  }
}

async function signIn(browser: Browser, fields: { identifier: string; password: string }): Promise<string> {
  const { body } = await browser.post("/v1/client/sign_ins", { ...fields, strategy: "password" });
  return String(body.response?.created_session_id);
}

async function token(browser: Browser, session: string): Promise<string> {
  const { status, body } = await browser.post(`/v1/client/sessions/${session}/tokens`, {});
  expect(status).toBe(200);
  return String(body.jwt);
}

async function sessionsOf(browser: Browser): Promise<unknown> {
  return (await browser.get("/v1/client")).body.response?.sessions ?? [];
}

function lastToken(answer: Answer) {
  const last = answer.body.response?.last_active_token as { jwt: string } | undefined;
  return decodeJwt(last?.jwt ?? "");
}

/** What Clerk's SDK makes of a request that carries this token, with no network. */
async function authenticate(at: RunningClerk, jwt: string) {
  const request = new Request(`${APP}/api/v1/connections`, { headers: { authorization: `Bearer ${jwt}` } });
  const state = await backendOf(at).authenticateRequest(request, { jwtKey: at.jwtKey });
  return state.isAuthenticated ? state.toAuth() : null;
}

function backendOf(at: RunningClerk) {
  return createClerkClient({ secretKey: at.secretKey, publishableKey: at.publishableKey, apiUrl: at.url });
}

async function control(at: RunningClerk, method: string, path: string, body?: unknown): Promise<void> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${at.url}/_control/${path}`, { method, headers, body: JSON.stringify(body) });
  expect(response.ok).toBe(true);
}

/** Starts a stand-in that is closed after the test; without a folder in memory, with keys of its own. */
async function start(stateDir?: string): Promise<RunningClerk> {
  const started = await startClerk({ stateDir, people: seedPeople, organizations: seedOrganizations, appOrigin: APP });
  running.push(started);
  return started;
}

/** A state folder as a first start leaves it. */
async function stateFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "clerk-standin-"));
  folders.push(folder);
  await cp(seededFolder, folder, { recursive: true });
  return folder;
}
