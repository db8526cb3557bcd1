import type { z } from "zod";
import type { ScopePattern } from "@/lib/auth/scopes";
import type { ErrorCode } from "@/lib/error-codes";

/**
 * One call of the HTTP API, declared once: the route serves it, the description is generated from it, and the tests
 * hold the one against the other. Safe in the browser.
 */

/** What a route needs to know of the call that it serves. */
export type RouteShape<
  A extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  P extends z.ZodType = z.ZodType,
> = {
  /** What the answer may hold; everything else is dropped. */
  readonly answer: A;
  /** The status of success; 200 when left out. */
  readonly status?: number;
  /** The JSON body, for methods that change something. Its `owner_id`, if any, must be the caller's owner. */
  readonly body?: B;
  /** Left out: the address takes no query at all. */
  readonly query?: Q;
  /** Path parameters. A value that does not fit is something that does not exist. */
  readonly params?: P;
  /** What a key needs; null (or nothing) opens the call to signed-in people alone. `{name}` stands for a path parameter. */
  readonly scope?: ScopePattern | null;
  /** Takes an Idempotency-Key. once: its answer holds a secret, so it is not kept, and a repetition is told so. */
  readonly idempotent?: true | "once";
};

export type Operation<
  A extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  P extends z.ZodType = z.ZodType,
> = RouteShape<A, B, Q, P> & {
  /** Unique, a verb and a noun: the name in generated clients. */
  readonly id: string;
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** As in OpenAPI, with `{name}` for parameters. */
  readonly path: `/api/${string}`;
  readonly tag: "Connectors" | "Actions" | "Connections" | "Connecting" | "Administration" | "Notices" | "Keys";
  /** One line. */
  readonly summary: string;
  readonly description?: string;
  readonly scope: ScopePattern | null;
  /** What can go wrong here in particular; what can go wrong anywhere is added to every call (lib/api/openapi.ts). */
  readonly errors: readonly ErrorCode[];
};

/** Declares a call; keeps the types of its schemas. */
export function operation<
  A extends z.ZodType,
  B extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodType = z.ZodUndefined,
  P extends z.ZodType = z.ZodUndefined,
>(declared: Operation<A, B, Q, P>): Operation<A, B, Q, P> {
  return declared;
}

/** For calls that run something on a connection: why there is none to run on, what the provider says, and what Nango says. */
export const runErrors = [
  "connection_needed",
  "connection_choice",
  "connection_needs_attention",
  "connection_disconnected",
  "connection_not_ready",
  "connection_gone",
  "connector_not_configured",
  "provider_auth",
  "provider_permission",
  "provider_not_found",
  "provider_rate_limited",
  "provider_invalid",
  "provider_upstream",
  // A late or unreadable answer is the provider's, as far as anybody can tell.
  "nango_disabled",
  "nango_unreachable",
  "nango_rate_limited",
  "nango_rejected",
] as const satisfies readonly ErrorCode[];

/** For calls that ask Nango: how that can fail. */
export const nangoErrors = [
  "nango_disabled",
  "nango_unreachable",
  "nango_timeout",
  "nango_rate_limited",
  "nango_rejected",
  "nango_invalid_answer",
] as const satisfies readonly ErrorCode[];
