import { googleAccounts } from "../accounts";
import { INTERNAL_CLIENT } from "../borrowed-page";
import type { GateCall, GateService } from "../gate-service";
import { internalTokens } from "../internal-tokens";
import { isRecord, json } from "../wire";

const WHEN = ["2026-11-23T09:00:00.000Z", "2026-11-23T09:30:00.000Z"] as const;

/** Google: sign-in, Gmail, Calendar, Drive. Other Google APIs are the generic provider's, with the same tokens. */
export function googleService(): GateService {
  const changes = new Map<string, Record<string, unknown>>();
  return {
    name: "google",
    title: "Google",
    host: "www.googleapis.com",
    accounts: googleAccounts,
    seed: {
      tokens: Object.fromEntries(
        googleAccounts.flatMap(({ key }) =>
          internalTokens(internal(key)).map((token) => [token, { login: key, scopes: [] }]),
        ),
      ),
      google: {
        users: googleAccounts.map(({ email, name }) => ({ email, name })),
        oauth_clients: [INTERNAL_CLIENT],
        calendars: googleAccounts.map(({ key }) => ({
          id: key,
          user_email: key,
          summary: key,
          primary: true,
          selected: true,
          time_zone: "UTC",
        })),
        calendar_events: googleAccounts.map(({ key }, at) => ({
          id: `weekly${at}`,
          user_email: key,
          calendar_id: key,
          summary: "Weekly planning",
          start_date_time: WHEN[0],
          end_date_time: WHEN[1],
        })),
        messages: googleAccounts.map(({ key }, at) => ({
          id: `18c0ffee0000000${at}`,
          user_email: key,
          from: "Grace Hopper <grace@acme.test>",
          to: key,
          subject: "Notes from the planning meeting",
          body_text: "Here is what we agreed on for the release.",
          label_ids: ["INBOX", "UNREAD"],
          date: "2026-11-20T10:00:00.000Z",
        })),
        drive_items: googleAccounts.map(({ key }, at) => ({
          id: `1planning${at}`,
          user_email: key,
          name: "Release plan",
          mime_type: "application/vnd.google-apps.document",
          parent_ids: ["root"],
        })),
      },
    },
    signIn: {
      authorize: /^\/o\/oauth2(\/v2)?\/auth$/,
      borrowed: { page: "/o/oauth2/v2/auth", form: "/o/oauth2/v2/auth/callback", field: "email" },
      offline: (params) => params.access_type === "offline",
      denied: { error: "access_denied" },
      token: /^\/(oauth2\/(v4\/)?)?token$/,
      rules: {
        service: "google",
        accessPrefix: "ya29.a0",
        refreshPrefix: "1//0",
        lifetime: () => 3599,
        clientAuth: "body",
        offersRefresh: (asked) => asked.offline,
        rotates: "never",
        answer: ({ grant, access, expiresIn, refresh, asked }) =>
          json({
            access_token: access,
            ...(expiresIn === null ? {} : { expires_in: expiresIn }),
            ...(refresh ? { refresh_token: refresh } : {}),
            scope: grant.scopes.join(" "),
            token_type: "Bearer",
            ...(grant.scopes.includes("openid")
              ? { id_token: idToken(grant.account, grant.clientId, asked?.nonce ?? "") }
              : {}),
          }),
        refuse: (kind, description) =>
          json({ error: kind, error_description: description }, kind === "invalid_client" ? 401 : 400),
      },
    },
    internalToken: (grant) => internal(grant.account.key),
    refuse: (reason) =>
      json(
        {
          error: {
            code: 401,
            message:
              reason === "missing"
                ? "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential."
                : "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.",
            errors: [
              {
                message: "Invalid Credentials",
                domain: "global",
                reason: reason === "missing" ? "required" : "authError",
                location: "Authorization",
                locationType: "header",
              },
            ],
            status: "UNAUTHENTICATED",
          },
        },
        401,
      ),
    async openRoute({ path, sent, registry }) {
      if (path !== "/oauth2/revoke" && path !== "/revoke" && path !== "/o/oauth2/revoke") return null;
      const grant = registry.grantOf(sent.params.token ?? "");
      if (grant?.service !== "google" || grant.revoked) {
        return json({ error: "invalid_token", error_description: "Token expired or revoked" }, 400);
      }
      // Google forgets all that the person let this application do, whichever token is named.
      registry.revokeAllOf(grant);
      return json({});
    },
    async route(call) {
      const { grant, path } = call;
      if (!grant) return null;
      const { account } = grant;
      if (/^\/oauth2\/v[12]\/userinfo$/.test(path)) {
        return json({
          id: account.id,
          email: account.email,
          verified_email: true,
          name: account.name,
          given_name: account.name.split(" ")[0],
          hd: "acme.test",
        });
      }
      if (path === "/oauth2/v3/userinfo")
        return json({
          sub: account.id,
          email: account.email,
          email_verified: true,
          name: account.name,
          hd: "acme.test",
        });
      if (/^\/gmail\/v1\/users\/[^/]+\/profile$/.test(path)) return gmailProfile(call, account.email);
      if (path === "/drive/v3/about") {
        return json({
          kind: "drive#about",
          user: {
            kind: "drive#user",
            displayName: account.name,
            emailAddress: account.email,
            permissionId: account.id,
            me: true,
          },
        });
      }
      return path.startsWith("/calendar/v3/") ? calendar(call, account.email, changes) : null;
    },
    async rewrite(call) {
      const list = call.path === "/calendar/v3/users/me/calendarList" || !call.path.includes("/calendars/primary");
      if (list || !call.grant) return null;
      const path = call.path.replace("/calendars/primary", `/calendars/${encodeURIComponent(call.grant.account.key)}`);
      return {
        method: call.method,
        path: path + call.sent.url.search,
        body: call.sent.raw,
        type: call.request.headers.get("content-type"),
      };
    },
  };
}

