import { connectorOf, isScope, type Scope } from "@/lib/auth/scopes";

/** Between what a person chooses for a key and the scopes that stand for it. */

export type KeyChoice = {
  level: "read" | "manage";
  /** Actions: none, those that only read, or all. */
  actions: "none" | "read" | "run";
  connectors: "every" | readonly string[];
};

/** A key holds fifty scopes at most, three of which are about connections. */
export const mostConnectors = 47;

export function scopesOf({ level, actions, connectors }: KeyChoice): Scope[] {
  const scopes: Scope[] = ["connectors:read", "connections:read"];
  if (level === "manage") scopes.push("connections:write");
  if (actions === "none") return scopes;
  const of = connectors === "every" ? ["*"] : connectors;
  return [...scopes, ...of.map((slug): Scope => `actions:${actions}:${slug}`)];
}

export type KeyGrants = {
  sees: "connectors" | "connections" | "both" | null;
  manages: boolean;
  /** Connectors whose actions it may run: all of them, or those that only read. */
  run: "every" | string[];
  read: "every" | string[];
};

/** What a key may do. Connectors whose actions it may run are left out where it is about the reading ones. */
export function grantsOf(scopes: readonly string[]): KeyGrants {
  const known = scopes.filter(isScope);
  const of = (deed: "run" | "read") =>
    known.includes(`actions:${deed}:*`)
      ? ("every" as const)
      : known.filter((scope) => scope.startsWith(`actions:${deed}:`)).flatMap((scope) => connectorOf(scope) ?? []);
  const [run, read] = [of("run"), of("read")];
  const [connectors, connections] = [known.includes("connectors:read"), known.includes("connections:read")];
  return {
    sees: connectors && connections ? "both" : connectors ? "connectors" : connections ? "connections" : null,
    manages: known.includes("connections:write"),
    run,
    read: run === "every" ? [] : read === "every" ? read : read.filter((slug) => !run.includes(slug)),
  };
}
