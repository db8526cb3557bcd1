import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { twilioAccount } from "@/emulators/providers/accounts";
import type { Providers } from "@/emulators/providers/start";
import { call, control, Person, startFresh } from "./providers-person";
import { SERVICES, type Service } from "./providers-services";

describe("routes that the services have in reality", () => {
  let providers: Providers;
  const tokens: Record<string, string> = {};
  beforeAll(async () => {
    providers = await startFresh();
    for (const service of SERVICES) {
      const { body } = await new Person(providers, service.key).signIn(
        service.authorize,
        service.token,
        service.button,
        service.extra,
      );
      tokens[service.name] = String(body.access_token);
    }
  });
  afterAll(() => providers.close());

  it("Calendar: the primary calendar, one event, and a change to it", async () => {
    const token = tokens.Google as string;
    const base = "https://www.googleapis.com/calendar/v3";
    const primary = await call(providers, `${base}/users/me/calendarList/primary`, token);
    expect(primary.body).toMatchObject({ id: "support@acme.test", primary: true });
    const times = { start: { dateTime: "2026-12-01T09:00:00Z" }, end: { dateTime: "2026-12-01T10:00:00Z" } };
    const made = await call(providers, `${base}/calendars/primary/events`, token, {
      method: "POST",
      json: { summary: "Review", ...times },
    });
    const url = `${base}/calendars/primary/events/${made.body.id}`;
    expect((await call(providers, url, token)).body.summary).toBe("Review");
    await call(providers, url, token, { method: "PATCH", json: { summary: "Review, moved" } });
    expect((await call(providers, url, token)).body.summary).toBe("Review, moved");
    const list = await call(providers, `${base}/calendars/primary/events`, token);
    expect(list.text).toContain("Review, moved");
  });

  it("Gmail: a message sent can be read back", async () => {
    const token = tokens.Google as string;
    const raw = Buffer.from("To: ada@acme.test\r\nSubject: Hello\r\n\r\nGood morning").toString("base64url");
    const base = "https://gmail.googleapis.com/gmail/v1/users/me/messages";
    expect((await call(providers, `${base}/send`, token, { method: "POST", json: { raw } })).status).toBe(200);
    const sent = await call(providers, `${base}?labelIds=SENT`, token);
    expect(sent.body.messages).toHaveLength(1);
  });

  it("GitHub: an issue is created and a token revoked by its application", async () => {
    const token = tokens.GitHub as string;
    const made = await call(providers, "https://api.github.com/repos/acme-bot/notes/issues", token, {
      method: "POST",
      json: { title: "Broken link" },
    });
    expect(made.status).toBe(201);
    expect(made.body.user.login).toBe("acme-bot");
    const { clientId, clientSecret } = providers.oauthClient("github");
    const basic = { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}` };
    const url = `https://api.github.com/applications/${clientId}/token`;
    expect(
      (await call(providers, url, null, { method: "DELETE", json: { access_token: token }, headers: basic })).status,
    ).toBe(204);
    expect((await call(providers, "https://api.github.com/user", token)).body.message).toBe("Bad credentials");
    expect(
      (await call(providers, url, null, { method: "DELETE", json: { access_token: token }, headers: basic })).status,
    ).toBe(404);
  });

  it("Slack: GET works as POST does, and a channel can be named with #", async () => {
    const token = tokens.Slack as string;
    const posted = await call(providers, "https://slack.com/api/chat.postMessage", token, {
      method: "POST",
      json: { channel: "#general", text: "Hello" },
    });
    expect(posted.body).toMatchObject({ ok: true });
    const history = await call(
      providers,
      `https://slack.com/api/conversations.history?channel=${posted.body.channel}`,
      token,
    );
    expect(history.body.messages[0].text).toBe("Hello");
    const users = await call(providers, "https://slack.com/api/users.list", token);
    expect(users.text).toContain("U0ADA00001");
    expect(users.text).not.toContain("admin@emulate.dev");
    expect((await call(providers, "https://slack.com/api/auth.revoke", token)).body).toEqual({
      ok: true,
      revoked: true,
    });
    expect((await call(providers, "https://slack.com/api/auth.test", token)).body).toEqual({
      ok: false,
      error: "token_revoked",
    });
  });

  it("Slack: user scopes give a second token, for the person", async () => {
    const person = new Person(providers, "slack");
    const slack = SERVICES[2] as Service;
    const { body } = await person.signIn(slack.authorize, slack.token, /grace/, {
      scope: "chat:write",
      user_scope: "users:read",
    });
    const user = body.authed_user as { id: string; access_token: string };
    const who = await call(providers, slack.me, user.access_token);
    expect(who.body).toMatchObject({ user: "grace", user_id: user.id });
  });

  it("Outlook: mail sent can be read back, and an event is made, changed and removed", async () => {
    const token = tokens.Microsoft as string;
    const me = "https://graph.microsoft.com/v1.0/me";
    const message = {
      subject: "Hello",
      body: { contentType: "Text", content: "Hi" },
      toRecipients: [{ emailAddress: { address: "ada@acme.test" } }],
    };
    expect((await call(providers, `${me}/sendMail`, token, { method: "POST", json: { message } })).status).toBe(202);
    expect((await call(providers, `${me}/mailFolders/sentitems/messages`, token)).body.value[0].subject).toBe("Hello");
    const times = {
      start: { dateTime: "2026-12-01T09:00", timeZone: "UTC" },
      end: { dateTime: "2026-12-01T10:00", timeZone: "UTC" },
    };
    const made = await call(providers, `${me}/events`, token, {
      method: "POST",
      json: { subject: "Review", ...times },
    });
    expect(made.status).toBe(201);
    const one = `${me}/events/${made.body.id}`;
    expect((await call(providers, one, token, { method: "PATCH", json: { subject: "Moved" } })).body.subject).toBe(
      "Moved",
    );
    expect((await call(providers, one, token, { method: "DELETE" })).status).toBe(204);
    expect((await call(providers, one, token)).status).toBe(404);
  });

  it("Linear and Google forget a consent that is revoked there", async () => {
    await call(providers, "https://api.linear.app/oauth/revoke", tokens.Linear as string, { method: "POST" });
    const linear = SERVICES[4] as Service;
    expect((await call(providers, linear.me, tokens.Linear as string, linear.init)).status).toBe(401);
    const google = tokens.Google as string;
    expect(
      (await call(providers, `https://oauth2.googleapis.com/revoke?token=${google}`, null, { method: "POST" })).status,
    ).toBe(200);
    expect((await call(providers, (SERVICES[0] as Service).me, google)).status).toBe(401);
  });

  it("Stripe Connect: its own sign-in, customers, and deauthorize", async () => {
    const person = new Person(providers, "stripe");
    const { body } = await person.signIn(
      "https://connect.stripe.com/oauth/authorize",
      "https://connect.stripe.com/oauth/token",
      /Acme Inc/,
      { scope: "read_write" },
    );
    expect(body).toMatchObject({ stripe_user_id: "acct_1AcmeInc00000001", scope: "read_write", token_type: "bearer" });
    const token = String(body.access_token);
    expect((await call(providers, "https://api.stripe.com/v1/customers", token)).status).toBe(200);
    const { clientId, clientSecret } = providers.oauthClient("stripe");
    const json = { client_id: clientId, client_secret: clientSecret, stripe_user_id: "acct_1AcmeInc00000001" };
    expect(
      (await call(providers, "https://connect.stripe.com/oauth/deauthorize", null, { method: "POST", json })).status,
    ).toBe(200);
    expect((await call(providers, "https://api.stripe.com/v1/customers", token)).status).toBe(401);
  });

  it("Stripe Apps: the secret alone, as Basic, is enough at the token endpoint", async () => {
    const person = new Person(providers, "stripe-app");
    const landed = await (
      await person.open("https://marketplace.stripe.com/oauth/v2/authorize", { code_challenge: "" })
    ).press(/Acme Inc/);
    const { clientSecret } = providers.oauthClient("stripe-app");
    const response = await fetch(providers.resolve("https://api.stripe.com/v1/oauth/token"), {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(`${clientSecret}:`).toString("base64")}` },
      body: new URLSearchParams({ grant_type: "authorization_code", code: landed.searchParams.get("code") ?? "" }),
    });
    expect(await response.json()).toMatchObject({ stripe_user_id: "acct_1AcmeInc00000001" });
  });

  it("Twilio: the account and its token are checked, and a message is sent and read back", async () => {
    const basic = (sid: string, token: string) => ({
      authorization: `Basic ${Buffer.from(`${sid}:${token}`).toString("base64")}`,
    });
    const { accountSid, authToken, phoneNumber } = twilioAccount;
    const url = `https://api.twilio.com/2010-04-01/Accounts/${accountSid}/Messages.json`;
    expect((await call(providers, url, null, { headers: basic(accountSid, "0".repeat(32)) })).status).toBe(401);
    const sent = await fetch(providers.resolve(url), {
      method: "POST",
      headers: basic(accountSid, authToken),
      body: new URLSearchParams({ To: "+15005550009", From: phoneNumber, Body: "Your order left" }),
    });
    expect(sent.status).toBe(201);
    const list = await call(providers, url, null, { headers: basic(accountSid, authToken) });
    expect(list.body.messages[0].body).toBe("Your order left");
    const account = await call(providers, `https://api.twilio.com/2010-04-01/Accounts/${accountSid}.json`, null, {
      headers: basic(accountSid, authToken),
    });
    expect(account.body.friendly_name).toBe("Acme Inc");
  });

  it("the log tells which calls were made as whom, without queries", async () => {
    const { calls } = (await control(providers, "/calls?service=github&path=/user", null, "GET")) as {
      calls: { path: string; account: string | null; status: number }[];
    };
    expect(calls.at(-1)).toMatchObject({ service: "github", path: "/user", status: 401 });
    expect(JSON.stringify(calls)).not.toContain("gho_");
  });
});
