import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POST as session } from "@/app/api/nango/session/route";
import { askedConnectors } from "@/components/connectors/asked-connectors";
import { resetEnv } from "@/lib/env";
import { forgetIntegrationKeys } from "@/lib/nango/integrations";
import { linksOf } from "@/tests/support/links";
import type { SignedIn } from "@/tests/support/people";
import { type Server, startServer } from "@/tests/support/server";

/** What is asked before a direct sign-in, over HTTP: on the pages, through a link, and in place of Nango. */

let server: Server;
let ada: SignedIn;

const name = (slug: string) => `OAUTH_${slug.toUpperCase().replaceAll("-", "_")}`;
const apps = Object.fromEntries(
  ["shopify", "salesforce", "github", "amazon-seller"].flatMap((slug) => [
    [`${name(slug)}_CLIENT_ID`, `${slug}-app`],
    [`${name(slug)}_CLIENT_SECRET`, "secret-canary"],
  ]),
);
const settings = { OAUTH_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 7).toString("base64")}`, ...apps };

beforeAll(async () => {
  server = await startServer(settings);
  ada = await server.signIn("ada@acme.test", "acme");
});
afterAll(() => server?.close());
beforeEach(async () => {
  await server.sql`delete from connection_attempts`;
  set({ NANGO_ENABLED: "false" });
});
afterEach(() => {
  server.wire.trouble({ kind: "none" });
  set({ NANGO_FALLBACK: undefined, NANGO_ENABLED: undefined, NANGO_INTEGRATION_KEYS: undefined, ...settings });
});

function set(changes: Record<string, string | undefined>): void {
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) delete process.env[key];
    else process.env[key] = value;
  }
  resetEnv();
  forgetIntegrationKeys();
}

const start = (body: object) => server.call(session, "/api/nango/session", { as: ada, body });
const attempts = () => server.sql`
  select a.connector, a.auth_method, a.status, s.connection_config
  from connection_attempts a left join oauth_states s on s.attempt_id = a.id order by a.created_at`;
const shopify = { connector: "shopify" };
/** Nango has an integration for it here. */
const withNango = { NANGO_ENABLED: undefined, NANGO_INTEGRATION_KEYS: '{"shopify":"github"}' };

describe("a start that goes directly", () => {
  it("is refused with the fields that are wrong, and records nothing", async () => {
    for (const [connection_config, fields] of [
      [undefined, { subdomain: "missing" }],
      [{}, { subdomain: "missing" }],
      [{ subdomain: "acme.evil.com/" }, { subdomain: "malformed" }],
      [{ subdomain: "acme", shop: "acme" }, { shop: "malformed" }],
    ]) {
      const answer = await start({ ...shopify, connection_config });
      expect([answer.status, answer.json.error.code, answer.json.error.fields]).toEqual([
        422,
        "connection_config_required",
        fields,
      ]);
      expect(answer.headers.getSetCookie()).toEqual([]);
      expect(answer.text).not.toContain("evil.com");
    }
    expect(await attempts()).toEqual([]);
  });

  it("goes to the account's own address, with what was asked kept on the server alone", async () => {
    const answer = await start({ ...shopify, connection_config: { subdomain: "https://acme.myshopify.com/" } });
    expect(answer.status, answer.text).toBe(201);
    expect(new URL(answer.json.authorizationUrl).host).toBe("acme.myshopify.com");
    expect(Object.keys(answer.json).sort()).toEqual(
      ["attemptId", "authorizationUrl", "expiresAt", "fallback", "oauth_method"].sort(),
    );
    const connection_config = { subdomain: "acme" };
    expect(await attempts()).toEqual([
      { connector: "shopify", auth_method: "direct", status: "open", connection_config },
    ]);
  });

  it("takes no answers where nothing is asked", async () => {
    const answer = await start({ connector: "github", connection_config: { subdomain: "acme" } });
    expect([answer.status, answer.json.error.fields]).toEqual([422, { subdomain: "malformed" }]);
    expect((await start({ connector: "github", connection_config: {} })).status).toBe(201);
  });

  it.each([
    ["a list", ["acme"]],
    ["a number", { subdomain: 5 }],
    ["more than fits", { subdomain: "a".repeat(301) }],
    ["more than twenty", Object.fromEntries([...Array(21).keys()].map((at) => [`name${at}`, "x"]))],
    ["a name without end", { ["n".repeat(51)]: "x" }],
  ])("is no request of ours with %s", async (_, connection_config) => {
    const answer = await start({ ...shopify, connection_config });
    expect([answer.status, answer.json.error.code]).toEqual([400, "invalid_request"]);
    expect(await attempts()).toEqual([]);
  });

  it("is not there for Amazon until the operator has entered the id of the application as well", async () => {
    const body = {
      connector: "amazon-seller",
      connection_config: { domain: "sellercentral.amazon.com", region: "na" },
    };
    expect((await start(body)).json.error.code).toBe("direct_not_configured");
    set({ OAUTH_AMAZON_SELLER_APPLICATION_ID: "amzn1.sellerapps.app.acme" });
    const url = new URL((await start(body)).json.authorizationUrl);
    set({ OAUTH_AMAZON_SELLER_APPLICATION_ID: undefined });
    expect(`${url.host} ${url.searchParams.get("application_id")}`).toBe(
      "sellercentral.amazon.com amzn1.sellerapps.app.acme",
    );
  });
});

describe("a start through Nango", () => {
  beforeEach(() => set(withNango));

  it("does not look at the answers", async () => {
    for (const connection_config of [undefined, { subdomain: "evil.com#" }]) {
      const answer = await start({ ...shopify, connection_config });
      expect(answer.json, answer.text).toMatchObject({ oauth_method: "nango" });
    }
    expect((await attempts()).map((row) => row.connection_config)).toEqual([null, null]);
  });

  it("asks first where it turns into a direct one, and goes on with the answers", async () => {
    set({ NANGO_FALLBACK: "auto" });
    server.wire.trouble({ kind: "cut" });
    const refused = await start(shopify);
    expect([refused.status, refused.json.error.code]).toEqual([422, "connection_config_required"]);
    const answer = await start({ ...shopify, connection_config: { subdomain: "acme" } });
    expect(answer.json).toMatchObject({ oauth_method: "direct", fallback: true });
    expect((await attempts()).map(({ auth_method, status }) => `${auth_method} ${status}`)).toEqual([
      ...["nango failed", "nango failed", "direct open"],
    ]);
  });

  it("asks as well where the offer to go directly is taken", async () => {
    server.wire.trouble({ kind: "cut" });
    expect((await start(shopify)).json.error).toMatchObject({ code: "nango_unreachable", fallback: "direct" });
    const taken = { ...shopify, oauth_method: "direct" };
    expect((await start(taken)).json.error.fields).toEqual({ subdomain: "missing" });
    expect((await start({ ...taken, connection_config: { subdomain: "acme" } })).json.oauth_method).toBe("direct");
  });
});

it("a link asks the same of whoever it was made for", async () => {
  const links = linksOf(server);
  const { token } = await links.ask(ada, "ada@acme.test", "shopify");
  const refused = await links.open(ada, token);
  expect([refused.status, refused.json.error.code, refused.json.error.fields]).toEqual([
    422,
    "connection_config_required",
    { subdomain: "missing" },
  ]);
  expect(await attempts()).toEqual([]);
  const answer = await links.open(ada, token, { connection_config: { subdomain: "acme" } });
  expect(new URL(answer.json.authorizationUrl).host).toBe("acme.myshopify.com");
});

describe("what pages know of the questions", () => {
  const asked = (slug: string) => askedConnectors()[slug]?.questions.map(({ name }) => name);

  it("is those of the direct way, where there is one here", () => {
    expect(asked("shopify")).toEqual(["subdomain"]);
    expect(asked("github")).toBeUndefined();
    expect(asked("snowflake")).toBeUndefined();
  });

  it("is those of a direct way that could be taken while Nango is away, and none without", () => {
    set(withNango);
    expect(asked("shopify")).toEqual(["subdomain"]);
    set({ NANGO_FALLBACK: "off" });
    expect(asked("shopify")).toBeUndefined();
  });
});
