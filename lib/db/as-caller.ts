import "server-only";
import type { ISql } from "postgres";
import type { Tenant } from "@/lib/auth/tenant";
import { ask, systemDb } from "@/lib/db/system";

/**
 * Runs a statement that changes something for a tenant. For a key the transaction knows it: the history names the key, and
 * what is only somebody's own inside an organisation is unknown to the statement (patchbay.lock_managed).
 */
export async function asCaller<T>(
  { caller }: Tenant,
  reason: "attempts" | "mutations",
  statement: (sql: ISql) => PromiseLike<T>,
): Promise<T> {
  const sql = systemDb(reason);
  if (caller.kind !== "key") return ask(statement(sql));
  return ask(
    sql.begin(async (transaction) => {
      await transaction`select set_config('patchbay.via_key', ${caller.prefix}, true)`;
      return statement(transaction);
    }) as Promise<T>,
  );
}
