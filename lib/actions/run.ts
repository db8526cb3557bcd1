import "server-only";
import { callOn } from "@/lib/actions/call";
import { findAction } from "@/lib/actions/find";
import { checkInput } from "@/lib/actions/input";
import { withinPatience } from "@/lib/actions/patience";
import { pickConnection } from "@/lib/actions/pick";
import { buildRequest } from "@/lib/actions/request";
import { requireScope } from "@/lib/auth/scopes";
import type { Tenant } from "@/lib/auth/tenant";

export type ActionCall = {
  /** A connector's slug. */
  connector: string;
  /** The action's name in the connector's manifest. */
  action: string;
  input: Record<string, unknown>;
  /** One of the caller's connections; left out: the default, or the only one. */
  connectionId?: string | undefined;
};

export type ActionResult = {
  /** What the provider answered: JSON, a text, or null for nothing. */
  result: unknown;
  connectionId: string;
};

/**
 * Runs an action of a connector on one of the caller's connections. Page, API, agent tool and MCP all come through here.
 * @throws AppError unknown_connector, action_unknown, insufficient_scope, action_invalid_input (details.issues),
 *   payload_too_large, not_found, connection_disconnected, connection_not_ready, connection_needed (details.next_step,
 *   connector), connection_choice (details.choices), connection_needs_attention (details.reason_code, next_step),
 *   provider_* (details.retry, provider_status), connection_gone, connector_not_configured, rate_limited, nango_*
 */
export async function runAction(tenant: Tenant, call: ActionCall): Promise<ActionResult> {
  const { connector, action: name, connectionId } = call;
  const action = findAction(connector, name);
  requireScope(tenant, `actions:${action.read_only ? "read" : "run"}:${connector}`);
  const request = buildRequest(action, checkInput(action, call.input));
  const connection = await pickConnection(tenant, { connectors: [connector], connectionId });
  const result = await withinPatience(tenant, request, () =>
    callOn(tenant, connection, request, { action: name, readOnly: action.read_only }),
  );
  return { result, connectionId: connection.id };
}
