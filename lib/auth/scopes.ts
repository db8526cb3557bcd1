import type { Tenant } from "@/lib/auth/tenant";
import { AppError } from "@/lib/errors";

/**
 * What keys and OAuth clients may do. Safe in the browser.
 *
 * Threat: a key that was given out for one thing is used for another.
 * Invariant: a closed list; nothing is implied but that running actions includes the reading ones, and what a call needs is
 * compared as a whole text. Guarded by lib/auth/scopes.test.ts and tests/integration/key-scopes.test.ts.
 */

/** A connector's slug, or * for every connector. */
type Which = string;
export type Scope =
  | "connectors:read"
  | "connections:read"
  | "connections:write"
  | `actions:read:${Which}`
  | `actions:run:${Which}`;
/**
 * What a call declares: `{name}` stands for its path parameter of that name; actions for any scope of actions at all, where
 * only the call itself finds out which connector it is about, and asks for that one then.
 */
export type ScopePattern = Scope | "actions";

export const scopeForm = /^(?:connectors:read|connections:(?:read|write)|actions:(?:read|run):(?:\*|[a-z0-9-]{1,64}))$/;

export function isScope(text: string): text is Scope {
  return scopeForm.test(text);
}

/** The connector that a scope names; null where it names none, or all. */
export function connectorOf(scope: Scope): string | null {
  const which = scope.split(":")[2] ?? "*";
  return which === "*" ? null : which;
}

/** Whether a list of scopes holds what is wanted. */
export function grants(granted: readonly Scope[], wanted: Scope): boolean {
  const [area, deed, which] = wanted.split(":");
  if (area !== "actions" || which === undefined) return granted.includes(wanted);
  const deeds = deed === "read" ? ["read", "run"] : ["run"];
  return deeds.some((one) =>
    [which, "*"].some((connector) => granted.includes(`actions:${one}:${connector}` as Scope)),
  );
}

/** May this caller do what the scope stands for? People in a session may do all. */
export function allows({ caller }: Tenant, scope: Scope): boolean {
  return caller.kind === "session" || grants(caller.scopes, scope);
}

/** @throws AppError insufficient_scope, naming the scope */
export function requireScope(tenant: Tenant, scope: Scope): void {
  if (!allows(tenant, scope)) throw new AppError("insufficient_scope", { details: { scope } });
}

/** @throws AppError insufficient_scope for a caller who may not run any action of any connector */
export function requireSomeAction({ caller }: Tenant): void {
  if (caller.kind === "session" || caller.scopes.some((scope) => scope.startsWith("actions:"))) return;
  throw new AppError("insufficient_scope", { details: { scope: "actions:run:*" } });
}

/** @throws AppError insufficient_scope when it is not a person's session: no scope opens this */
export function requireSession({ caller }: Tenant): void {
  if (caller.kind !== "session") throw new AppError("insufficient_scope", { details: { scope: null } });
}
