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
