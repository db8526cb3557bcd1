import "server-only";
import { newKey } from "@/lib/auth/api-key";
import { rememberPerson } from "@/lib/auth/remember-person";
import { connectorOf, isScope } from "@/lib/auth/scopes";
import type { Tenant } from "@/lib/auth/tenant";
import { manifests } from "@/lib/catalogue/manifests";
import { type ApiKeyRow, insertApiKey } from "@/lib/db/api-keys";
import { AppError } from "@/lib/errors";

/** No connector of the catalogue: what the unified endpoint asks of it has scopes of the same form. */
const PANORA = "panora";
const DAY = 24 * 60 * 60_000;

/**
 * Makes a key of the tenant's.
 *
 * @param input.expiresInDays null: it has no end
 * @returns the key itself, too, which nothing keeps
 * @throws AppError unknown_connector for a scope of a connector that there is not, too_many_keys
 */
export async function makeApiKey(
  tenant: Tenant,
  input: { name: string; scopes: readonly string[]; expiresInDays: number | null },
): Promise<{ row: ApiKeyRow; key: string }> {
  const scopes = [...new Set(input.scopes)].filter(isScope).sort();
  const connectors = scopes.map(connectorOf).filter((slug) => slug !== null);
  if (!connectors.every((slug) => manifests.has(slug) || slug === PANORA)) throw new AppError("unknown_connector");
  const { text, prefix, hash } = newKey();
  const expiresAt = input.expiresInDays === null ? null : new Date(Date.now() + input.expiresInDays * DAY);
  const row = await insertApiKey(tenant, { name: input.name, prefix, hash, scopes, expiresAt });
  void rememberPerson(tenant.userId);
  return { row, key: text };
}
