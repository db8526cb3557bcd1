import "server-only";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { Tenant } from "@/lib/auth/tenant";
import type { Database } from "@/lib/db/database.types";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";

/**
 * The caller's own view of the database: every request carries their session token, and the row policies decide.
 * Reads only; nothing that matters is granted to it.
 */
export function tenantDb(tenant: Tenant): SupabaseClient<Database> {
  const { url, publishableKey } = env().supabase;
  return createClient<Database>(url, publishableKey, {
    accessToken: tenant.token,
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    global: { fetch: (input, init) => fetch(input, { ...init, cache: "no-store", signal: AbortSignal.timeout(5000) }) },
  });
}

type Answer<T> = { data: T | null; error: { code?: string; message: string } | null; status: number };

/**
 * The rows of an answer of the REST API.
 *
 * @throws AppError unauthenticated when the token is no longer good, database_unavailable when the service is not
 */
export function rows<T>(answer: Answer<T>): T {
  if (!answer.error) return answer.data as T;
  if (answer.status === 401) throw new AppError("unauthenticated", { cause: answer.error });
  // 0: the request itself failed.
  if (answer.status === 0 || answer.status >= 502) throw new AppError("database_unavailable", { cause: answer.error });
  throw new AppError("internal", { cause: answer.error });
}
