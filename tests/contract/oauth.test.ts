import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Stack, startStack } from "./harness";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  await stack.oauthIntegration("github", "github", "repo,read:user");
  await stack.oauthIntegration("slack", "slack", "chat:write,users:read");
  await stack.oauthIntegration("notion");
  await stack.oauthIntegration("paypal");
  await stack.oauthIntegration("stripe-app");
  await stack.oauthIntegration("shopify");
  await stack.oauthIntegration("tiktok-personal");
  await stack.oauthIntegration("salesforce");
  await stack.integration("trello", "trello", {
    credentials: { type: "OAUTH1", client_id: "consumer", client_secret: "consumer-secret", scopes: "read" },
  });
});
afterAll(() => stack.close());
beforeEach(() => stack.forget());

const anybody = (...allowed: string[]) => stack.session({ tags: { end_user_id: "u1" }, allowed_integrations: allowed });

describe("the way to the consent page", () => {
  it("asks for the app's scopes, with state and PKCE", async () => {
    const { url } = await stack.openConsent("github", await anybody("github"));
    expect(decodeURIComponent(url?.pathname ?? "")).toBe("/_host/github.com/login/oauth/authorize");
    expect(Object.fromEntries(url?.searchParams ?? [])).toMatchObject({
      response_type: "code",
      client_id: "app-id",
      redirect_uri: `${stack.nango.host}/oauth/callback`,
      scope: "repo read:user",
      code_challenge_method: "S256",
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{20,}$/),
    });
  });

  it("joins scopes with the provider's own separator, and leaves PKCE out where the provider turns it off", async () => {
    const { url } = await stack.openConsent("slack", await anybody("slack"));
    expect(url?.searchParams.get("scope")).toBe("chat:write,users:read");
    expect(url?.searchParams.has("code_challenge")).toBe(false);
  });

  it("adds the provider's own parameters and renames those that the provider calls differently", async () => {
    const notion = await stack.openConsent("notion", await anybody("notion"));
    expect(notion.url?.searchParams.get("owner")).toBe("user");
    const tiktok = await stack.openConsent("tiktok-personal", await anybody("tiktok-personal"));
    expect(tiktok.url?.searchParams.get("client_key")).toBe("app-id");
    expect(tiktok.url?.searchParams.has("client_id")).toBe(false);
  });

  it("fills the connection's settings into the address, and refuses when one is missing", async () => {
    const { url } = await stack.openConsent("shopify", await anybody("shopify"), { subdomain: "acme" });
    expect(url?.pathname).toContain("acme.myshopify.com");
    const missing = await stack.openConsent("shopify", await anybody("shopify"));
    expect(missing.url).toBeNull();
    expect(await stack.outcomeOf("flow")).toMatchObject({ success: false, errorType: "url_param_err" });
  });

  it("takes the first alternative of an address whose settings are known", async () => {
    const plain = await stack.openConsent("salesforce", await anybody("salesforce"));
    expect(plain.url?.pathname).toContain("login.salesforce.com");
    const own = await stack.openConsent("salesforce", await anybody("salesforce"), {
      hostname: "acme.my.salesforce.com",
    });
    expect(own.url?.pathname).toContain("acme.my.salesforce.com");
  });

  it("lets the session override scopes, user scopes and parameters", async () => {
    const token = await stack.session({
      tags: { end_user_id: "u1" },
      allowed_integrations: ["slack"],
      integrations_config_defaults: {
        slack: {
          user_scopes: "search:read",
          authorization_params: { team: "T1" },
          connection_config: { oauth_scopes_override: "chat:write" },
        },
      },
    });
    const { url } = await stack.openConsent("slack", token);
    expect(Object.fromEntries(url?.searchParams ?? [])).toMatchObject({
      scope: "chat:write",
      user_scope: "search:read",
      team: "T1",
    });
  });

  it("refuses an integration that the session does not allow", async () => {
    expect((await stack.openConsent("slack", await anybody("github"))).url).toBeNull();
  });
});

