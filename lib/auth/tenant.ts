/**
 * Who is calling, and for whom. Built in one place (session or API key), never from a request's parameters.
 *
 * `ownerId` is the active organisation, or the person when none is active.
 */
export type Tenant = {
  readonly ownerId: string;
  readonly userId: string;
  readonly orgId: string | null;
  readonly role: "admin" | "member" | null;
  /** The caller's own session token, fresh at each call: it lives for a minute only. */
  readonly token: () => Promise<string>;
};
