import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { noncePolicy, securityHeaders, staticPolicy } from "@/lib/security-headers";
import nextConfig from "@/next.config";

/** A policy as directives. */
function parse(policy: string): Record<string, string[]> {
  return Object.fromEntries(
    policy.split("; ").map((directive) => {
      const [name = "", ...values] = directive.split(" ");
      return [name, values];
    }),
  );
}

const nango = { connect: "https://connect.nango.dev", api: "https://api.nango.dev" };
const hosts = { nango };

describe("both content security policies", () => {
  it("allow nothing by default, no plugins, no base and no frame around us", () => {
    for (const policy of [staticPolicy(false), noncePolicy("n", hosts, false)]) {
      expect(parse(policy)).toMatchObject({
        "default-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
      });
      expect(policy).not.toMatch(/unsafe-eval|[ ;]\*|https:[ ;]/);
    }
  });
});

describe("the signed-in pages' policy", () => {
  it("runs scripts by nonce alone, and frames and calls exactly the hosts it is given", () => {
    const policy = parse(noncePolicy("bm9uY2U=", hosts, false));
    expect(policy["script-src"]).toEqual(["'self'", "'nonce-bm9uY2U='", "'strict-dynamic'"]);
    expect(policy["frame-src"]).toEqual([nango.connect]);
    expect(policy["connect-src"]).toEqual(["'self'", nango.api]);
  });

  it("names no other host where Nango is not used", () => {
    const policy = noncePolicy("n", { nango: false }, false);
    expect(policy).not.toMatch(/https?:\/\/(?!img\.clerk\.com)/);
    expect(parse(policy)["frame-src"]).toEqual(["'none'"]);
    expect(parse(policy)["connect-src"]).toEqual(["'self'"]);
  });

  it("adds Clerk's own host only where Clerk is not served by ours", () => {
    const policy = parse(noncePolicy("n", { ...hosts, clerk: "https://clerk.acme.test" }, false));
    expect(policy["connect-src"]).toContain("https://clerk.acme.test");
    expect(policy["frame-src"]).toContain("https://challenges.cloudflare.com");
    expect(policy["script-src"]).not.toContain("'unsafe-inline'");
  });
});

describe("the public pages' policy", () => {
  it("names no other host at all", () => {
    expect(staticPolicy(false)).not.toMatch(/https?:|ws:/);
    expect(parse(staticPolicy(false))["frame-src"]).toEqual(["'none'"]);
  });
});

describe("every answer", () => {
  it("says HSTS, nosniff, COOP that lets popups through, and no frames", () => {
    const headers = Object.fromEntries(securityHeaders.map(({ key, value }) => [key.toLowerCase(), value]));
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "cross-origin-opener-policy": "same-origin-allow-popups",
      "x-frame-options": "DENY",
    });
    expect(headers["strict-transport-security"]).toMatch(/^max-age=\d{8}/);
    expect(headers["referrer-policy"]).toBeDefined();
  });
});

describe("the middleware", () => {
  it("covers the pages that get a nonce, Clerk's proxy and the signed-in API, and no public path", () => {
    const matcher = [...readFileSync("middleware.ts", "utf8").matchAll(/^ {4}"(\/[^"]+)\/:path\*",$/gm)].map(
      (match) => match[1],
    );
    const noncePages = /noncePages = "([^"]+)"/.exec(readFileSync("next.config.ts", "utf8"))?.[1]?.split("|") ?? [];
    expect(noncePages.map((page) => `/${page.replace(/\/$/, "")}`).sort()).toEqual(
      matcher.filter((path) => !path?.startsWith("/api") && path !== "/__clerk").sort(),
    );
    expect(matcher.sort()).toEqual(
      [
        "/__clerk",
        "/admin",
        "/api/connect",
        "/api/integrations",
        "/api/mcp",
        "/api/nango",
        "/api/v1",
        "/connect",
        "/connections",
        "/connectors",
        "/settings",
        "/sign-in",
        "/sign-up",
      ].sort(),
    );
  });

  it("leaves no other address without a policy, however much it looks like theirs", async () => {
    const rules = (await nextConfig.headers?.()) ?? [];
    const rule = rules.find(({ headers }) => headers.some(({ key }) => key === "Content-Security-Policy"));
    // The source holds one group and no parameter, so it is a regular expression as it stands; Next ignores the case.
    const covered = new RegExp(`^${rule?.source}$`, "i");
    const theirs = [
      "/connectors",
      "/connectors/github",
      "/connections",
      "/settings/api-keys",
      "/connect/abc",
      "/sign-in/x",
      "/__clerk/v1/client",
    ];
    for (const path of theirs) expect(covered.test(path), path).toBe(false);
    const others = [
      "/",
      "/integrations/github",
      "/connectorsX",
      "/connect-me",
      "/administrators",
      "/__clerkX",
      "/no/connectors",
    ];
    for (const path of others) expect(covered.test(path), path).toBe(true);
  });
});
