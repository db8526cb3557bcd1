import { describe, expect, it } from "vitest";
import { makeKeySchema } from "@/lib/api/key-views";
import { grantsOf, mostConnectors, scopesOf } from "./key-scopes";

describe("what a person chooses", () => {
  it("never lets a key change anything unless that was chosen", () => {
    expect(scopesOf({ level: "read", actions: "none", connectors: "every" })).toEqual([
      "connectors:read",
      "connections:read",
    ]);
    expect(scopesOf({ level: "read", actions: "read", connectors: ["github"] })).toEqual([
      "connectors:read",
      "connections:read",
      "actions:read:github",
    ]);
  });

  it("becomes scopes of the chosen connectors alone, or of every one", () => {
    expect(scopesOf({ level: "manage", actions: "run", connectors: ["github", "cal-com"] }).slice(2)).toEqual([
      "connections:write",
      "actions:run:github",
      "actions:run:cal-com",
    ]);
    expect(scopesOf({ level: "read", actions: "run", connectors: "every" }).slice(2)).toEqual(["actions:run:*"]);
  });

  it("fits into one key however much is chosen", () => {
    const connectors = Array.from({ length: mostConnectors }, (_, n) => `connector-${n}`);
    const make = (slugs: string[]) => ({
      name: "Key",
      expires_in_days: null,
      scopes: scopesOf({ level: "manage", actions: "run", connectors: slugs }),
    });
    expect(makeKeySchema.safeParse(make(connectors)).success).toBe(true);
    expect(makeKeySchema.safeParse(make([...connectors, "another"])).success).toBe(false);
  });
});

describe("what a key may do", () => {
  it("is read from its scopes, whoever chose them", () => {
    expect(grantsOf(["connections:write", "actions:run:slack", "actions:read:slack", "actions:read:gmail"])).toEqual({
      sees: null,
      manages: true,
      run: ["slack"],
      read: ["gmail"],
    });
    expect(grantsOf(["connectors:read", "actions:read:*", "actions:run:github"])).toEqual({
      sees: "connectors",
      manages: false,
      run: ["github"],
      read: "every",
    });
    expect(grantsOf(["connectors:read", "connections:read", "actions:read:gmail", "actions:run:*"])).toEqual({
      sees: "both",
      manages: false,
      run: "every",
      read: [],
    });
  });
});
