import "server-only";
import postgres from "postgres";
import { tlsFor } from "@/lib/db/tls";
import { env } from "@/lib/env";
import { isErrorCode } from "@/lib/error-codes";
import { AppError, type ErrorCode } from "@/lib/errors";

/**
 * The client that row level security does not hold back.
 *
 * Threat: whatever uses it sees every tenant. Invariant: it is used for the reasons below only, by functions of this
 * folder that name their owner (from a Tenant) or run a job's unit of work; tests/rls/predicates.test.ts holds them to it.
 */
export type SystemReason =
  | "attempts" // start, close and look at the caller's own attempts
  | "confirm" // apply what Nango says
  | "actions" // picking the connection that an action runs on, with Nango's ids, and counting its use
  | "mutations" // disconnect, undo, label, and what admins read: after the caller was checked
  | "deliveries" // webhook intake and its job, of Nango and of Clerk
  | "jobs" // remote deletes, identity, second looks, sweeps
  | "people" // at sign-in
  | "registration" // connectors, at start
  | "api_key" // requests that carry no token of a person
  | "health";

type PoolName = "requests" | "jobs";

/**
 * Kept on the global object: the framework loads this module once per bundle, and each copy would open pools of its own.
 */
const registry = globalThis as { [name: symbol]: unknown };
const place = Symbol.for("patchbay.systemDb");
registry[place] ??= new Map();
const pools = registry[place] as Map<PoolName, postgres.Sql>;

/**
 * The shared pool. Jobs have one of their own: they hold a connection while they ask Nango, and a slow Nango must not
 * keep requests and webhooks from the database.
 *
 * @param reason why the caller's own token will not do
 */
export function systemDb(reason: SystemReason): postgres.Sql {
  const name: PoolName = reason === "jobs" ? "jobs" : "requests";
  let pool = pools.get(name);
  if (!pool) {
    pool = open(name);
    pools.set(name, pool);
  }
  return pool;
}

function open(name: PoolName): postgres.Sql {
  const url = env().supabase.databaseUrl;
  return postgres(url, {
    max: 10,
    idle_timeout: 60,
    connect_timeout: 5,
    // Not ever longer, as the driver would have it: a request must hear soon that the database is down, or is back.
    backoff: () => 0.2,
    // A pooler in transaction mode (Supabase: port 6543) keeps no prepared statements.
    prepare: new URL(url).port !== "6543",
    ...tlsFor(url),
    onnotice: () => {},
    connection: { application_name: `patchbay-${name}` },
    types: {
      // Exact, comparable and JSON-ready: a Date would lose the microseconds that paging needs.
      time: {
        to: 1184,
        from: [1184],
        serialize: (value: Date | string) => (value instanceof Date ? value.toISOString() : value),
        parse: toIso,
      },
    },
  });
}

const closers: (() => Promise<void>)[] = [];

/** Registers what else is to end with the pools. */
export function beforeClose(close: () => Promise<void>): void {
  closers.push(close);
}

/** Ends the pools; for scripts, tests and an orderly shutdown. */
export async function closeSystemDb(): Promise<void> {
  await Promise.all(closers.splice(0).map((close) => close()));
  const ending = [...pools.values()];
  pools.clear();
  await Promise.all(ending.map((pool) => pool.end({ timeout: 5 })));
}

/** ISO 8601 in UTC with all digits, from the database's text or PostgREST's. */
export function toIso(text: string): string {
  const [, date, time, offset] =
    /^(\d{4,}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d(?::?\d\d)?|Z)$/.exec(text) ?? [];
  if (!date || !time || !offset) return text;
  if (/^(Z|[+-]00(:?00)?)$/.test(offset)) return `${date}T${time}Z`;
  return new Date(`${date}T${time}${offset.length === 3 ? `${offset}:00` : offset}`).toISOString();
}

/**
 * Runs a query and turns what went wrong into our own errors: a refusal raised by a function of schema patchbay becomes
 * its code, a database that cannot be reached `database_unavailable`. Anything else is a fault and stays as it is.
 */
export async function ask<T>(query: PromiseLike<T>): Promise<T> {
  try {
    return await query;
  } catch (error) {
    throw asAppError(error);
  }
}

export function asAppError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const { code, message } = error as { code?: string; message?: string };
  // Somebody else held the connection for too long.
  if (code === "55P03") return new AppError("database_unavailable", { cause: error });
  if (code === "PB400" && isErrorCode(message)) return new AppError(message satisfies ErrorCode, { cause: error });
  return unreachable(code) ? new AppError("database_unavailable", { cause: error }) : error;
}

/** Errors of the connection (the driver's and the system's), and of a server that is starting, stopping or full. */
function unreachable(code: string | undefined): boolean {
  if (!code) return false;
  return (
    /^(CONNECT|ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|CONNECTION_)/.test(code) ||
    /^(08|53|57P)/.test(code)
  );
}
