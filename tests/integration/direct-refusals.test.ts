import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Tenant } from "@/lib/auth/tenant";
import { env, resetEnv } from "@/lib/env";
import { freshToken, renewToken } from "@/lib/oauth/refresh";
import { appsAt, type DirectWorld, openDirectWorld } from "../support/direct";

/** What a provider's own words for no come to: about the person, about the operator's application, or about nobody. */

let world: DirectWorld;
let ada: Tenant;
let owners = 0;
let refuser: Server;
let word = "";
const grants: (string | null)[] = [];

beforeAll(async () => {
  world = await openDirectWorld(appsAt("jira"));
  refuser = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const sent = body.startsWith("{") ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(body));
    grants.push(sent.grant_type);
    response.writeHead(400, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: word, error_description: "no" }));
  });
  await new Promise<void>((resolve) => refuser.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  await new Promise<void>((resolve) => refuser.close(() => resolve()));
  await world?.close();
});

const hostsBefore: (string | undefined)[] = [];
beforeEach(() => {
  ada = world.db.tenant(`org_refusals_${owners++}`, "user_ada", "admin");
  hostsBefore.push(process.env.PROVIDER_HOSTS);
  grants.length = 0;
});
const answering = () => {
  process.env.PROVIDER_HOSTS = hostsBefore.pop();
  resetEnv();
};
afterEach(() => {
  if (hostsBefore.length > 0) answering();
});

/** From now on this host's answers are all the same refusal. */
function refusing(host: string, said: string): void {
  word = said;
  const itself = `http://127.0.0.1:${(refuser.address() as AddressInfo).port}`;
  process.env.PROVIDER_HOSTS = JSON.stringify({ ...env().oauth.providerHosts, [host]: itself });
  resetEnv();
}

const outdated = (id: string) =>
  world.db.sql`update oauth_credentials set expires_at = now() - interval '1 minute' where connection_id = ${id}`;

describe("a refusal to renew a token", () => {
  it.each([
    ["jira", "auth.atlassian.com", "unauthorized_client"] as const,
    ...[
      "interaction_required",
      "login_required",
      "consent_required",
      "inactive_user",
      "inactive_org",
      "invalid_grant",
    ].map((said) => ["discord", "discord.com", said] as const),
  ])("is final, and the token is not sent again but by a look: %s, %s says %s", async (connector, host, said) => {
    const id = await world.connect(ada, connector);
    await outdated(id);
    refusing(host, said);
    expect(await freshToken({ id, connector })).toEqual({ ok: false });
    expect((await world.stored(id))?.refresh_refused_at).not.toBeNull();
    expect(await freshToken({ id, connector })).toEqual({ ok: false });
    expect(grants).toEqual(["refresh_token"]);
    expect(await renewToken({ id, connector })).toEqual({ ok: false });
    expect(grants).toEqual(["refresh_token", "refresh_token"]);
  });

  it.each([
    ["invalid_client", "connector_not_configured"],
    ["temporarily_unavailable", "direct_unreachable"],
    ["something_else", "direct_unreachable"],
  ])("says nothing about the token when it is %s", async (said, code) => {
    const id = await world.connect(ada);
    await outdated(id);
    refusing("discord.com", said);
    await expect(freshToken({ id, connector: "discord" })).rejects.toMatchObject({ code });
    expect((await world.stored(id))?.refresh_refused_at).toBeNull();
    answering();
    expect(await freshToken({ id, connector: "discord" })).toMatchObject({ ok: true, version: 2 });
  });
});

describe("a refusal of a code", () => {
  it.each([
    ["unauthorized_client", "not_configured"],
    ["invalid_client", "not_configured"],
    ["invalid_grant", "failed"],
    ["login_required", "direct_unavailable"],
  ])("that is %s ends the sign-in as %s", async (said, outcome) => {
    const { attempt, browser, authorizationUrl } = await world.start(ada);
    const landing = await browser.consent(authorizationUrl, /Ada/);
    refusing("discord.com", said);
    await browser.land(landing);
    expect(await world.attemptOf(ada, attempt.id)).toMatchObject({ status: "failed", outcome });
    expect(grants).toEqual(["authorization_code"]);
  });
});

it.each(["access_denied", "user_denied", "user_cancelled_login", "user_cancelled_authorize", "consent_required"])(
  "a person who says no has declined, whatever it is called: %s",
  async (error) => {
    const { attempt, browser, authorizationUrl } = await world.start(ada);
    const landing = await browser.consent(authorizationUrl, /Deny/);
    landing.searchParams.set("error", error);
    await browser.land(landing);
    expect(await world.attemptOf(ada, attempt.id)).toMatchObject({ status: "failed", outcome: "denied" });
  },
);