describe("the way back", () => {
  it("makes a connection with the tokens, and tells the app once", async () => {
    const connectionId = await stack.consent("github", await anybody("github"));
    const connection = await stack.sdk.getConnection("github", connectionId);
    expect(connection.credentials).toMatchObject({
      type: "OAUTH2",
      access_token: expect.stringMatching(/^access-/),
      expires_at: expect.anything(),
    });
    const [hook, ...more] = await stack.webhooks(1);
    expect(more).toEqual([]);
    expect(hook?.body).toMatchObject({
      type: "auth",
      operation: "creation",
      success: true,
      connectionId,
      authMode: "OAUTH2",
      tags: { end_user_id: "u1" },
    });
    expect(hook?.body).not.toHaveProperty("endUser");
  });

  it("sends the PKCE verifier that belongs to the challenge", async () => {
    const { url, allow } = await stack.openConsent("github", await anybody("github"));
    await fetch(allow);
    const exchange = stack.provider.requests.find((request) => request.method === "POST");
    const verifier = exchange?.form.get("code_verifier") ?? "";
    expect(createHash("sha256").update(verifier).digest("base64url")).toBe(url?.searchParams.get("code_challenge"));
  });

  it("sends the app's secret in the body, as Basic or in JSON, as the provider wants it", async () => {
    await stack.consent("github", await anybody("github"));
    await stack.consent("paypal", await anybody("paypal"));
    await stack.consent("notion", await anybody("notion"));
    await stack.consent("stripe-app", await anybody("stripe-app"));
    const [github, paypal, notion, stripe] = stack.provider.requests.filter((request) => request.method === "POST");
    expect(github?.form.get("client_secret")).toBe("app-secret");
    expect(paypal?.headers.authorization).toBe(`Basic ${btoa("app-id:app-secret")}`);
    expect(paypal?.form.has("client_secret")).toBe(false);
    expect(JSON.parse(notion?.body ?? "")).toMatchObject({ grant_type: "authorization_code" });
    expect(notion?.headers.authorization).toBe(`Basic ${btoa("app-id:app-secret")}`);
    expect(stripe?.headers.authorization).toBe(`Basic ${btoa("app-secret:")}`);
    expect(stripe?.form.has("client_id")).toBe(false);
  });

  it("finds Slack's user token when there is no bot token, and keeps the team", async () => {
    const stop = stack.provider.handle((request) =>
      request.path === "/api/oauth.v2.access"
        ? { body: { ok: true, team: { id: "T9" }, authed_user: { id: "U1", access_token: "xoxp-1" } } }
        : undefined,
    );
    const connectionId = await stack.consent("slack", await anybody("slack"));
    stop();
    const connection = await stack.sdk.getConnection("slack", connectionId);
    expect(connection.credentials).toMatchObject({ access_token: "xoxp-1", raw: { authed_user: { id: "U1" } } });
    expect(connection.credentials).not.toHaveProperty("expires_at");
    expect(connection.connection_config).toEqual({ "team.id": "T9" });
  });

  it("accepts a state once only", async () => {
    const { allow } = await stack.openConsent("github", await anybody("github"));
    await fetch(allow);
    const again = await (await fetch(allow)).text();
    expect(again).toContain("state_err");
    expect((await stack.webhooks(1)).filter((hook) => hook.body.success)).toHaveLength(1);
  });

  it("refuses a state that it never gave", async () => {
    const page = await (await fetch(`${stack.nango.host}/oauth/callback?code=x&state=made-up`)).text();
    expect(page).toContain("state_err");
    expect(await stack.webhooks(0)).toEqual([]);
  });

  it("tells frame and app of a denied consent: no tags, and a connection that does not exist", async () => {
    const { deny } = await stack.openConsent("github", await anybody("github"));
    await fetch(deny);
    expect(await stack.outcomeOf("flow")).toMatchObject({ success: false, errorType: "callback_err" });
    const [hook] = await stack.webhooks(1);
    expect(hook?.body).toMatchObject({ operation: "creation", success: false, error: { type: "invalid_callback" } });
    expect(hook?.body).not.toHaveProperty("tags");
    expect(hook?.body).not.toHaveProperty("endUser");
    const answer = await stack.call("GET", `/connections/${hook?.body.connectionId}?provider_config_key=github`);
    expect(answer.status).toBe(404);
  });

  it("makes a denied reconnect look like a failed creation of a connection that still works", async () => {
    const connectionId = await stack.consent("github", await anybody("github"));
    await stack.forget();
    const token = await stack.reconnectSession({
      connection_id: connectionId,
      integration_id: "github",
      tags: { a: "b" },
    });
    const { deny } = await stack.openConsent("github", token);
    await fetch(deny);
    const [hook] = await stack.webhooks(1);
    expect(hook?.body).toMatchObject({ operation: "creation", success: false, connectionId });
    expect(hook?.body).not.toHaveProperty("tags");
    const connection = await stack.sdk.getConnection("github", connectionId);
    expect(connection.tags).toEqual({ end_user_id: "u1" });
    expect(connection.errors).toEqual([]);
  });

  it("renews a connection in place: the same id, an override, and the tags of the new session alone", async () => {
    const connectionId = await stack.consent("github", await anybody("github"));
    await stack.forget();
    const token = await stack.reconnectSession({ connection_id: connectionId, integration_id: "github" });
    expect(await stack.consent("github", token)).toBe(connectionId);
    const [hook] = await stack.webhooks(1);
    expect(hook?.body).toMatchObject({ operation: "override", success: true, connectionId });
    expect(hook?.body.tags).toEqual({});
    expect((await stack.sdk.getConnection("github", connectionId)).tags).toEqual({});
  });

  it("lets one session make two connections", async () => {
    const token = await anybody("github");
    const first = await stack.consent("github", token);
    const second = await stack.consent("github", token);
    expect(second).not.toBe(first);
  });

  it("makes nothing when the session was deleted while the person was at the provider", async () => {
    const token = await anybody("github");
    const { allow } = await stack.openConsent("github", token);
    await stack.call("DELETE", "/connect/session", undefined, token);
    await fetch(allow);
    expect(await stack.outcomeOf("flow")).toMatchObject({ success: false });
    expect((await stack.webhooks(1)).some((hook) => hook.body.success)).toBe(false);
  });

  it("reports a token endpoint that refuses", async () => {
    const { allow } = await stack.openConsent("github", await anybody("github"));
    await fetch(`${allow}&code=tampered`.replace(/code=[^&]+&/, ""));
    expect(await stack.outcomeOf("flow")).toMatchObject({ success: false, errorType: "token_err" });
  });
});

