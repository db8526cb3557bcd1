import { linearAccounts } from "../accounts";
import { INTERNAL_CLIENT } from "../borrowed-page";
import type { GateService } from "../gate-service";
import { internalTokens } from "../internal-tokens";
import { bearerToken, json } from "../wire";

const SCOPES = [
  "read",
  "write",
  "issues:create",
  "comments:create",
  "timeSchedule:write",
  "admin",
  "app:assignable",
  "app:mentionable",
  "initiative:read",
  "initiative:write",
  "customer:read",
  "customer:write",
];

/** Linear: OAuth with rotating refresh tokens, and GraphQL. */
export function linearService(): GateService {
  return {
    name: "linear",
    title: "Linear",
    host: "api.linear.app",
    accounts: linearAccounts,
    seed: {
      tokens: {},
      linear: {
        organization: { name: "Acme Inc", url_key: "acme" },
        users: linearAccounts.map(({ id, email, name }) => ({ id, email, name, admin: name.startsWith("Ada") })),
        teams: [{ key: "ENG", name: "Engineering", id: "7ea30000-0000-4000-8000-000000000001" }],
        issues: [
          {
            team: "ENG",
            title: "Write the release notes",
            description: "For the next release.",
            state: "Todo",
            assignee: "ada@acme.test",
          },
        ],
        oauth_apps: [{ ...INTERNAL_CLIENT, scopes: SCOPES, actor: "user" }],
        tokens: linearAccounts.flatMap(({ email }) =>
          internalTokens(internal(email)).map((token) => ({ token, user: email, scopes: SCOPES })),
        ),
      },
    },
    signIn: {
      authorize: /^\/oauth\/authorize$/,
      borrowed: { page: "/oauth/authorize", form: "/oauth/authorize/callback", field: "user_ref" },
      offline: () => true,
      wrongScope: ({ scopes }) => {
        const wrong = scopes.filter((scope) => !SCOPES.includes(scope));
        return wrong.length > 0 ? `Linear has no scope ${wrong.join(", ")}.` : null;
      },
      denied: { error: "access_denied", error_description: "The user denied the request" },
      token: /^\/oauth\/token$/,
      rules: {
        service: "linear",
        accessPrefix: "lin_oauth_",
        refreshPrefix: "lin_refresh_",
        lifetime: () => 86_399,
        clientAuth: "body-or-basic",
        offersRefresh: () => true,
        rotates: "strict",
        answer: ({ grant, access, expiresIn, refresh }) =>
          json({
            access_token: access,
            token_type: "Bearer",
            ...(expiresIn === null ? {} : { expires_in: expiresIn }),
            scope: (grant.scopes.length > 0 ? grant.scopes : ["read"]).join(" "),
            ...(refresh ? { refresh_token: refresh } : {}),
          }),
        refuse: (kind, description) =>
          json({ error: kind, error_description: description }, kind === "invalid_client" ? 401 : 400),
      },
    },
    internalToken: (grant) => internal(grant.account.email),
    refuse: () =>
      json(
        {
          errors: [
            {
              message: "Authentication required, not authenticated",
              extensions: {
                type: "authentication error",
                code: "AUTHENTICATION_ERROR",
                statusCode: 401,
                userError: true,
                userPresentableMessage: "You need to authenticate to access this operation.",
              },
            },
          ],
        },
        401,
      ),
    async openRoute({ path, request, sent, registry }) {
      if (path !== "/oauth/revoke") return null;
      const token =
        sent.params.token ?? sent.params.access_token ?? sent.params.refresh_token ?? bearerToken(request) ?? "";
      const grant = registry.grantOf(token);
      if (grant?.service !== "linear" || grant.revoked) return json({ error: "invalid_token" }, 400);
      registry.revokeGrant(grant);
      return json({ success: true });
    },
  };
}

const internal = (email: string) => `internal-linear-${email}`;
