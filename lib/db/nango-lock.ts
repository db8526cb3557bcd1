import "server-only";
import pg from "pg";
import { ask, beforeClose } from "@/lib/db/system";
import { queueUrl } from "@/lib/db/tls";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";

/**
 * Work on one connection of Nango's while nobody else may: lock, read at Nango, apply, in one transaction, so that an
 * older answer cannot overtake a newer one.
 *
 * Such a transaction waits for the network in its midst, and its database connection may go away meanwhile. The `pg`
 * driver ends it cleanly then; `postgres`, which makes all other calls, writes to the connection that is gone.
 */

/** Rows of one statement; parameters as $1, $2, …, objects as JSON. */
export type Query = <Row extends object>(text: string, parameters?: readonly unknown[]) => Promise<Row[]>;

let pool: { url: string; pool: pg.Pool } | undefined;

function openPool(): pg.Pool {
  const { databaseUrl } = env().supabase;
  if (pool?.url === databaseUrl) return pool.pool;
  const opened = new pg.Pool({
    connectionString: queueUrl(databaseUrl, "patchbay-units"),
    max: 10,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
  });
  // An idle connection that goes away is replaced; whoever uses one hears of it by themselves.
  opened.on("error", () => {});
  pool = { url: databaseUrl, pool: opened };
  beforeClose(async () => {
    if (pool?.pool === opened) pool = undefined;
    await opened.end();
  });
  return opened;
}

/**
 * @param work everything that it asks of the database through `query` becomes true together, or not at all
 * @throws what `work` throws; AppError database_unavailable when the database goes away, or when somebody else holds the
 *   connection for more than ten seconds
 */
export async function whileLocked<T>(
  about: { integrationKey: string; connectionId: string },
  work: (query: Query) => Promise<T>,
): Promise<T> {
  return oneTransaction(async (query) => {
    await query("select patchbay.lock_nango_connection($1, $2)", [about.integrationKey, about.connectionId]);
    return work(query);
  });
}

/** The same for work that takes the lock itself, because it must look up first which one. */
export async function oneTransaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
  return ask(inTransaction(work));
}

/** The driver says that a connection was lost, or could not be had, in words only. */
function asLoss(error: unknown): unknown {
  const lost =
    error instanceof Error && /^(Connection terminated|timeout exceeded when trying|Client has)/.test(error.message);
  return lost ? new AppError("database_unavailable", { cause: error }) : error;
}

async function inTransaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
  const client = await openPool()
    .connect()
    .catch((error: unknown) => {
      throw asLoss(error);
    });
  let lost: Error | undefined;
  const onError = (error: Error) => {
    lost = error;
  };
  client.on("error", onError);
  const query: Query = async (text, parameters = []) => (await client.query(text, [...parameters])).rows;
  try {
    await query("begin");
    const result = await work(query);
    await query("commit");
    client.off("error", onError);
    client.release();
    return result;
  } catch (error) {
    client.off("error", onError);
    // Closed rather than rolled back: nothing of what happened on it can reach whoever would use it next.
    client.release(true);
    throw asLoss(lost ?? error);
  }
}
