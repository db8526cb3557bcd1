import { describe, expect, it } from "vitest";
import { resolveUrl } from "./resolve";

const urls = {
  google: "http://google",
  github: "http://github",
  slack: "http://slack",
  microsoft: "http://microsoft",
  linear: "http://linear",
  stripe: "http://stripe",
  twilio: "http://twilio",
  generic: "http://generic",
};

describe("resolveUrl", () => {
  it.each([
    ["https://accounts.google.com/o/oauth2/v2/auth?scope=a%20b", "http://google/o/oauth2/v2/auth?scope=a%20b"],
    ["https://oauth2.googleapis.com/token", "http://google/oauth2/token"],
    ["https://gmail.googleapis.com/gmail/v1/users/me/profile", "http://google/gmail/v1/users/me/profile"],
    ["https://www.googleapis.com/calendar/v3/calendars/primary", "http://google/calendar/v3/calendars/primary"],
    ["https://api.github.com/user?x=1", "http://github/user?x=1"],
    ["https://slack.com/api/auth.test", "http://slack/api/auth.test"],
    ["https://login.microsoftonline.com/common/oauth2/v2.0/token", "http://microsoft/oauth2/v2.0/token"],
    ["https://login.microsoftonline.com/3f0c-tenant/oauth2/authorize", "http://microsoft/oauth2/authorize"],
    ["https://graph.microsoft.com/v1.0/me", "http://microsoft/v1.0/me"],
    ["https://api.linear.app/graphql", "http://linear/graphql"],
    ["https://marketplace.stripe.com/oauth/v2/authorize", "http://stripe/oauth/v2/authorize"],
    ["https://api.twilio.com/2010-04-01/Accounts.json", "http://twilio/2010-04-01/Accounts.json"],
  ])("sends %s to the service's gate", (real, loopback) => {
    expect(resolveUrl(real, urls)).toBe(loopback);
  });

  it.each([
    [
      "https://www.googleapis.com/youtube/v3/channels?mine=true",
      "http://generic/_host/www.googleapis.com/youtube/v3/channels?mine=true",
    ],
    ["https://acme.my.salesforce.com/services/data", "http://generic/_host/acme.my.salesforce.com/services/data"],
    ["https://cloud.acme.test:8443/ocs/v1.php", "http://generic/_host/cloud.acme.test:8443/ocs/v1.php"],
  ])("sends %s to the generic provider, with its host in the path", (real, loopback) => {
    expect(resolveUrl(real, urls)).toBe(loopback);
  });

  it("leaves what is on this machine already as it is", () => {
    expect(resolveUrl("http://127.0.0.1:4000/x?y=1", urls)).toBe("http://127.0.0.1:4000/x?y=1");
  });
});
