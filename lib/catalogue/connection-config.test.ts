import { describe, expect, it } from "vitest";
import { checkConnectionConfig, type Question, questionsOf } from "./connection-config";
import { manifests } from "./manifests";

const questionsAbout = (slug: string): Question[] => questionsOf(manifests.get(slug)?.oauth?.direct);
const shop = (subdomain: string) => checkConnectionConfig(questionsAbout("shopify"), { subdomain });
const account = (snowflake_account_url: string) =>
  checkConnectionConfig(questionsAbout("snowflake"), { snowflake_account_url });

describe("an answer to what is asked before a sign-in", () => {
  it.each([
    ["acme"],
    ["  acme  "],
    ["ACME"],
    ["acme.myshopify.com"],
    ["acme.myshopify.com/"],
    ["https://acme.myshopify.com/"],
    ["https://acme.myshopify.com/admin/products?page=1#top"],
    ["http://ACME.MyShopify.com"],
  ])("may be pasted with what the field shows already: %j", (typed) => {
    expect(shop(typed)).toEqual({ ok: true, values: { subdomain: "acme" } });
  });

  it("may be a whole host", () => {
    const values = { snowflake_account_url: "org-acme.snowflakecomputing.com" };
    for (const typed of ["org-acme.snowflakecomputing.com", "https://ORG-ACME.snowflakecomputing.com/console#/"])
      expect(account(typed)).toEqual({ ok: true, values });
  });

  it("is missing when it is left empty, unless it need not be given", () => {
    expect(shop("  ")).toEqual({ ok: false, wrong: { subdomain: "missing" } });
    expect(checkConnectionConfig(questionsAbout("shopify"), {})).toMatchObject({ wrong: { subdomain: "missing" } });
    const nothing: Record<string, string>[] = [{}, { hostname: "" }];
    for (const given of nothing)
      expect(checkConnectionConfig(questionsAbout("salesforce"), given)).toEqual({ ok: true, values: {} });
  });

  it("is one of the options where there are such", () => {
    const ask = (region: string) => checkConnectionConfig(questionsAbout("intercom"), { region });
    expect(ask("eu")).toEqual({ ok: true, values: { region: "eu" } });
    expect(ask("us")).toEqual({ ok: false, wrong: { region: "malformed" } });
  });

  it.each([
    ["contoso.crm.dynamics.com", true],
    ["contoso-eu.api.crm4.dynamics.com", true],
    ["contoso.crm21.dynamics.com", true],
    ["contoso.dynamics.com", false],
    ["contoso.crm1.dynamics.com", false],
    ["contoso.crm13.dynamics.com", false],
    ["contoso.crm22.dynamics.com", false],
    ["contoso.operations.dynamics.com", false],
    ["a.b.crm.dynamics.com", false],
  ])("knows where Microsoft runs environments from other pages of its customers: %s", (environmentUrl, good) => {
    const question = questionsAbout("dynamics-365").filter(({ name }) => name === "environmentUrl");
    expect(checkConnectionConfig(question, { environmentUrl }).ok).toBe(good);
    const { hosts = [] } = manifests.get("dynamics-365")?.oauth?.direct ?? {};
    // The other bound lets pass what is below an environment's name as well.
    if (good) expect(hosts.some((host) => environmentUrl.endsWith(`.${host}`))).toBe(true);
  });

  it("leads to hosts that no customer can name: of Amazon's, the interface and the sellers' own pages", () => {
    const { hosts = [] } = manifests.get("amazon-seller")?.oauth?.direct ?? {};
    expect(
      hosts.filter((host) => !/^(sellingpartnerapi-(na|eu|fe)\.amazon\.com|sellercentral[a-z-]*\.amazon\.)/.test(host)),
    ).toEqual([]);
    const question = questionsAbout("amazon-seller").filter(({ name }) => name === "domain");
    const all = question.flatMap(({ pattern }) => hosts.filter((host) => new RegExp(pattern).test(host)));
    expect(all).toEqual(hosts.filter((host) => host.startsWith("sellercentral")));
    expect(checkConnectionConfig(question, { domain: "sellercentral-europe.amazon.de" }).ok).toBe(false);
  });

  it("names each field that is wrong, and each that nobody asks for", () => {
    const given = { environmentUrl: "contoso.crm.dynamics.com.evil.test", instance_url: "https://evil.test" };
    expect(checkConnectionConfig(questionsAbout("dynamics-365"), given)).toEqual({
      ok: false,
      wrong: { instance_url: "malformed", tenantId: "missing", environmentUrl: "malformed" },
    });
    const inherited = JSON.parse('{"__proto__":"acme","constructor":"acme"}');
    expect(checkConnectionConfig(questionsAbout("shopify"), inherited)).toMatchObject({
      wrong: { subdomain: "missing", constructor: "malformed" },
    });
  });

  it("is asked for where an address cannot be made without it, and nowhere else", () => {
    const asking = [...manifests.values()].filter(({ slug }) => questionsAbout(slug).length > 0);
    expect(asking.map(({ slug }) => slug).sort()).toEqual([
      ...["amazon-seller", "azure-blob-storage", "basecamp", "bigcommerce", "dynamics-365", "egnyte", "intercom"],
      ...["salesforce", "shopify", "smartsheet", "snowflake", "zoho-crm"],
    ]);
  });
});
