import { stripeAccounts } from "../accounts";
import type { GateCall, GateService } from "../gate-service";
import { isAuthenticatedAsWanted } from "../generic/dialects";
import type { Issued } from "../oauth";
import { basicCredentials, json } from "../wire";

/**
 * Stripe: the API of `emulate`, and what it lacks: OAuth for Stripe Apps (short tokens that refresh) and for Connect
 * (tokens that stay), the account itself, and a check of tokens.
 */
export function stripeService(): GateService {
  return {
    name: "stripe",
    title: "Stripe",
    host: "api.stripe.com",
    accounts: stripeAccounts,
    seed: {
      tokens: {},
      stripe: {
        customers: [
          { id: "cus_standin000001", email: "katherine@globex.test", name: "Globex" },
          { id: "cus_standin000002", email: "joan@both.test", name: "Both & Co" },
        ],
        products: [{ id: "prod_standin00001", name: "Team plan", description: "Per seat and month" }],
        prices: [{ id: "price_standin0001", product_name: "Team plan", currency: "eur", unit_amount: 1900 }],
      },
    },
    signIn: {
      authorize: /^\/oauth\/(v2\/)?authorize$/,
      borrowed: null,
      // Tokens of Stripe Apps live an hour; those of Connect do not expire.
      offline: () => true,
      denied: { error: "access_denied", error_description: "The user denied your request" },
      token: /^\/(v1\/)?oauth\/token$/,
      rules: {
        service: "stripe",
        accessPrefix: "sk_test_",
        refreshPrefix: "rt_",
        lifetime: (grant) => (grant.providerKey === "stripe-app" ? 3600 : null),
        clientAuth: "body-or-basic",
        offersRefresh: () => true,
        rotates: "strict",
        answer: tokenAnswer,
        refuse: (kind, description) =>
          json({ error: kind, error_description: description }, kind === "invalid_client" ? 401 : 400),
        // An app's secret is all that it says of itself.
        wrong: ({ clientId, providerKey }, _, request) =>
          isAuthenticatedAsWanted(clientId, providerKey, request)
            ? null
            : "Send the secret key as the user name, without a password.",
      },
    },
    internalToken: () => "internal-stripe",
    refuse: (reason) =>
      json(
        {
          error: {
            type: "invalid_request_error",
            ...(reason === "expired" ? { code: "api_key_expired" } : {}),
            message: {
              missing:
                "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth.",
              unknown: "Invalid API Key provided.",
              expired: "Expired API Key provided.",
              revoked:
                "This application does not have the required permissions for this account, or its access was revoked.",
            }[reason],
          },
        },
        401,
      ),
    async openRoute({ path, request, sent, registry }) {
      if (path !== "/oauth/deauthorize") return null;
      const client = registry.clients.find(sent.params.client_id ?? "");
      const secret =
        sent.params.client_secret ??
        request.headers.get("authorization")?.replace(/^Bearer /i, "") ??
        basicCredentials(request)?.user;
      if (!client || client.clientSecret !== secret)
        return json({ error: "invalid_client", error_description: "No such application" }, 401);
      for (const grant of registry.list({ service: "stripe", account: sent.params.stripe_user_id ?? "-" })) {
        const own = registry.grantOf(grant.access[0]?.token ?? "");
        if (own?.clientId === client.clientId) registry.revokeGrant(own);
      }
      return json({ stripe_user_id: sent.params.stripe_user_id });
    },
    route: async (call) => account(call),
  };
}

function tokenAnswer({ grant, access, refresh }: Issued): Response {
  return json({
    access_token: access,
    livemode: false,
    ...(refresh ? { refresh_token: refresh } : {}),
    scope: grant.providerKey === "stripe-app" ? "stripe_apps" : (grant.scopes[0] ?? "read_only"),
    stripe_publishable_key: `pk_test_standin_${grant.account.id}`,
    stripe_user_id: grant.account.id,
    token_type: "bearer",
  });
}

function account({ path, grant }: GateCall): Response | null {
  if (!grant || (path !== "/v1/account" && path !== `/v1/accounts/${grant.account.id}`)) return null;
  const { id, name, email } = grant.account;
  return json({
    id,
    object: "account",
    business_profile: { name, support_email: email, url: "https://acme.test" },
    charges_enabled: true,
    country: name.includes("Europe") ? "DE" : "US",
    default_currency: name.includes("Europe") ? "eur" : "usd",
    details_submitted: true,
    email,
    payouts_enabled: true,
    settings: { dashboard: { display_name: name, timezone: "Etc/UTC" } },
    type: "standard",
  });
}
