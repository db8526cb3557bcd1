// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how placeholders look at Nango

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSafeEndpoint, isSafeHeader } from "@/lib/nango/proxy";

const dangerous = [
  "https://evil.test/",
  "http://127.0.0.1/",
  "//evil.test/",
  "/\\evil.test",
  "/%5c%5cevil.test",
  "user",
  "",
  "/a/../b",
  "/..",
  "/%2e%2e/b",
  "/%252e%252e/b",
  "/a/.%2e/b",
  "/a/./b",
  "/https://evil.test",
  "/%2f%2fevil.test/",
  "/user?x=${access_token}",
  "/user?x=$%7Baccess_token%7D",
  "/user?x=%24%7Baccess_token%7D",
  "/user?x=%2524%257Baccess_token%257D",
  "/user/${apiKey}",
  "/user/${apiKey",
  "/user/${ credentials.apiKey }",
  "/user/${connectionConfig.a} ${accessToken}",
  "/user?x=%A0%24%7Baccess_token%7D",
  "/%c0%ae%c0%ae/b",
  "/a || /b",
  "/a%7c%7cb",
  "/a b",
  "/a\nHost: evil.test",
  "/a\u0000",
  `/${"a".repeat(5000)}`,
];

describe("an endpoint for the proxy", () => {
  it("is refused when it could leave the provider or read a credential, whoever wrote it", () => {
    for (const endpoint of dangerous) {
      expect(isSafeEndpoint(endpoint, "manifest"), endpoint).toBe(false);
      expect(isSafeEndpoint(endpoint, "caller"), endpoint).toBe(false);
    }
  });

  it("may name a setting of the connection in a manifest, and never when a caller had a part in it", () => {
    for (const endpoint of [
      "/v1/${connectionConfig.subdomain}/me",
      "/2010-04-01/Accounts/${credentials.username}.json",
    ]) {
      expect(isSafeEndpoint(endpoint, "manifest"), endpoint).toBe(true);
      expect(isSafeEndpoint(endpoint, "caller"), endpoint).toBe(false);
    }
  });

  it("is fine when it is an ordinary path with a query", () => {
    for (const endpoint of [
      "/user",
      "/v1/users?limit=10&q=a%20b",
      "/auth.test",
      "/repos/a.b/c-d/issues",
      "/drive/v3/about?fields=user",
    ]) {
      expect(isSafeEndpoint(endpoint, "caller"), endpoint).toBe(true);
    }
  });

  it("resolves to the provider's own host whenever it passes", () => {
    fc.assert(
      fc.property(
        fc
          .array(fc.constantFrom("%", "2", "4", "7", "B", "$", "{", "e", ".", "/", "\\", "A", "0", "a", "?"), {
            maxLength: 24,
          })
          .map((parts) => parts.join("")),
        (text) => {
          const endpoint = `/${text}`;
          if (!isSafeEndpoint(endpoint, "caller")) return;
          expect(new URL(`https://api.provider.test${endpoint}`).host).toBe("api.provider.test");
          expect(Buffer.from(unescape(endpoint), "latin1").toString()).not.toContain("${");
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe("a header for the proxy", () => {
  it("is refused when it steers Nango, carries credentials or breaks out of its line", () => {
    const refused: [string, string][] = [
      ["Base-Url-Override", "https://evil.test"],
      ["base-url-override", "https://evil.test"],
      ["Nango-Proxy-Authorization", "x"],
      ["Authorization", "Bearer x"],
      ["Connection-Id", "other"],
      ["Provider-Config-Key", "other"],
      ["Retries", "10"],
      ["Host", "evil.test"],
      ["Cookie", "a=b"],
      ["X-Token", "${accessToken}"],
      ["X-Line", "a\r\nHost: evil.test"],
      ["X Space", "a"],
      ["", "a"],
    ];
    for (const [name, value] of refused) expect(isSafeHeader(name, value), name).toBe(false);
    expect(isSafeHeader("Notion-Version", "2022-06-28")).toBe(true);
    expect(isSafeHeader("Accept", "application/json")).toBe(true);
  });
});
