import { describe, expect, it } from "vitest";
import { decideAvailability } from "./availability";

const github = { slug: "github", status: "stable" } as const;
const set = (...slugs: string[]) => new Set(slugs);

describe("availability", () => {
  it("is given when the operator has the integration and no rule is against it", () => {
    expect(decideAvailability(github, "github", set("github"), set())).toEqual({ state: "available" });
  });

  it("is refused as not configured when Nango has no such integration", () => {
    expect(decideAvailability(github, "github", set("slack"), set())).toEqual({
      state: "unavailable",
      reason: "not_configured",
    });
  });

  it("looks for the integration under the operator's own key", () => {
    expect(decideAvailability(github, "github-prod", set("github-prod"), set())).toEqual({ state: "available" });
    expect(decideAvailability(github, "github-prod", set("github"), set())).toMatchObject({ reason: "not_configured" });
  });

  it("is refused as blocked by the owner's rules, configured or not", () => {
    expect(decideAvailability(github, "github", set("github"), set("github"))).toMatchObject({ reason: "blocked" });
    expect(decideAvailability(github, "github", set(), set("github"))).toMatchObject({ reason: "blocked" });
  });

  it("is refused for a service that has no way in, before anything else", () => {
    const when2meet = { slug: "when2meet", status: "unavailable" } as const;
    expect(decideAvailability(when2meet, null, set(), set("when2meet"))).toMatchObject({ reason: "upstream" });
  });

  it("is assumed while Nango has never answered", () => {
    expect(decideAvailability(github, "github", null, set())).toEqual({ state: "available" });
  });
});
