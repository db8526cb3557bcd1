import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Providers } from "@/emulators/providers/start";
import { at, call, control, newStateDir, Person, startFresh } from "./providers-person";
import { SERVICES, type Service } from "./providers-services";

const refusalOf = (body: unknown) => JSON.stringify(body);

describe.each(SERVICES)("$name", (service) => {
  const stateDir = newStateDir();
  let providers: Providers;
  let person: Person;
  const me = (token: string | null) => call(providers, service.me, token, service.init);
  const who = (body: unknown) => service.who.map((path) => at(body, path));
  const signIn = () => person.signIn(service.authorize, service.token, service.button, service.extra);

  beforeAll(async () => {
    providers = await startFresh([], stateDir);
    person = new Person(providers, service.key);
  });
  afterAll(() => providers.close());

  it("signs in on the consent page and acts as the account that was chosen there", async () => {
    const { body } = await signIn();
    const answer = await me(String(body.access_token));
    expect(answer.status).toBe(200);
    expect(who(answer.body)).toEqual(service.is);
  });

  it("shows the demo's people, a way to say no, and nobody else", async () => {
    const page = await person.open(service.authorize, service.extra);
    expect(page.status).toBe(200);
    expect(page.buttons.at(-1)).toBe("Deny");
    expect(page.buttons.length).toBeGreaterThanOrEqual(3);
    expect(page.buttons.slice(0, -1).join(" ")).not.toMatch(/admin|testuser|example\.com|developer|octocat/i);
  });

  it("leads back with access_denied and the state when the person says no", async () => {
    const landed = await (await person.open(service.authorize, service.extra)).press(/^Deny$/);
    expect(landed.searchParams.get("error")).toBe("access_denied");
    expect(landed.searchParams.get("state")).toBe("state-1");
    expect(landed.searchParams.has("code")).toBe(false);
  });

  it("refuses unknown, missing, expired and revoked tokens", async () => {
    const refused = async (token: string | null) => {
      const answer = await me(token);
      expect(answer.status).toBe(service.refused);
      if (service.refused === 200) expect(answer.body.ok).toBe(false);
      return refusalOf(answer.body);
    };
    const unknown = await refused("made-up");
    expect(unknown).not.toContain("emulate");
    await refused(null);
    const { body } = await signIn();
    const token = String(body.access_token);
    expect((await me(token)).status).toBe(200);
    await control(providers, "/expire", { token });
    await refused(token);
    const second = String((await signIn()).body.access_token);
    await control(providers, "/revoke", { token: second });
    await refused(second);
  });

  it("takes a code once, and only with the verifier that belongs to it", async () => {
    const landed = await (await person.open(service.authorize, service.extra)).press(service.button);
    const code = landed.searchParams.get("code") ?? "";
    const wrong = await person.token(service.token, { code, code_verifier: "x".repeat(50) });
    expect(wrong.body.access_token).toBeUndefined();
    expect((await person.token(service.token, { code })).body.access_token).toBeUndefined();
    const again =
      (await (await person.open(service.authorize, service.extra)).press(service.button)).searchParams.get("code") ??
      "";
    expect((await person.token(service.token, { code: again })).body.access_token).toBeTruthy();
    expect((await person.token(service.token, { code: again })).body.access_token).toBeUndefined();
  });

  it("refuses a client, a secret and a redirect that it does not know", async () => {
    expect((await person.open(service.authorize, { ...service.extra, client_id: "somebody" })).status).toBe(400);
    expect(
      (await person.open(service.authorize, { ...service.extra, redirect_uri: "https://evil.example/cb" })).status,
    ).toBe(400);
    const landed = await (await person.open(service.authorize, service.extra)).press(service.button);
    const stolen = await person.token(service.token, {
      code: landed.searchParams.get("code") ?? "",
      client_secret: "wrong",
    });
    expect(stolen.body.access_token).toBeUndefined();
    expect(stolen.body.error).toBeTruthy();
  });

  it("keeps tokens working as the same account after a restart", async () => {
    const { body } = await signIn();
    await providers.close();
    providers = await startFresh([], stateDir);
    person = new Person(providers, service.key);
    const answer = await me(String(body.access_token));
    expect(who(answer.body)).toEqual(service.is);
    if (body.refresh_token) {
      const refreshed = await person.token(service.token, { refresh_token: String(body.refresh_token) });
      const after = await me(String(refreshed.body.access_token));
      expect(who(after.body)).toEqual(service.is);
    }
  });

  it("answers an injected fault once, then works again", async () => {
    const { body } = await signIn();
    await control(providers, "/faults", {
      service: service.key.split("-")[0] === "outlook" ? "microsoft" : service.key.split("-")[0],
      kind: "429",
    });
    const limited = await me(String(body.access_token));
    expect(limited.status).toBe(429);
    expect(limited.headers.get("retry-after")).toBe("1");
    expect((await me(String(body.access_token))).status).toBe(200);
  });
});

describe("refresh", () => {
  let providers: Providers;
  beforeAll(async () => {
    providers = await startFresh();
  });
  afterAll(() => providers.close());

  it("is given by Google only for offline access, and stays the same", async () => {
    const [google] = SERVICES as [Service];
    const person = new Person(providers, "google-mail");
    const online = await person.signIn(google.authorize, google.token, /ada@/, { scope: "openid" });
    expect(online.body.refresh_token).toBeUndefined();
    const offline = await person.signIn(google.authorize, google.token, /ada@/, { access_type: "offline" });
    const token = String(offline.body.refresh_token);
    for (const _ of [1, 2]) {
      const refreshed = await person.token(google.token, { refresh_token: token });
      expect(refreshed.body.access_token).toBeTruthy();
      expect(refreshed.body.refresh_token).toBeUndefined();
    }
  });

  it("rotates at Linear, and a used token that comes back ends the whole consent", async () => {
    const linear = SERVICES[4] as Service;
    const person = new Person(providers, "linear");
    const first = await person.signIn(linear.authorize, linear.token, /ada@/, linear.extra);
    const old = String(first.body.refresh_token);
    const second = await person.token(linear.token, { refresh_token: old });
    expect(second.body.refresh_token).not.toBe(old);
    const reused = await person.token(linear.token, { refresh_token: old });
    expect(reused.body).toMatchObject({ error: "invalid_grant" });
    const after = await call(providers, linear.me, String(second.body.access_token), linear.init);
    expect(after.status).toBe(401);
  });

  it("is not given by GitHub and Slack, whose tokens do not expire", async () => {
    for (const service of [SERVICES[1], SERVICES[2]] as Service[]) {
      const { body } = await new Person(providers, service.key).signIn(
        service.authorize,
        service.token,
        service.button,
        service.extra,
      );
      expect(body.refresh_token).toBeUndefined();
      expect(body.expires_in).toBeUndefined();
    }
  });

  it("follows a shorter life that a test asked for", async () => {
    await control(providers, "/lifetime", { service: "google", seconds: 0 });
    const [google] = SERVICES as [Service];
    const { body } = await new Person(providers, "google-mail").signIn(
      google.authorize,
      google.token,
      /ada@/,
      google.extra,
    );
    expect(body.expires_in).toBe(0);
    expect((await call(providers, google.me, String(body.access_token))).status).toBe(401);
    await control(providers, "/lifetime", { service: "google", seconds: null });
  });
});
