import type { Account } from "../types";
import type { ApiCall } from "./api";

/**
 * Answers that Nango itself asks for after a sign-in, to fill in what later URLs need (HubSpot's portal, Atlassian's
 * site, Basecamp's account), and that no manifest names.
 */
export function extraAnswer({ host, path, request }: ApiCall, account: Account): unknown {
  if (request.method !== "GET") return null;
  if (host === "api.hubapi.com" && path === "/account-info/v3/details") {
    return {
      portalId: Number(account.id),
      accountType: "STANDARD",
      timeZone: "Etc/UTC",
      companyCurrency: "EUR",
      uiDomain: "app.hubspot.com",
      dataHostingLocation: "eu1",
      hub_domain: "acme.test",
    };
  }
  if (host === "api.hubapi.com" && path.startsWith("/oauth/v1/access-tokens/")) {
    return {
      token: path.split("/").at(-1),
      user: account.email,
      hub_domain: "acme.test",
      hub_id: Number(account.id),
      user_id: Number(account.id),
      app_id: 1,
      scopes: [],
      token_type: "access",
    };
  }
  if (host === "api.hubapi.com" && path === "/integrations/v1/me")
    return { portalId: Number(account.id), timeZone: "Etc/UTC", currency: "EUR" };
  if (host === "api.atlassian.com" && path === "/oauth/token/accessible-resources") {
    const name = account.email.split("@")[0] ?? "";
    const site = (id: string, called: string) => ({
      ...{ id, url: `https://${called}.atlassian.net`, name: called, scopes: ["read:jira-work"], avatarUrl: "" },
    });
    // Whoever supports others sees their sites as well as their own.
    const others = name === "support" ? [site(`9${account.id}`, "globex")] : [];
    return [...others, site(account.id, `acme-${name}`)];
  }
  if (host === "launchpad.37signals.com" && path === "/authorization.json") {
    return {
      identity: {
        id: Number(account.id),
        email_address: account.email,
        first_name: account.name.split(" ")[0],
        last_name: account.name.split(" ").slice(1).join(" "),
      },
      accounts: [
        {
          product: "bc3",
          id: Number(account.id),
          name: "Acme Inc",
          href: `https://3.basecampapi.com/${account.id}`,
          app_href: `https://3.basecamp.com/${account.id}`,
        },
      ],
    };
  }
  return null;
}
