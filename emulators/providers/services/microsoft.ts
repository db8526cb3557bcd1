import { microsoftAccounts } from "../accounts";
import { INTERNAL_CLIENT } from "../borrowed-page";
import type { GateService } from "../gate-service";
import { internalTokens } from "../internal-tokens";
import { isRecord, json } from "../wire";
import { outlook } from "./outlook";

/** Microsoft Entra sign-in and the part of Graph that mail and calendar need. */
export function microsoftService(): GateService {
  const mailboxes = outlook();
  return {
    name: "microsoft",
    title: "Microsoft",
    host: "graph.microsoft.com",
    accounts: microsoftAccounts,
    seed: {
      tokens: Object.fromEntries(
        microsoftAccounts.flatMap(({ key }) =>
          internalTokens(internal(key)).map((token) => [token, { login: key, scopes: ["User.Read"] }]),
        ),
      ),
      microsoft: {
        users: microsoftAccounts.map(({ email, name }) => ({ email, name })),
        oauth_clients: [INTERNAL_CLIENT],
      },
    },
    signIn: {
      authorize: /^\/oauth2(\/v2\.0)?\/authorize$/,
      borrowed: { page: "/oauth2/v2.0/authorize", form: "/oauth2/v2.0/authorize/callback", field: "email" },
      // The older endpoint, which Dynamics uses, always gives a refresh token.
      offline: (params) => "resource" in params || (params.scope ?? "").includes("offline_access"),
      denied: {
        error: "access_denied",
        error_subcode: "cancel",
        error_description: "AADSTS65004: User declined to consent to access the app.",
      },
      token: /^\/oauth2(\/v2\.0)?\/token$/,
      rules: {
        service: "microsoft",
        accessPrefix: "EwB0",
        refreshPrefix: "M.C5",
        lifetime: () => 3600,
        clientAuth: "body-or-basic",
        offersRefresh: (asked) => asked.offline,
        rotates: "lenient",
        answer: ({ grant, access, expiresIn, refresh }) =>
          json({
            token_type: "Bearer",
            scope: grant.scopes.filter((scope) => scope !== "offline_access").join(" "),
            ...(expiresIn === null ? {} : { expires_in: expiresIn, ext_expires_in: expiresIn }),
            access_token: access,
            ...(refresh ? { refresh_token: refresh } : {}),
          }),
        refuse: (kind, description) =>
          json(
            {
              error: kind,
              error_description: `AADSTS${kind === "invalid_client" ? "7000215" : "70008"}: ${description}`,
              error_codes: [kind === "invalid_client" ? 7000215 : 70008],
            },
            kind === "invalid_client" ? 401 : 400,
          ),
      },
    },
    internalToken: (grant) => internal(grant.account.key),
    refuse: (reason) =>
      json(
        {
          error: {
            code: "InvalidAuthenticationToken",
            message: {
              missing: "Access token is empty.",
              unknown: "IDX14100: JWT is not well formed.",
              expired: "Lifetime validation failed, the token is expired.",
              revoked: "The token has been revoked.",
            }[reason],
            innerError: { date: new Date().toISOString() },
          },
        },
        401,
      ),
    async route(call) {
      if (!call.grant) return null;
      if (call.path === "/v1.0/me" && call.method === "GET") {
        const { id, name, email } = call.grant.account;
        const [givenName, surname] = name.split(" ");
        return json({
          "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users/$entity",
          id,
          displayName: name,
          givenName,
          surname,
          mail: email,
          userPrincipalName: email,
        });
      }
      return mailboxes(call, call.grant.account);
    },
    async learn(ask) {
      return Promise.all(
        microsoftAccounts.map(async ({ key, id }): Promise<[string, string]> => {
          const me = await ask("/v1.0/me", internal(key));
          return [isRecord(me) ? String(me.id) : key, id];
        }),
      );
    },
  };
}

const internal = (email: string) => `internal-microsoft-${email}`;