describe("OAuth 1", () => {
  it("asks for a request token, then for the one that stays, both signed", async () => {
    const stop = stack.provider.handle((request) => {
      if (request.path === "/1/OAuthGetRequestToken") return { body: "oauth_token=req&oauth_token_secret=req-secret" };
      if (request.path === "/1/OAuthGetAccessToken") return { body: "oauth_token=acc&oauth_token_secret=acc-secret" };
      return undefined;
    });
    const { url } = await stack.openConsent("trello", await anybody("trello"));
    expect(url?.searchParams.get("oauth_token")).toBe("req");
    const request = stack.provider.requests[0]?.headers.authorization ?? "";
    const callback = decodeURIComponent(/oauth_callback="([^"]+)"/.exec(request)?.[1] ?? "");
    await fetch(`${callback}&oauth_token=req&oauth_verifier=v`);
    const outcome = await stack.outcomeOf("flow");
    const connection = await stack.sdk.getConnection("trello", outcome.connectionId);
    expect(connection.credentials).toMatchObject({
      type: "OAUTH1",
      oauth_token: "acc",
      oauth_token_secret: "acc-secret",
    });
    await stack.sdk.get({ endpoint: "/1/members/me", providerConfigKey: "trello", connectionId: outcome.connectionId });
    stop();
    const proxied = stack.provider.requests.at(-1)?.headers.authorization ?? "";
    expect(proxied).toMatch(/^OAuth .*oauth_token="acc".*oauth_signature="/);
  });
});