const internal = (email: string) => `internal-google-${email}`;

async function gmailProfile(call: GateCall, email: string): Promise<Response> {
  const count = async (kind: string) => {
    const list: unknown = await (await call.upstream(`/gmail/v1/users/me/${kind}?maxResults=500`)).json();
    return isRecord(list) && Array.isArray(list[kind]) ? list[kind].length : 0;
  };
  return json({
    emailAddress: email,
    messagesTotal: await count("messages"),
    threadsTotal: await count("threads"),
    historyId: "1000",
  });
}

/** calendarList/{id}, calendars/{id}, one event (GET), and changes to it, none of which `emulate` has. */
async function calendar(
  call: GateCall,
  email: string,
  changes: Map<string, Record<string, unknown>>,
): Promise<Response | null> {
  const entry = /^\/calendar\/v3\/(users\/me\/calendarList|calendars)\/([^/]+)$/.exec(call.path);
  if (entry && call.method === "GET") {
    const wanted = name(entry[2] as string, email);
    const calendars = await items(call, "/calendar/v3/users/me/calendarList");
    const found = calendars.find(({ id }) => id === wanted);
    return found
      ? json({ ...found, kind: entry[1] === "calendars" ? "calendar#calendar" : "calendar#calendarListEntry" })
      : missing();
  }
  const events = /^\/calendar\/v3\/calendars\/([^/]+)\/events(?:\/([^/]+))?$/.exec(call.path);
  if (!events) return null;
  const list = `/calendar/v3/calendars/${encodeURIComponent(name(events[1] as string, email))}/events`;
  const id = events[2];
  if (!id) {
    if (call.method !== "GET") return null;
    const answer: unknown = await (await call.upstream(list + call.sent.url.search)).json();
    if (!isRecord(answer) || !Array.isArray(answer.items)) return json(answer);
    return json({
      ...answer,
      items: answer.items.map((event) => ({ ...event, ...changes.get(`${email}:${event.id}`) })),
    });
  }
  if (!["GET", "PATCH", "PUT"].includes(call.method)) return null;
  const found = (await items(call, `${list}?maxResults=2500`)).find((event) => event.id === decodeURIComponent(id));
  if (!found) return missing();
  const key = `${email}:${found.id}`;
  if (call.method !== "GET" && isRecord(call.sent.body)) {
    changes.set(key, { ...changes.get(key), ...call.sent.body, updated: new Date().toISOString() });
  }
  return json({ ...found, ...changes.get(key) });
}

const name = (id: string, email: string) => (id === "primary" ? email : decodeURIComponent(id));

async function items(call: GateCall, path: string): Promise<Record<string, unknown>[]> {
  const list: unknown = await (await call.upstream(path)).json();
  return isRecord(list) && Array.isArray(list.items) ? list.items.filter(isRecord) : [];
}

function missing(): Response {
  return json(
    {
      error: {
        code: 404,
        message: "Not Found",
        errors: [{ domain: "global", reason: "notFound", message: "Not Found" }],
      },
    },
    404,
  );
}

/** Shaped like an ID token; unsigned, because nothing here verifies one. */
function idToken(account: { id: string; email: string; name: string }, audience: string, nonce: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: "https://accounts.google.com",
    aud: audience,
    sub: account.id,
    email: account.email,
    email_verified: true,
    name: account.name,
    iat: now,
    exp: now + 3600,
    ...(nonce ? { nonce } : {}),
  };
  return `${part({ alg: "none", typ: "JWT" })}.${part(claims)}.`;
}
