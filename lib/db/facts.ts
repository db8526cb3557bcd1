import "server-only";
import type { Verdict } from "@/lib/db/vocabulary";
import { env } from "@/lib/env";

/** What Nango's API said of a connection when the server just asked. Never built from a webhook's body or a browser. */
export type NangoConnectionFacts = {
  integrationKey: string;
  connectionId: string;
  tags: Record<string, string>;
  /** Nango is still waiting for something (its isPending). */
  pending?: boolean;
  /** Nango's own error of type auth: a suspicion, which the second look decides. */
  authError: boolean;
  scopesRequested?: string[] | null;
  scopesGranted?: string[] | null;
  /** ISO 8601; null: does not expire. Left out: unknown. */
  expiresAt?: string | null;
  config?: Record<string, unknown>;
  metadata?: Record<string, unknown>;
};

/** What became of them. `reason` is a code; `connectionId` is ours. */
export type Applied = { verdict: Verdict; reason: string | null; connectionId: string | null };

/** A value for a parameter of type jsonb. */
type Json = Parameters<import("postgres").Sql["json"]>[0];

/** The shape that the functions of schema patchbay take. */
export function factsToJson(facts: NangoConnectionFacts): Json {
  return {
    integration_key: facts.integrationKey,
    connection_id: facts.connectionId,
    tags: facts.tags,
    pending: facts.pending ?? false,
    auth_error: facts.authError,
    instance: env().instance,
    ...(facts.scopesRequested ? { scopes_requested: facts.scopesRequested } : {}),
    ...(facts.scopesGranted ? { scopes_granted: facts.scopesGranted } : {}),
    ...(facts.expiresAt === undefined ? {} : { expires_at: facts.expiresAt }),
    ...(facts.config ? { config: facts.config as Json } : {}),
    ...(facts.metadata ? { metadata: facts.metadata as Json } : {}),
  };
}

export function toApplied(result: { verdict: Verdict; reason: string | null; connection_id: string | null }): Applied {
  return { verdict: result.verdict, reason: result.reason, connectionId: result.connection_id };
}
