import "server-only";
import { type Picked, pickConnection } from "@/lib/actions/pick";
import { allows, requireScope, type Scope } from "@/lib/auth/scopes";
import type { Tenant } from "@/lib/auth/tenant";
import { integrationKey } from "@/lib/catalogue/integration-key";
import { manifests } from "@/lib/catalogue/manifests";
import { AppError } from "@/lib/errors";

/**
 * Threat: a connection that the caller may not use, by an id that they know; a key that was given out for another service.
 * Invariant: every id, ours or Nango's, is looked for among the caller's own connections of the connectors that its scopes
 * name, and nowhere else; so a foreign one, an unknown one and one of another service are the same.
 * Guarded by tests/integration/unified-locked.test.ts.
 */

/** How a caller may name a connection. */
export type Which = { providerConfigKey?: string | undefined; connectionId?: string | undefined };

const unfit = (path: string, message: string) =>
  new AppError("invalid_request", { details: { issues: [{ path, message }] } });

/** What a request says of it, which may stand in two places but not say two things. @throws AppError invalid_request */
export function whichOf(...places: (Which | undefined)[]): Which {
  const one = (name: keyof Which): string | undefined => {
    const named = [...new Set(places.flatMap((place) => place?.[name] ?? []))];
    if (named.length > 1) throw unfit(`data.${name}`, "differs from the one in params");
    return named[0];
  };
  return { providerConfigKey: one("providerConfigKey"), connectionId: one("connectionId") };
}

/**
 * The connection that a call is to run on, for a caller who may do that with its connector.
 * @param connectors those that hold the kind of thing
 * @param deed the scope that a key needs
 * @throws AppError not_found, insufficient_scope, invalid_request, connection_* (as pickConnection)
 */
export async function chooseConnection(
  tenant: Tenant,
  connectors: readonly string[],
  deed: "read" | "run",
  { providerConfigKey, connectionId }: Which,
): Promise<Picked> {
  const scopeOf = (connector: string): Scope => `actions:${deed}:${connector}`;
  const named = connectors.filter((connector) => {
    const manifest = manifests.get(connector);
    return providerConfigKey === undefined || (manifest && integrationKey(manifest) === providerConfigKey);
  });
  const [first] = named;
  if (first === undefined) throw unfit("data.providerConfigKey", "is no integration that has this kind of thing");
  const allowed = named.filter((connector) => allows(tenant, scopeOf(connector)));
  if (allowed.length === 0) requireScope(tenant, scopeOf(first));
  return pickConnection(tenant, { connectors: allowed, connectionId, orNangoId: true });
}
