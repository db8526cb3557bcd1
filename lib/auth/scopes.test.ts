import { describe, expect, it } from "vitest";
import { scopesOf } from "./oauth-token";
import {
  allows,
  connectorOf,
  grants,
  isScope,
  requireScope,
  requireSession,
  requireSomeAction,
  type Scope,
} from "./scopes";
import type { Tenant, TenantCaller } from "./tenant";

const by = (caller: TenantCaller): Tenant => ({
  ownerId: "org_acme",
  userId: "user_ada",
  orgId: "org_acme",
  role: "member",
  caller,
  token: () => Promise.reject(new Error("no token")),
});
const session = by({ kind: "session" });
const key = (...scopes: Scope[]) => by({ kind: "key", id: "1", prefix: "pby_1", scopes });

describe("a scope", () => {
  it("is one of a closed list", () => {
    for (const text of [
      "connectors:read",
      "connections:read",
      "connections:write",
      "actions:run:*",
      "actions:read:github",
      "actions:run:google-mail",
    ])
      expect(isScope(text), text).toBe(true);
    for (const text of [
      "",
      "*",
      "connectors",
      "connectors:write",
      "connections:*",
      "actions:run",
      "actions:run:",
      "actions:*:github",
      "actions:run:GitHub",
      "actions:run:git hub",
      "actions:run:github:x",
      "actions:run:{slug}",
      "connectors:read\n",
      " connectors:read",
      `actions:run:${"a".repeat(65)}`,
    ])
      expect(isScope(text), text).toBe(false);
  });

  it("names a connector or none", () => {
    expect(connectorOf("actions:run:github")).toBe("github");
    expect(connectorOf("actions:read:*")).toBeNull();
    expect(connectorOf("connections:write")).toBeNull();
  });
});

describe("what scopes grant", () => {
  const cases: [granted: Scope[], wanted: Scope, yes: boolean][] = [
    [["connections:read"], "connections:read", true],
    [["connections:write"], "connections:read", false],
    [["connections:read"], "connections:write", false],
    [["connectors:read"], "connections:read", false],
    [[], "connectors:read", false],
    [["actions:run:github"], "actions:run:github", true],
    [["actions:run:github"], "actions:read:github", true],
    [["actions:read:github"], "actions:run:github", false],
    [["actions:read:github"], "actions:read:github", true],
    [["actions:run:github"], "actions:run:gitlab", false],
    [["actions:run:github"], "actions:read:gitlab", false],
    [["actions:run:*"], "actions:run:gitlab", true],
    [["actions:run:*"], "actions:read:gitlab", true],
    [["actions:read:*"], "actions:read:gitlab", true],
    [["actions:read:*"], "actions:run:gitlab", false],
    // Who may use one connector does not get them all by asking for all.
    [["actions:run:github"], "actions:run:*", false],
    [["actions:run:github"], "actions:read:*", false],
    [["actions:run:*"], "connections:read", false],
  ];

  it.each(cases)("%j for %s: %s", (granted, wanted, yes) => {
    expect(grants(granted, wanted)).toBe(yes);
    expect(allows(key(...granted), wanted)).toBe(yes);
    expect(allows(session, wanted)).toBe(true);
  });

  it("a refusal names what was missing", () => {
    const refused = (deed: () => void) => {
      try {
        deed();
      } catch (error) {
        return error;
      }
    };
    const scope = (name: string | null) =>
      expect.objectContaining({ code: "insufficient_scope", details: { scope: name } });
    expect(refused(() => requireScope(key("connectors:read"), "actions:run:github"))).toEqual(
      scope("actions:run:github"),
    );
    expect(refused(() => requireSession(key("connectors:read", "actions:run:*")))).toEqual(scope(null));
    expect(refused(() => requireSomeAction(key("connections:write")))).toEqual(scope("actions:run:*"));
    for (const tenant of [session, key("actions:read:github")])
      expect(refused(() => requireSomeAction(tenant))).toBeUndefined();
    expect(refused(() => requireSession(session))).toBeUndefined();
  });
});

describe("the scopes of an OAuth token", () => {
  it("are those that are ours; without a connector, actions of all", () => {
    expect(
      scopesOf([
        "openid",
        "user:org:read",
        "actions:run",
        "actions:read:slack",
        "connections:read",
        "actions:run:../x",
        "actions",
        "*",
      ]),
    ).toEqual(["actions:run:*", "actions:read:slack", "connections:read"]);
  });
});
