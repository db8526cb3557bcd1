/** How a person signs in at each service with a gate, and how it says who that was. */
export type Service = {
  name: string;
  key: string;
  authorize: string;
  token: string;
  extra: Record<string, string>;
  button: RegExp;
  me: string;
  init?: { method?: string; json?: unknown };
  /** Where the account is in the answer of `me`, and what is found there. */
  who: string[];
  is: unknown[];
  refused: number;
};

export const SERVICES: Service[] = [
  {
    name: "Google",
    key: "google-mail",
    authorize: "https://accounts.google.com/o/oauth2/v2/auth",
    token: "https://oauth2.googleapis.com/token",
    extra: { access_type: "offline", prompt: "consent", scope: "https://www.googleapis.com/auth/gmail.readonly" },
    button: /support@acme\.test/,
    me: "https://gmail.googleapis.com/gmail/v1/users/me/profile",
    who: ["emailAddress"],
    is: ["support@acme.test"],
    refused: 401,
  },
  {
    name: "GitHub",
    key: "github",
    authorize: "https://github.com/login/oauth/authorize",
    token: "https://github.com/login/oauth/access_token",
    extra: { scope: "repo read:user" },
    button: /acme-bot/,
    me: "https://api.github.com/user",
    who: ["login"],
    is: ["acme-bot"],
    refused: 401,
  },
  {
    name: "Slack",
    key: "slack",
    authorize: "https://slack.com/oauth/v2/authorize",
    token: "https://slack.com/api/oauth.v2.access",
    extra: { scope: "chat:write,channels:read" },
    button: /grace/,
    me: "https://slack.com/api/auth.test",
    who: ["ok", "team", "team_id", "user_id"],
    is: [true, "Acme Inc", "T000000001", "U0PATCHBAY"],
    refused: 200,
  },
  {
    name: "Microsoft",
    key: "outlook",
    authorize: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
    token: "https://login.microsoftonline.com/common/oauth2/v2.0/token",
    extra: { scope: "offline_access User.Read Mail.Send", response_mode: "query" },
    button: /grace@acme\.test/,
    me: "https://graph.microsoft.com/v1.0/me",
    who: ["id", "mail"],
    is: ["5f000000-0000-4000-8000-000000000002", "grace@acme.test"],
    refused: 401,
  },
  {
    name: "Linear",
    key: "linear",
    authorize: "https://linear.app/oauth/authorize",
    token: "https://api.linear.app/oauth/token",
    extra: { scope: "read,write" },
    button: /support@acme\.test/,
    me: "https://api.linear.app/graphql",
    init: { method: "POST", json: { query: "{ viewer { id email } }" } },
    who: ["data.viewer.id", "data.viewer.email"],
    is: ["11ea0000-0000-4000-8000-000000000003", "support@acme.test"],
    refused: 401,
  },
  {
    name: "Stripe",
    key: "stripe-app",
    authorize: "https://marketplace.stripe.com/oauth/v2/authorize",
    token: "https://api.stripe.com/v1/oauth/token",
    extra: {},
    button: /Acme Europe/,
    me: "https://api.stripe.com/v1/account",
    who: ["id", "country"],
    is: ["acct_1AcmeEurope00002", "DE"],
    refused: 401,
  },
];
