import "server-only";
import type { Verdict } from "@/lib/db/vocabulary";
import { env } from "@/lib/env";

/** What Nango's API said of a connection when the server just asked. Never built from a webhook's body or a browser. */
export type NangoConnectionFacts = {
  integrationKey: string;
  connectionId: string;
  tags: Record<string, string>;
  /** Nango is still waiting for something (its isPending). Left out: unknown. */
  pending?: boolean;
  /** Nango's own error of type auth: a suspicion, which the second look decides. */
  authError: boolean;
  /** Nango's log entry of it: one that a look has refuted is not looked into again. */
  authErrorId?: string | null;
  scopesRequested?: string[] | null;
  scopesGranted?: string[] | null;
  /** When the sign-in ends for good, ISO 8601; null: Nango names no end. Left out: unknown. */
  expiresAt?: string | null;
  /** Days that a sign-in at this provider lasts, where Nango names no end. */
  signInDays?: number | undefined;
  /** False: our API key may not read credentials. Left out: unknown. */
  credentialsReadable?: boolean;
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
    auth_error: facts.authError,
    ...(facts.authErrorId && { auth_error_id: facts.authErrorId }),
    ...(facts.pending === undefined ? {} : { pending: facts.pending }),
    instance: env().instance,
    second_look_seconds: env().secondLookSeconds,
    ...(facts.scopesRequested ? { scopes_requested: facts.scopesRequested } : {}),
    ...(facts.scopesGranted ? { scopes_granted: facts.scopesGranted } : {}),
    ...(facts.expiresAt === undefined ? {} : { expires_at: facts.expiresAt }),
    ...(facts.signInDays === undefined ? {} : { sign_in_days: facts.signInDays }),
    ...(facts.credentialsReadable === undefined ? {} : { credentials_readable: facts.credentialsReadable }),
    ...(facts.config ? { config: facts.config as Json } : {}),
    ...(facts.metadata ? { metadata: facts.metadata as Json } : {}),
  };
}

/** The same as the functions of schema patchbay answer it. */
export type StoredVerdict = { verdict: Verdict; reason: string | null; connection_id: string | null };

export function toApplied(result: StoredVerdict): Applied {
  return { verdict: result.verdict, reason: result.reason, connectionId: result.connection_id };
}
