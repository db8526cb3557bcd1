import { describe, expect, it } from "vitest";
import { catalogue } from "../../catalogue";
// @ts-expect-error The page's scripts are plain JavaScript, served as they are.
import { cleaned, fieldsOf, problemOf } from "./fields.js";

interface Field {
  name: string;
  group: string;
  hidden: boolean;
  optional: boolean;
  secret: boolean;
}
const names = (key: string, preset = {}) =>
  (fieldsOf(catalogue()[key], preset) as Field[]).filter((field) => !field.hidden).map((field) => field.name);

describe("the fields of a provider's form", () => {
  it("are those of its auth mode when its entry names none", () => {
    expect(names("private-api-basic")).toEqual(["username", "password"]);
    expect(names("databricks-workspace")).toEqual(["client_id", "client_secret", "databricksInstance"]);
  });

  it("come in the order that the entry gives", () => {
    expect(names("tableau")).toEqual(["hostname", "version", "pat", "secret", "contentUrl"]);
  });

  it("leave out what is automated, hidden or prescribed by the session", () => {
    expect(names("aws-sigv4")).toEqual(["role_arn", "region"]);
    expect(names("azure-devops")).toEqual(["password", "organizationUrl"]);
    expect(names("anthropic", { version: "2023-06-01" })).toEqual(["apiKey"]);
  });

  it("can be made for every provider of the catalogue", () => {
    for (const provider of Object.values(catalogue())) expect(Array.isArray(fieldsOf(provider, {}))).toBe(true);
  });
});

describe("a typed value", () => {
  const host = { format: "hostname", prefix: "https://", suffix: ".acme.com", optional: false, pattern: "" };
  it("loses the prefix and suffix that the field shows already", () => {
    expect(cleaned(host, "  https://shop.acme.com ")).toBe("shop");
  });
  it("is refused when it is missing or does not fit the pattern", () => {
    expect(problemOf({ ...host, pattern: "^[a-z]+$" }, "")).toBe("required");
    expect(problemOf({ ...host, pattern: "^[a-z]+$" }, "SHOP")).toBe("shape");
    expect(problemOf({ ...host, optional: true }, "")).toBe("");
    expect(problemOf({ ...host, pattern: "(" }, "anything")).toBe("");
  });
});
