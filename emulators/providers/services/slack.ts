import { slackAccounts } from "../accounts";
import { INTERNAL_CLIENT } from "../borrowed-page";
import type { GateCall, GateService } from "../gate-service";
import { internalTokens } from "../internal-tokens";
import type { Account } from "../types";
import { isRecord, json } from "../wire";

const BOT = { bot_id: "B0PATCHBAY", bot_user_id: "U0PATCHBAY", bot_name: "patchbay", app_id: "A0PATCHBAY" };
const BOT_TOKEN = "internal-slack-bot";
const userToken = (name: string) => `internal-slack-${name}`;
const TEAM = { id: "T000000001", name: "Acme Inc", domain: "acme" };
/** A workspace that only sign-ins and auth.test know of: its channels are the first one's. */
const OTHER_TEAM = { id: "T000000002", name: "Acme Labs", domain: "acme-labs" };
const teamOf = (account: Account) => (account.key === "edsger" ? OTHER_TEAM : TEAM);

/** Slack: OAuth v2 with a bot token (and a user token when user scopes were asked for), and the Web API. */
export function slackService(): GateService {
  return {
    name: "slack",
    title: "Slack",
    host: "slack.com",
    accounts: slackAccounts,
    seed: {
      tokens: {},
      slack: {
        team: { name: TEAM.name, domain: TEAM.domain },
        users: slackAccounts.map(({ key, name, email }) => ({ name: key, real_name: name, email })),
        channels: [{ name: "engineering", topic: "What we build" }],
        oauth_apps: [{ ...INTERNAL_CLIENT, ...BOT }],
        tokens: [
          ...internalTokens(BOT_TOKEN).map((token) => ({
            token,
            type: "bot",
            user_id: BOT.bot_user_id,
            bot_id: BOT.bot_id,
            bot_user_id: BOT.bot_user_id,
            app_id: BOT.app_id,
          })),
          ...slackAccounts.flatMap(({ key }) =>
            internalTokens(userToken(key)).map((token) => ({ token, type: "user", user: key })),
          ),
        ],
      },
    },
    signIn: {
      authorize: /^\/oauth\/v2\/authorize$/,
      borrowed: { page: "/oauth/v2/authorize", form: "/oauth/v2/authorize/callback", field: "user_id" },
      offline: () => false,
      denied: { error: "access_denied" },
      token: /^\/api\/oauth\.v2\.access$/,
      rules: {
        service: "slack",
        accessPrefix: "xoxb-",
        refreshPrefix: "xoxe-",
        userPrefix: "xoxp-",
        lifetime: () => null,
        clientAuth: "body-or-basic",
        offersRefresh: () => false,
        rotates: "never",
        answer: ({ grant, access, userAccess, asked }) =>
          json({
            ok: true,
            access_token: access,
            token_type: "bot",
            scope: grant.scopes.join(","),
            bot_user_id: BOT.bot_user_id,
            app_id: BOT.app_id,
            team: { id: teamOf(grant.account).id, name: teamOf(grant.account).name },
            enterprise: null,
            is_enterprise_install: false,
            authed_user: {
              id: grant.account.id,
              ...(userAccess
                ? { scope: asked?.userScopes.join(","), access_token: userAccess, token_type: "user" }
                : {}),
            },
          }),
        // Slack answers 200 to everything it refuses.
        refuse: (kind) =>
          json({
            ok: false,
            error:
              { invalid_client: "bad_client_secret", invalid_grant: "invalid_code" }[kind as string] ??
              "invalid_arguments",
          }),
      },
    },
    internalToken: (grant, token) => (token.startsWith("xoxp-") ? userToken(grant.account.key) : BOT_TOKEN),
    refuse: (reason) =>
      json({
        ok: false,
        error: { missing: "not_authed", unknown: "invalid_auth", expired: "token_expired", revoked: "token_revoked" }[
          reason
        ],
      }),
    async route(call) {
      if (!call.grant) return null;
      const team = teamOf(call.grant.account);
      if (call.path === "/api/auth.test" && team !== TEAM) {
        const answer: unknown = await (await call.upstream(call.path, { method: "POST" })).json();
        const url = `https://${team.domain}.slack.com/`;
        return json({ ...(isRecord(answer) ? answer : {}), url, team: team.name, team_id: team.id });
      }
      if (call.path !== "/api/auth.revoke") return null;
      if (call.sent.params.test !== "1" && call.sent.params.test !== "true") call.registry.revokeGrant(call.grant);
      return json({ ok: true, revoked: call.sent.params.test !== "1" });
    },
    rewrite: asPost,
    async learn(ask) {
      const users: unknown = await ask("/api/users.list", BOT_TOKEN, "POST");
      if (!isRecord(users) || !Array.isArray(users.members)) return [];
      // The workspace's first user is `emulate`'s own and cannot be left out, only called otherwise.
      const first: [string, string][] = [
        ["admin@emulate.dev", "admin@acme.test"],
        ["Admin User", "Acme Admin"],
      ];
      const ids = users.members.filter(isRecord).flatMap((user): [string, string][] => {
        const account = slackAccounts.find(({ key }) => key === user.name);
        return account ? [[String(user.id), account.id]] : [];
      });
      return [...first, ...ids];
    },
  };
}

/** Slack's Web API takes GET as well as POST, and `#name` for a channel; `emulate` takes neither. */
async function asPost(call: GateCall) {
  if (!call.path.startsWith("/api/")) return null;
  const { params } = call.sent;
  const name = params.channel?.startsWith("#") ? params.channel.slice(1) : null;
  if (call.method !== "GET" && !name) return null;
  const fields: Record<string, string> = { ...params };
  if (name) fields.channel = (await channelId(call, name)) ?? name;
  return {
    method: "POST",
    path: call.path,
    body: new URLSearchParams(fields).toString(),
    type: "application/x-www-form-urlencoded",
  };
}

async function channelId(call: GateCall, name: string): Promise<string | null> {
  const list: unknown = await (
    await call.upstream("/api/conversations.list", { method: "POST", form: { limit: "1000" } })
  ).json();
  if (!isRecord(list) || !Array.isArray(list.channels)) return null;
  const found = list.channels.filter(isRecord).find((channel) => channel.name === name);
  return found ? String(found.id) : null;
}
