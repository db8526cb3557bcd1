// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how placeholders look in manifests

import { describe, expect, it } from "vitest";
import { readManifestFiles } from "./manifest-files";
import { checkManifests } from "./manifests-rules";
import { providerCatalogue } from "./provider-catalogue";

const providers = providerCatalogue();
const files = new Map(readManifestFiles().map((file) => [file.slug, file]));

/** What is found wrong with a manifest whose direct part is changed. */
function problemsOf(slug: string, changes: object): string {
  const file = files.get(slug);
  if (!file) throw new Error(`no manifest ${slug}`);
  const oauth = file.content.oauth as { direct: object };
  const content = { ...file.content, oauth: { ...oauth, direct: { ...oauth.direct, ...changes } } };
  return checkManifests([{ ...file, content }], providers)
    .filter((finding) => finding.slug === slug)
    .map(({ problem }) => problem)
    .join("\n");
}
const question = (changes: object) => ({
  connection_config: {
    subdomain: { title: "Shop", description: "Its name.", pattern: "^[a-z]+$", example: "acme", ...changes },
  },
});

describe("what is written by hand of a direct sign-in", () => {
  it("is fine as it stands", () => {
    for (const slug of ["shopify", "salesforce", "zoho-crm", "amazon-seller"]) expect(problemsOf(slug, {})).toBe("");
    expect(problemsOf("shopify", question({}))).toBe("");
  });

  it.each<[string, string, object, RegExp]>([
    ["an example that is no answer", "shopify", question({ example: "ACME shop" }), /"ACME shop" is no answer/],
    ["no example, and no options", "shopify", question({ example: null }), /"" is no answer/],
    ["an option that is no answer", "shopify", question({ options: ["acme", "a1"] }), /"a1" is no answer/],
    [
      "a pattern that is open at its end",
      "shopify",
      question({ pattern: "^[a-z]+" }),
      /begins with \^ and ends with \$/,
    ],
    ["a pattern that is none", "shopify", question({ pattern: "^[a-z$" }), /a regular expression/],
    ["hosts that its addresses are not on", "shopify", { hosts: ["shopify.com"] }, /leads elsewhere/],
    ["no hosts", "shopify", { hosts: [] }, /differs from what Nango's catalogue says/],
    ["a number for a host", "shopify", { hosts: ["127.0.0.1"] }, /hosts/],
    ["a whole domain of others", "shopify", { hosts: ["com"] }, /hosts/],
    ["hosts where nothing is filled in", "github", { hosts: ["github.com"] }, /no address is filled in/],
    [
      "a value that nothing is made of",
      "wrike",
      { from_answer: { host: "^x$", other: "^x$" } },
      /nothing holds "other"/,
    ],
    ["an open pattern of an answer", "wrike", { from_answer: { host: "wrike.com" } }, /begins with \^/],
    ["another API address", "shopify", { api_base_url: "https://evil.test" }, /differs from what Nango's/],
    ["a secret in a parameter", "shopify", { token_params: { key: "${clientSecret}" } }, /differs from what Nango's/],
  ])("is refused with %s", (_, slug, changes, problem) => {
    expect(problemsOf(slug, changes)).toMatch(problem);
  });
});
