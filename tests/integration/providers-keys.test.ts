import { getProvider } from "@nangohq/providers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Providers } from "@/emulators/providers/start";
import { CONNECTORS } from "./providers-connectors";
import { at, basic, call, control, Person, REDIRECT, startFresh } from "./providers-person";

describe("other ways of signing in at the generic provider", () => {
  let providers: Providers;
  beforeAll(async () => {
    providers = await startFresh(CONNECTORS);
  });
  afterAll(() => providers.close());

  it("takes any API key but one that begins with bad, wherever the provider wants it", async () => {
    const statuses = async (key: string) => [
      (await call(providers, "https://api.openai.com/v1/models", key)).status,
      (await call(providers, "https://api.anthropic.com/v1/models", null, { headers: { "x-api-key": key } })).status,
      (await call(providers, `https://generativelanguage.googleapis.com/v1/models?key=${key}`, null)).status,
      (await call(providers, `https://api.telegram.org/bot${key}/getMe`, null)).status,
      (await call(providers, "https://acme.example/wp-json/wc/v3/system_status", null, { headers: basic("ck_1", key) }))
        .status,
    ];
    expect(await statuses("sk-good")).toEqual([200, 200, 200, 200, 200]);
    expect(await statuses("bad-key")).toEqual([401, 401, 401, 401, 401]);
    expect((await call(providers, "https://api.openai.com/v1/models", null)).status).toBe(401);
  });

  it("knows the same account behind the same key, and another behind another", async () => {
    const who = async (key: string) => (await call(providers, "https://api.vercel.com/v2/user", key)).body.user;
    expect(await who("key-1")).toEqual(await who("key-1"));
    expect((await who("key-2")).id).not.toBe((await who("key-1")).id);
    expect((await who("key-1")).name).toMatch(/^Acme /);
  });

  it("refuses an API key that was revoked", async () => {
    await control(providers, "/revoke", { token: "key-3" });
    expect((await call(providers, "https://api.vercel.com/v2/user", "key-3")).status).toBe(401);
  });

  it("does not take made-up tokens where the provider issues them", async () => {
    expect(
      (
        await call(providers, "https://api.monday.com/v2", "some-key", {
          method: "POST",
          json: { query: "{ me { id } }" },
        })
      ).status,
    ).toBe(401);
  });

  it("Tableau: credentials become a token that the API then takes", async () => {
    const url = "https://acme.online.tableau.com/api/3.26";
    const signIn = (secret: string) =>
      call(providers, `${url}/auth/signin`, null, {
        method: "POST",
        json: {
          credentials: {
            personalAccessTokenName: "patchbay",
            personalAccessTokenSecret: secret,
            site: { contentUrl: "acme" },
          },
        },
      });
    expect((await signIn("bad-secret")).status).toBe(401);
    const { body } = await signIn("good-secret");
    expect(body.credentials.estimatedTimeToExpiration).toMatch(/^\d+:\d\d:\d\d$/);
    const session = (token: string) =>
      call(providers, `${url}/sessions/current`, null, { headers: { "x-tableau-auth": token } });
    expect((await session(body.credentials.token)).body.session.user.name).toMatch(/^Acme /);
    expect((await session("made-up")).status).toBe(401);
    await control(providers, "/expire", { token: body.credentials.token });
    expect((await session(body.credentials.token)).status).toBe(401);
  });

  it("answers every two-step provider's sign-in where its entry reads the token", async () => {
    for (const [key, url, path] of [
      ["nable-ncentral", "https://acme.example/api/auth/authenticate", "tokens.access.token"],
      ["perimeter81", "https://api.acme.com/api/v1/auth/authorize", "data.accessToken"],
      ["aspire", "https://acme.example/Authorization", "Token"],
    ]) {
      expect(getProvider(key as string)?.auth_mode).toBe("TWO_STEP");
      const { body } = await call(providers, url as string, null, {
        method: "POST",
        json: { username: "u", password: "p" },
      });
      expect(at(body, path as string)).toMatch(/standin/);
    }
  });

  it("gives client credentials a token, and refuses those that begin with bad", async () => {
    const ask = (secret: string) =>
      fetch(providers.resolve("https://dbc-1.cloud.databricks.com/oidc/v1/token"), {
        method: "POST",
        headers: basic("client-1", secret),
        body: new URLSearchParams({ grant_type: "client_credentials", scope: "all-apis" }),
      });
    expect((await ask("bad")).status).toBe(401);
    const body = (await (await ask("good")).json()) as { access_token: string };
    const me = await call(
      providers,
      "https://dbc-1.cloud.databricks.com/api/2.0/preview/scim/v2/Me",
      body.access_token,
    );
    expect(me.body.displayName).toMatch(/^Acme /);
  });

  it("Trello: request token, consent, access token, and a call signed with it", async () => {
    const { clientId } = providers.oauthClient("trello");
    const signed = (fields: Record<string, string>) => ({
      authorization: `OAuth ${Object.entries({ oauth_consumer_key: clientId, ...fields })
        .map(([key, value]) => `${key}="${encodeURIComponent(value)}"`)
        .join(", ")}`,
    });
    const ask = async (url: string, fields: Record<string, string>) => {
      const answer = await call(providers, url, null, { method: "POST", headers: signed(fields) });
      return { status: answer.status, fields: Object.fromEntries(new URLSearchParams(answer.text)) };
    };
    const request = await ask("https://trello.com/1/OAuthGetRequestToken", { oauth_callback: REDIRECT });
    const token = request.fields.oauth_token ?? "";
    const page = await new Person(providers, "trello").open("https://trello.com/1/OAuthAuthorizeToken", {
      oauth_token: token,
    });
    const landed = await page.press(/grace@/);
    const early = await ask("https://trello.com/1/OAuthGetAccessToken", {
      oauth_token: token,
      oauth_verifier: "wrong",
    });
    expect(early.status).toBe(401);
    expect(landed.searchParams.get("oauth_verifier")).toBeTruthy();

    const again = await ask("https://trello.com/1/OAuthGetRequestToken", { oauth_callback: REDIRECT });
    const second = await new Person(providers, "trello").open("https://trello.com/1/OAuthAuthorizeToken", {
      oauth_token: again.fields.oauth_token ?? "",
    });
    const verifier = (await second.press(/grace@/)).searchParams.get("oauth_verifier") ?? "";
    const access = await ask("https://trello.com/1/OAuthGetAccessToken", {
      oauth_token: again.fields.oauth_token ?? "",
      oauth_verifier: verifier,
    });
    expect(access.status).toBe(200);
    const me = await call(providers, "https://api.trello.com/1/members/me?fields=id,fullName", null, {
      headers: signed({ oauth_token: access.fields.oauth_token ?? "" }),
    });
    expect(me.body.fullName).toBe("Grace Hopper");
    expect(
      (
        await call(providers, "https://api.trello.com/1/members/me", null, {
          headers: signed({ oauth_token: "made-up" }),
        })
      ).status,
    ).toBe(401);
  });

  it("HubSpot: account details name the portal", async () => {
    const { body } = await new Person(providers, "hubspot").signIn(
      "https://app.hubspot.com/oauth/authorize",
      "https://api.hubapi.com/oauth/v1/token",
      /support@/,
    );
    const details = await call(providers, "https://api.hubapi.com/account-info/v3/details", String(body.access_token));
    expect(details.body.portalId).toBeTypeOf("number");
  });
});
