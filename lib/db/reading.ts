import "server-only";
import { readerOf, type Tenant } from "@/lib/auth/tenant";
import type { Database } from "@/lib/db/database.types";
import { ask, systemDb } from "@/lib/db/system";
import { rows, tenantDb } from "@/lib/db/tenant";

/**
 * Two doors to one definition: the reading functions of the schema take the owner and the person, so that the same
 * predicate holds with the caller's token (where row policies apply as well) and without one (API keys, jobs).
 */
export type Door = "token" | "key";

type Functions = Database["public"]["Functions"];
type Arguments<F extends keyof Functions> =
  Functions[F]["Args"] extends Record<string, unknown> ? Functions[F]["Args"] : never;

/**
 * Calls a reading function for a tenant. `p_owner` and `p_user` are the tenant's, whatever the caller passes.
 *
 * @param options.door left out: by the token where the caller has one
 * @param options.withUser false for functions that are about the owner alone
 */
export async function read<F extends keyof Functions>(
  tenant: Tenant,
  name: F,
  args: Omit<Arguments<F>, "p_owner" | "p_user">,
  options: { door?: Door | undefined; withUser?: boolean } = {},
): Promise<Functions[F]["Returns"]> {
  const { door = tenant.caller.kind === "session" ? "token" : "key", withUser = true } = options;
  const given = { ...args, p_owner: tenant.ownerId, ...(withUser ? { p_user: readerOf(tenant) } : {}) };
  const present = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined && value !== null),
  );
  if (door === "token") {
    return rows(await tenantDb(tenant).rpc(name, present as never)) as Functions[F]["Returns"];
  }
  const sql = systemDb("api_key");
  const named = Object.entries(present).flatMap(([key, value], n) => [
    n ? sql`, ` : sql``,
    sql`${sql(key)} => ${value as string}`,
  ]);
  return (await ask(sql`select * from ${sql(`public.${name}`)}(${named})`)) as unknown as Functions[F]["Returns"];
}
