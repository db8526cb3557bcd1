import { describe, expect, it } from "vitest";
import { decideAvailability } from "./availability";
import { decideWay, type Way } from "./way";

const atNango = (integrationKey = "github"): Way => ({ method: "nango", integrationKey });
const set = (...slugs: string[]) => new Set(slugs);

describe("the way in which a connector is connected", () => {
  const stable = { status: "stable" } as const;

  it("is Nango's where Nango is used and serves it, whatever else is set up", () => {
    for (const direct of ["available", "not_configured", "unsupported"] as const)
      expect(decideWay(stable, "github-prod", true, direct)).toEqual(atNango("github-prod"));
  });

  it("is direct without Nango, and for a connector that Nango does not serve", () => {
    expect(decideWay(stable, "github", false, "available")).toEqual({ method: "direct" });
    expect(decideWay(stable, null, true, "available")).toEqual({ method: "direct" });
  });

  it("is none without Nango until the operator has entered an OAuth app", () => {
    const none = { method: null, reason: "direct_not_configured" };
    expect(decideWay(stable, "github", false, "not_configured")).toEqual(none);
    expect(decideWay(stable, null, true, "not_configured")).toEqual(none);
  });

  it("is none without Nango for what only Nango can sign in to", () => {
    expect(decideWay(stable, "openai", false, "unsupported")).toEqual({ method: null, reason: "needs_nango" });
  });

  it("is none at all for a service that has no way in", () => {
    const upstream = { method: null, reason: "upstream" };
    expect(decideWay({ status: "unavailable" }, null, true, "available")).toEqual(upstream);
    expect(decideWay(stable, null, true, "unsupported")).toEqual(upstream);
  });
});

describe("availability", () => {
  it("is given when the operator has the integration and no rule is against it", () => {
    expect(decideAvailability("github", atNango(), set("github"), set())).toEqual({
      state: "available",
      method: "nango",
    });
  });

  it("is refused as not configured when Nango has no such integration", () => {
    expect(decideAvailability("github", atNango(), set("slack"), set())).toEqual({
      state: "unavailable",
      reason: "not_configured",
    });
  });

  it("looks for the integration under the operator's own key", () => {
    const way = atNango("github-prod");
    expect(decideAvailability("github", way, set("github-prod"), set())).toMatchObject({ state: "available" });
    expect(decideAvailability("github", way, set("github"), set())).toMatchObject({ reason: "not_configured" });
  });

  it("is refused as blocked by the owner's rules, configured or not", () => {
    expect(decideAvailability("github", atNango(), set("github"), set("github"))).toMatchObject({ reason: "blocked" });
    expect(decideAvailability("github", atNango(), set(), set("github"))).toMatchObject({ reason: "blocked" });
    expect(decideAvailability("github", { method: "direct" }, null, set("github"))).toMatchObject({
      reason: "blocked",
    });
  });

  it("is refused for a service that has no way in, before anything else", () => {
    const none: Way = { method: null, reason: "upstream" };
    expect(decideAvailability("when2meet", none, set(), set("when2meet"))).toMatchObject({ reason: "upstream" });
  });

  it("is assumed while Nango has never answered", () => {
    expect(decideAvailability("github", atNango(), null, set())).toMatchObject({ state: "available" });
  });

  it("of a direct connector does not ask what Nango has", () => {
    const direct: Way = { method: "direct" };
    expect(decideAvailability("github", direct, set(), set())).toEqual({ state: "available", method: "direct" });
  });

  it("says why there is no way", () => {
    for (const reason of ["needs_nango", "direct_not_configured"] as const)
      expect(decideAvailability("x", { method: null, reason }, null, set())).toEqual({ state: "unavailable", reason });
  });
});
