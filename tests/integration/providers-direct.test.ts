import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Providers } from "@/emulators/providers/start";
import { CONNECTORS } from "./providers-connectors";
import { control, startFresh } from "./providers-person";

let providers: Providers;
beforeAll(async () => {
  providers = await startFresh(CONNECTORS);
});
afterAll(() => providers.close());

const at = (path: string) => `${providers.realAddresses}${path}`;

describe("providers under one address", () => {
  it("open their sign-in pages where those are, so that the pages' links lead on", async () => {
    const query = "client_id=standin-direct-github&redirect_uri=http%3A%2F%2Flocalhost%3A3003%2Fcb&state=s";
    const answer = await fetch(at(`/github.com/login/oauth/authorize?${query}`), { redirect: "manual" });
    expect(answer.status).toBe(302);
    expect(answer.headers.get("location")).toBe(`${providers.urls.github}/login/oauth/authorize?${query}`);
    expect((await fetch(answer.headers.get("location") ?? "")).status).toBe(200);
  });

  it("pass calls on with their method, headers and body, and the answer as it is", async () => {
    const refused = await fetch(at("/github.com/login/oauth/access_token"), {
      method: "POST",
      headers: { accept: "application/json" },
      body: new URLSearchParams({ client_id: "standin-direct-github", client_secret: "wrong", code: "x" }),
    });
    expect(await refused.json()).toMatchObject({ error: "incorrect_client_credentials" });
    const unknown = await fetch(at("/api.github.com/user"), { headers: { authorization: "Bearer made-up" } });
    expect(unknown.status).toBe(401);
    expect(unknown.headers.get("content-type")).toContain("json");
    const generic = await fetch(at("/api.notion.com/v1/users/me"), { headers: { authorization: "Bearer made-up" } });
    expect(generic.status).toBe(401);
    const calls = await control(providers, "/calls", undefined, "GET");
    expect((calls.calls as { host: string }[]).map(({ host }) => host)).toEqual(
      expect.arrayContaining(["api.github.com", "api.notion.com"]),
    );
  });

  it.each(["/localhost/x", "/127.0.0.1/x", "/127.0.0.1:80/x", "/[::1]/x", "//x", "/x", "/2130706433/x", "/..%2f/x"])(
    "lead to no other place than a provider: %s",
    async (path) => {
      expect((await fetch(at(path))).status).toBe(404);
    },
  );
});

describe("the application of an app without Nango", () => {
  it("is another than Nango's at the same provider, and its secret is no other's", async () => {
    expect(providers.directClient("notion").clientId).not.toBe(providers.oauthClient("notion").clientId);
    for (const secret of [
      providers.oauthClient("notion").clientSecret,
      providers.directClient("github").clientSecret,
    ]) {
      const answer = await fetch(at("/api.notion.com/v1/oauth/token"), {
        method: "POST",
        body: new URLSearchParams({
          ...{ grant_type: "authorization_code", code: "x" },
          ...{ client_id: providers.directClient("notion").clientId, client_secret: secret },
        }),
      });
      expect(await answer.json()).toMatchObject({ error: "invalid_client" });
    }
  });
});
