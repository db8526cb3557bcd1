import { githubAccounts } from "../accounts";
import { INTERNAL_CLIENT } from "../borrowed-page";
import type { GateCall, GateService } from "../gate-service";
import { internalTokens } from "../internal-tokens";
import { basicCredentials, json } from "../wire";

const DOCS = "https://docs.github.com/rest";

/** GitHub: an OAuth app's sign-in and the REST API. Tokens do not expire and there is no refresh, as there. */
export function githubService(): GateService {
  return {
    name: "github",
    title: "GitHub",
    host: "api.github.com",
    accounts: githubAccounts,
    seed: {
      tokens: Object.fromEntries(
        githubAccounts.flatMap(({ key }) =>
          internalTokens(internal(key)).map((token) => [token, { login: key, scopes: ["repo", "user", "read:org"] }]),
        ),
      ),
      github: {
        users: githubAccounts.map(({ key, name, email }) => ({ login: key, name, email, company: "Acme Inc" })),
        orgs: [
          {
            login: "acme",
            name: "Acme Inc",
            members: githubAccounts.map(({ key }) => ({ login: key, role: key === "ada" ? "admin" : "member" })),
          },
        ],
        repos: [
          {
            owner: "acme",
            name: "website",
            description: "The public website",
            language: "TypeScript",
            auto_init: true,
          },
          {
            owner: "acme",
            name: "api",
            description: "The API",
            language: "TypeScript",
            private: true,
            auto_init: true,
          },
          ...githubAccounts.map(({ key }) => ({
            owner: key,
            name: "notes",
            description: "Notes and experiments",
            language: "Markdown",
            auto_init: true,
          })),
        ],
        oauth_apps: [INTERNAL_CLIENT],
      },
    },
    signIn: {
      authorize: /^\/login\/oauth\/authorize$/,
      borrowed: { page: "/login/oauth/authorize", form: "/login/oauth/callback", field: "login" },
      offline: () => false,
      denied: {
        error: "access_denied",
        error_description: "The user has denied your application access.",
        error_uri:
          "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-authorization-request-errors/#access-denied",
      },
      token: /^\/login\/oauth\/access_token$/,
      formUnlessJson: true,
      rules: {
        service: "github",
        accessPrefix: "gho_",
        refreshPrefix: "ghr_",
        lifetime: () => null,
        clientAuth: "body",
        offersRefresh: () => false,
        rotates: "never",
        answer: ({ grant, access }) =>
          json({ access_token: access, token_type: "bearer", scope: grant.scopes.join(",") }),
        // GitHub answers 200 to a token call that failed.
        refuse: (kind, description) =>
          json({
            error:
              { invalid_client: "incorrect_client_credentials", invalid_grant: "bad_verification_code" }[
                kind as string
              ] ?? kind,
            error_description: description,
            error_uri:
              "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/",
          }),
      },
    },
    internalToken: (grant) => internal(grant.account.key),
    refuse: (reason) =>
      json(
        {
          message: reason === "missing" ? "Requires authentication" : "Bad credentials",
          documentation_url: DOCS,
          status: "401",
        },
        401,
      ),
    openRoute: tokenAdministration,
    headers: ({ scopes }) => ({ "x-oauth-scopes": scopes.join(", ") }),
  };
}

const internal = (login: string) => `internal-github-${login}`;

/** Checking, deleting and un-granting a token, with the application's own id and secret as Basic. */
async function tokenAdministration({ path, method, request, sent, registry }: GateCall): Promise<Response | null> {
  const match = /^\/applications\/([^/]+)\/(token|grant)$/.exec(path);
  if (!match) return null;
  const basic = basicCredentials(request);
  const client = basic && registry.clients.find(basic.user);
  if (!client || client.clientSecret !== basic.password || client.clientId !== match[1]) {
    return json({ message: "Bad credentials", documentation_url: DOCS }, 401);
  }
  const token = sent.params.access_token ?? "";
  const verdict = registry.check(token);
  if (!verdict.ok || verdict.grant.clientId !== client.clientId)
    return json({ message: "Not Found", documentation_url: DOCS }, 404);
  if (method === "POST") {
    return json({
      token,
      scopes: verdict.grant.scopes,
      app: { client_id: client.clientId },
      user: { login: verdict.grant.account.key },
    });
  }
  if (method !== "DELETE") return null;
  if (match[2] === "grant") registry.revokeGrant(verdict.grant);
  else registry.revokeToken(token);
  return new Response(null, { status: 204 });
}
