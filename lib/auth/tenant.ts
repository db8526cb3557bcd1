import type { Scope } from "@/lib/auth/scopes";

/**
 * By what a request came in. A key and an OAuth client hold scopes; a session may do whatever its person may.
 * `prefix` is what is shown of a key, and what history says of it.
 */
export type TenantCaller =
  | { readonly kind: "session" }
  | { readonly kind: "key"; readonly id: string; readonly prefix: string; readonly scopes: readonly Scope[] }
  | { readonly kind: "oauth"; readonly clientId: string; readonly scopes: readonly Scope[] };

/**
 * Who is calling, and for whom. Built in one place (session or API key), never from a request's parameters.
 *
 * `ownerId` is the active organisation, or the person when none is active.
 */
export type Tenant = {
  readonly ownerId: string;
  /** Of a key: whoever made it. */
  readonly userId: string;
  readonly orgId: string | null;
  /** A key has a member's rights, whatever its maker is. */
  readonly role: "admin" | "member" | null;
  readonly caller: TenantCaller;
  /** The caller's own session token, fresh at each call: it lives for a minute only. Only sessions have one. */
  readonly token: () => Promise<string>;
};

/** One name for each caller of an owner. */
export function callerName({ caller, userId }: Tenant): string {
  if (caller.kind === "session") return `person:${userId}`;
  return caller.kind === "key" ? `key:${caller.id}` : `client:${caller.clientId}:${userId}`;
}

/**
 * The person whose only-me connections may be read: nobody's inside an organisation when a key asks. A key is often in more
 * hands than its maker's, and what is "only me" must not travel with it.
 * @returns a person's id, or the empty text, which is nobody's
 */
export function readerOf({ caller, orgId, userId }: Tenant): string {
  return caller.kind === "key" && orgId !== null ? "" : userId;
}
