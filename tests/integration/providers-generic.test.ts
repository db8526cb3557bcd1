import { get } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Providers } from "@/emulators/providers/start";
import { CONNECTORS } from "./providers-connectors";
import { at, call, control, newStateDir, Person, startFresh } from "./providers-person";

const NOTION = {
  authorize: "https://api.notion.com/v1/oauth/authorize",
  token: "https://api.notion.com/v1/oauth/token",
  me: "https://api.notion.com/v1/users/me",
};
const ASANA = {
  authorize: "https://app.asana.com/-/oauth_authorize",
  token: "https://app.asana.com/-/oauth_token",
  me: "https://app.asana.com/api/1.0/users/me",
};

describe("OAuth 2 at the generic provider", () => {
  const stateDir = newStateDir();
  let providers: Providers;
  let asana: Person;
  beforeAll(async () => {
    providers = await startFresh(CONNECTORS, stateDir);
    asana = new Person(providers, "asana");
  });
  afterAll(() => providers.close());
  const signIn = (button = /support@acme\.test/) => asana.signIn(ASANA.authorize, ASANA.token, button);

  it("offers three accounts and Deny, and names the provider and the scopes", async () => {
    const page = await asana.open(ASANA.authorize, { scope: "tasks:read" });
    expect(page.buttons).toEqual([
      "Ada Lovelace ada@acme.test",
      "Grace Hopper grace@acme.test",
      "Acme Support support@acme.test",
      "Deny",
    ]);
    expect(page.html).toContain("Sign in to Asana");
    expect(page.html).toContain("tasks:read");
  });

  it("answers the connector's test call with the account that was chosen, in the manifest's shape", async () => {
    const support = await call(providers, ASANA.me, String((await signIn()).body.access_token));
    expect(at(support.body, "data.name")).toBe("Acme Support");
    const ada = await call(providers, ASANA.me, String((await signIn(/ada@/)).body.access_token));
    expect(at(ada.body, "data.name")).toBe("Ada Lovelace");
    expect(at(ada.body, "data.gid")).not.toBe(at(support.body, "data.gid"));
  });

  it("leads back with access_denied when the person says no", async () => {
    const landed = await (await asana.open(ASANA.authorize)).press(/^Deny$/);
    expect(Object.fromEntries(landed.searchParams)).toMatchObject({ error: "access_denied", state: "state-1" });
  });

  it("refuses a wrong verifier, a used code and another redirect", async () => {
    const code = async () => (await (await asana.open(ASANA.authorize)).press(/ada@/)).searchParams.get("code") ?? "";
    const wrong = await asana.token(ASANA.token, { code: await code(), code_verifier: "x".repeat(43) });
    expect(wrong).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    const elsewhere = await asana.token(ASANA.token, { code: await code(), redirect_uri: "http://localhost:1/x" });
    expect(elsewhere.body.error).toBe("invalid_grant");
    const good = await code();
    expect((await asana.token(ASANA.token, { code: good })).status).toBe(200);
    expect((await asana.token(ASANA.token, { code: good })).body.error).toBe("invalid_grant");
  });

  it("rotates refresh tokens, and a used one that comes back ends the consent", async () => {
    const first = (await signIn()).body;
    const second = (await asana.token(ASANA.token, { refresh_token: String(first.refresh_token) })).body;
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect((await call(providers, ASANA.me, String(second.access_token))).status).toBe(200);
    expect((await asana.token(ASANA.token, { refresh_token: String(first.refresh_token) })).body.error).toBe(
      "invalid_grant",
    );
    expect((await call(providers, ASANA.me, String(second.access_token))).status).toBe(401);
    expect((await asana.token(ASANA.token, { refresh_token: String(second.refresh_token) })).body.error).toBe(
      "invalid_grant",
    );
  });

  it("refuses unknown, missing, expired and revoked tokens, and those of another provider", async () => {
    for (const token of ["made-up", null]) expect((await call(providers, ASANA.me, token)).status).toBe(401);
    const token = String((await signIn()).body.access_token);
    expect((await call(providers, NOTION.me, token)).status).toBe(401);
    await control(providers, "/expire", { token });
    expect((await call(providers, ASANA.me, token)).body.error_description).toContain("expired");
    const second = String((await signIn()).body.access_token);
    expect((await call(providers, `https://app.asana.com/-/oauth_revoke`, second, { method: "POST" })).status).toBe(
      200,
    );
    expect((await call(providers, ASANA.me, second)).status).toBe(401);
    const third = String((await signIn(/grace@/)).body.access_token);
    expect(await control(providers, "/revoke", { service: "generic", account: "grace@acme.test" })).toEqual({
      revoked: 1,
    });
    expect((await call(providers, ASANA.me, third)).status).toBe(401);
  });

  it("keeps tokens and refresh tokens working as the same account after a restart", async () => {
    const { body } = await signIn();
    const before = await call(providers, ASANA.me, String(body.access_token));
    await providers.close();
    providers = await startFresh(CONNECTORS, stateDir);
    asana = new Person(providers, "asana");
    expect((await call(providers, ASANA.me, String(body.access_token))).body).toEqual(before.body);
    const refreshed = await asana.token(ASANA.token, { refresh_token: String(body.refresh_token) });
    expect((await call(providers, ASANA.me, String(refreshed.body.access_token))).body).toEqual(before.body);
  });

  it("puts into the token answer and the redirect what Nango copies from them", async () => {
    const salesforce = new Person(providers, "salesforce");
    const url = "https://login.salesforce.com/services/oauth2";
    const { body } = await salesforce.signIn(`${url}/authorize`, `${url}/token`, /ada@/);
    expect(body.instance_url).toBe("https://acme.my.salesforce.com");
    const seller = new Person(providers, "amazon-selling-partner");
    const landed = await (await seller.open("https://sellercentral.amazon.com/apps/authorize/consent")).press(/ada@/);
    expect(landed.searchParams.get("spapi_oauth_code")).toBeTruthy();
    expect(landed.searchParams.get("selling_partner_id")).toBeTruthy();
  });

  it("lets Google's other APIs take Google's tokens", async () => {
    const google = new Person(providers, "youtube");
    const { body } = await google.signIn(
      "https://accounts.google.com/o/oauth2/v2/auth",
      "https://oauth2.googleapis.com/token",
      /grace@/,
      { access_type: "offline" },
    );
    const channel = await call(
      providers,
      "https://www.googleapis.com/youtube/v3/channels?part=snippet&mine=true",
      String(body.access_token),
    );
    expect(at(channel.body, "items.0.snippet.title")).toBe("Grace Hopper");
    expect((await call(providers, "https://www.googleapis.com/youtube/v3/channels?mine=true", "made-up")).status).toBe(
      401,
    );
  });

  it("ends the consent when HubSpot's and Intercom's own ways of withdrawing are used", async () => {
    const hubspot = new Person(providers, "hubspot");
    const url = "https://api.hubapi.com";
    const { body } = await hubspot.signIn("https://app.hubspot.com/oauth/authorize", `${url}/oauth/v1/token`, /ada@/);
    const gone = await call(providers, `${url}/oauth/v1/refresh-tokens/${body.refresh_token}`, null, {
      method: "DELETE",
    });
    expect(gone.status).toBe(204);
    expect((await call(providers, `${url}/account-info/v3/details`, String(body.access_token))).status).toBe(401);

    const intercom = new Person(providers, "intercom");
    const api = "https://api.intercom.io";
    const signedIn = await intercom.signIn("https://app.intercom.com/oauth", `${api}/auth/eagle/token`, /ada@/);
    const token = String(signedIn.body.access_token);
    expect((await call(providers, `${api}/me`, token)).status).toBe(200);
    await call(providers, `${api}/auth/uninstall`, token, { method: "POST", json: {} });
    expect((await call(providers, `${api}/me`, token)).status).toBe(401);
  });

  it("answers an injected fault once", async () => {
    const token = String((await signIn()).body.access_token);
    await control(providers, "/faults", { service: "generic", host: "app.asana.com", kind: "500" });
    expect((await call(providers, ASANA.me, token)).status).toBe(500);
    expect((await call(providers, ASANA.me, token)).status).toBe(200);
  });

  it("lets no page in a browser near the control API, whatever name it calls this machine by", async () => {
    const url = `${providers.control}/grants`;
    const asPage = (headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        get(url, { headers }, (response) => resolve(response.resume().statusCode)).on("error", reject);
      });
    expect(await asPage({})).toBe(200);
    expect(await asPage({ host: "rebound.example" })).toBe(403);
    expect(await asPage({ origin: "https://elsewhere.example" })).toBe(403);
    expect(await asPage({ "sec-fetch-site": "none" })).toBe(403);
    const reset = await fetch(`${providers.control}/reset`, { method: "POST", headers: { origin: "null" } });
    expect(reset.status).toBe(403);
  });
});
