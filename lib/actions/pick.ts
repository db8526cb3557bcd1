import "server-only";
import type { Tenant } from "@/lib/auth/tenant";
import { type UsableConnection, usableConnections } from "@/lib/db/action-usage";
import { isAdmin } from "@/lib/db/connections";
import type { NextStep } from "@/lib/db/vocabulary";
import { AppError } from "@/lib/errors";

/**
 * Threat: an action runs on somebody else's account, or on another one than was meant.
 * Invariant: only connections that the caller may see are candidates; without a name the default is used, or the only one
 * there is, and where that leaves a choice it is asked for rather than made.
 * Guarded by tests/integration/actions-pick.test.ts and tests/rls.
 */

/** A connection that may be used now. */
export type Picked = Pick<UsableConnection, "id" | "connector" | "integrationKey" | "nangoConnectionId">;

export type Wanted = {
  /** Several where any of them will do. */
  connectors: readonly string[];
  /** One of the caller's connections; left out: the default, or the only one. */
  connectionId?: string | undefined;
  /** It may be named by Nango's id as well, which several services may have given out. */
  orNangoId?: boolean;
};

/** Those of one connector that would be used without a name: the person's own default before everyone's. */
function preferred(connections: readonly UsableConnection[]): UsableConnection | undefined {
  const byDefault = connections.filter(({ isDefault }) => isDefault);
  const one = byDefault.find(({ visibility }) => visibility === "only_me") ?? byDefault[0];
  return one ?? (connections.length === 1 ? connections[0] : undefined);
}

const toChoice = ({ id, connector, accountName, label }: UsableConnection) => ({
  ...{ id, connector, account_name: accountName, label },
});

function choose(found: readonly UsableConnection[], connectors: readonly string[]): UsableConnection {
  const connector = connectors.length === 1 ? connectors[0] : undefined;
  const live = found.filter(({ status }) => status !== "pending");
  const candidates = live.length > 0 ? live : found;
  const [first] = candidates;
  if (!first)
    throw new AppError("connection_needed", { details: { next_step: "connect", ...(connector && { connector }) } });
  const isOneConnector = candidates.every((each) => each.connector === first.connector);
  const chosen = isOneConnector ? preferred(candidates) : undefined;
  if (chosen) return chosen;
  throw new AppError("connection_choice", { details: { choices: candidates.map(toChoice) } });
}

/** What helps a connection that needs attention: the step itself, or asking who may take it. */
function nextStep(tenant: Tenant, { reasonCode, connectedBy }: UsableConnection): NextStep {
  const canManage = connectedBy === tenant.userId || tenant.ownerId === tenant.userId || isAdmin(tenant);
  if (!canManage) return "ask_manager";
  return reasonCode === "account_mismatch" ? "reconnect_or_keep" : "reconnect";
}

function refuseUnusable(tenant: Tenant, connection: UsableConnection): void {
  const { id, connector, status, reasonCode } = connection;
  if (status === "disconnected") throw new AppError("connection_disconnected");
  if (status === "pending") throw new AppError("connection_not_ready", { retryAfter: 10 });
  if (status === "needs_attention")
    throw new AppError("connection_needs_attention", {
      details: { reason_code: reasonCode, next_step: nextStep(tenant, connection), connector, connection_id: id },
    });
}

/**
 * The connection that a call is to run on.
 * @throws AppError not_found, connection_disconnected, connection_not_ready, connection_needed, connection_choice,
 *   connection_needs_attention
 */
export async function pickConnection(
  tenant: Tenant,
  { connectors, connectionId, orNangoId = false }: Wanted,
): Promise<Picked> {
  const found = await usableConnections(tenant, connectors, connectionId, orNangoId);
  if (connectionId !== undefined && found.length === 0) throw new AppError("not_found");
  const byOurId = found.find((each) => each.id === connectionId?.toLowerCase());
  const chosen = byOurId ?? choose(found, connectors);
  refuseUnusable(tenant, chosen);
  const { id, connector, integrationKey, nangoConnectionId } = chosen;
  return { id, connector, integrationKey, nangoConnectionId };
}
