import { describe, expect, it } from "vitest";
import { cleanSignInAddress, isReadable, safeReturnPath } from "@/lib/auth/return-path";

const elsewhere = [
  "https://evil.test",
  "http://evil.test/connectors",
  "HTTPS://evil.test",
  "//evil.test",
  "///evil.test",
  "////evil.test",
  "/\\evil.test",
  "\\\\evil.test",
  "\\/evil.test",
  "/\\/evil.test",
  "/\t/evil.test",
  "/\n/evil.test",
  "/\r/evil.test",
  "\t//evil.test",
  " //evil.test",
  "/\u0000/evil.test",
  "/ok\u007f",
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  "java\nscript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "vbscript:msgbox(1)",
  "blob:https://evil.test/1",
  "file:///etc/passwd",
  "ftp://evil.test",
  "mailto:a@evil.test",
  "evil.test",
  "www.evil.test/connectors",
  "@evil.test",
  "user@evil.test",
  ":80",
  "?redirect_url=/connectors",
  "#/connectors",
  ".",
  "..",
  "../connectors",
  "./connectors",
  "connectors",
  "/.//evil.test",
  "/..//evil.test",
  "/a/..//evil.test",
  "/./\\evil.test",
  "/%2e//evil.test",
  "/__clerk/v1/client",
  "/a/../__clerk/v1",
  "",
  " ",
  "https:/connectors",
  "https:evil.test",
  "http:\\\\evil.test",
  `/${"a".repeat(2001)}`,
];

describe("the way back after signing in", () => {
  it(`leads nowhere else: ${elsewhere.length} ways to try`, () => {
    expect(elsewhere.length).toBeGreaterThanOrEqual(50);
    for (const value of elsewhere) expect(safeReturnPath(value), JSON.stringify(value)).toBe("/connectors");
  });

  it("never is anything that a browser resolves to another site", () => {
    for (const value of [
      ...elsewhere,
      "/%2f%2fevil.test",
      "/%5cevil.test",
      "/a//evil.test",
      "/;//evil.test",
      "/@evil.test",
    ]) {
      const resolved = new URL(safeReturnPath(value), "https://patchbay.test/sign-in");
      expect(resolved.origin, JSON.stringify(value)).toBe("https://patchbay.test");
    }
  });

  it("keeps a path of this site with its query", () => {
    expect(safeReturnPath("/connectors/github?tab=scopes#connections")).toBe(
      "/connectors/github?tab=scopes#connections",
    );
    expect(safeReturnPath("/connections?owner=mine&q=a%20b")).toBe("/connections?owner=mine&q=a%20b");
  });

  it("falls back when there is nothing, or more than one value", () => {
    expect(safeReturnPath(undefined)).toBe("/connectors");
    expect(safeReturnPath(null, "/")).toBe("/");
    expect(safeReturnPath(["/a", "/b"])).toBe("/connectors");
  });
});

describe("the address of the sign-in page", () => {
  const ours = "https://app.test";
  const clean = (query: string) => cleanSignInAddress(new URL(`${ours}/sign-in?${query}`), ours);
  const parameters = [
    "redirect_url",
    "sign_in_force_redirect_url",
    "sign_in_fallback_redirect_url",
    "sign_up_force_redirect_url",
    "sign_up_fallback_redirect_url",
  ];

  it("is left alone when it names pages of ours, or none", () => {
    for (const query of ["", "redirect_url=%2Fconnections%3Fstatus%3Dpending", "other=https%3A%2F%2Felsewhere.test"])
      expect(clean(query), query).toBeNull();
    for (const name of parameters) expect(clean(`${name}=%2Fconnections`), name).toBeNull();
  });

  it("loses every other place to go on to, by whatever name and however many it names", () => {
    for (const place of elsewhere) {
      expect(clean(`redirect_url=${encodeURIComponent(place)}`)?.search, place).toBe("?redirect_url=%2Fconnectors");
      for (const name of parameters.slice(1))
        expect(clean(`${name}=${encodeURIComponent(place)}&a=1`)?.search, `${name} ${place}`).toBe("?a=1");
    }
    expect(clean("redirect_url=%2Fconnections&redirect_url=https%3A%2F%2Felsewhere.test")?.search).toBe(
      "?redirect_url=%2Fconnections",
    );
  });

  it("names a page of ours by its path, as Clerk's own links do by its whole address", () => {
    const whole = (path: string) => `redirect_url=${encodeURIComponent(`${ours}${path}`)}`;
    expect(clean(whole("/connect/abc?x=1"))?.searchParams.get("redirect_url")).toBe("/connect/abc?x=1");
    for (const trick of [
      "//evil.test",
      "/\\evil.test",
      ".evil.test/",
      "@evil.test/",
      ":80@evil.test/",
      "/.//evil.test",
    ])
      expect(clean(whole(trick))?.searchParams.get("redirect_url"), trick).toBe("/connectors");
  });
});

describe("an address", () => {
  it("is readable when its escapes stand for text", () => {
    for (const path of ["/", "/connectors/github", "/a%20b", "/%C3%A9", "/%25"])
      expect(isReadable(path), path).toBe(true);
    for (const path of ["/%ff", "/%", "/%E9", "/x/%C3/y", "/%zz"]) expect(isReadable(path), path).toBe(false);
  });
});
