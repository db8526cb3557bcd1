import "server-only";
import { callOn } from "@/lib/actions/call";
import { withinPatience } from "@/lib/actions/patience";
import type { UnifiedRequest } from "@/lib/api/unified-request";
import type { UnifiedAnswer, UnifiedItem } from "@/lib/api/unified-views";
import { requireScope } from "@/lib/auth/scopes";
import type { Tenant } from "@/lib/auth/tenant";
import { AppError } from "@/lib/errors";
import { askPanora } from "@/lib/panora/client";
import type { Adapter, Ask } from "./adapter";
import { chooseConnection, type Which, whichOf } from "./choose";
import { contacts } from "./contacts";
import { employees } from "./employees";
import { events } from "./events";
import { twilioMessages } from "./messages-twilio";
import { whatsappMessages } from "./messages-whatsapp";
import { panoraContacts } from "./panora-contacts";
import { panoraEmployees } from "./panora-employees";

/** One call to whichever service holds a kind of thing: the same request and the same answer for each. */

const USUAL_LIMIT = 25;

type Named = Pick<UnifiedRequest, "provider" | "resource">;
type Place = { limit?: number | undefined; cursor?: string | undefined };
/** A request for one kind of thing, with what is created and what narrows a list. */
type Request<C, P> = Named &
  (
    | { operation: "list"; params?: (Which & Place & P) | undefined; data?: Which | undefined }
    | { operation: "get"; id: string; params?: (Which & P) | undefined; data?: Which | undefined }
    | { operation: "create"; params?: Which | undefined; data: Which & C }
  );
type Outcome = Pick<UnifiedAnswer, "items" | "nextCursor" | "item">;

/** Creates. What the service took may be there, so whatever fails after that is no reason to make it again. */
async function create<T>(ask: Ask, making: (ask: Ask) => Promise<T>): Promise<T> {
  let taken = false;
  const noting: Ask = async (call) => {
    const answer = await ask(call);
    taken ||= call.method !== "GET";
    return answer;
  };
  try {
    return await making(noting);
  } catch (error) {
    if (!taken) throw error;
    throw new AppError("provider_upstream", { cause: error, details: { retry: "no", outcome: "unknown" } });
  }
}

/** Asks a service by its adapter. @throws AppError operation_unsupported, provider_* */
async function perform<T extends UnifiedItem, C, P>(
  ask: Ask,
  adapter: Adapter<T, C, P>,
  request: Request<C, P>,
): Promise<Outcome> {
  switch (request.operation) {
    case "list": {
      if (!adapter.list) break;
      const { limit = USUAL_LIMIT, cursor } = request.params ?? {};
      return adapter.list(ask, { limit, cursor }, { ...request.params } as P);
    }
    case "get":
      if (!adapter.get) break;
      return { item: await adapter.get(ask, request.id, { ...request.params } as P) };
    case "create": {
      const making = adapter.create;
      if (!making) break;
      return { item: await create(ask, (noting) => making(noting, request.data)) };
    }
  }
  throw new AppError("operation_unsupported");
}

const answered = (
  { provider, resource, operation }: Named & Pick<UnifiedAnswer, "operation">,
  by: Pick<UnifiedAnswer, "connector" | "connectionId">,
  outcome: Outcome,
): UnifiedAnswer => ({ success: true, provider, resource, operation, ...by, ...outcome });

/** On one of the caller's connections. */
async function onConnection<T extends UnifiedItem, C, P>(
  tenant: Tenant,
  request: Request<C, P>,
  adapters: Record<string, Adapter<T, C, P>>,
): Promise<UnifiedAnswer> {
  const { operation } = request;
  const able = Object.keys(adapters).filter((connector) => adapters[connector]?.[operation] !== undefined);
  if (able.length === 0) throw new AppError("operation_unsupported");
  const which = whichOf(request.params, request.data);
  const readOnly = operation !== "create";
  const connection = await chooseConnection(tenant, able, readOnly ? "read" : "run", which);
  const { connector, id: connectionId } = connection;
  const adapter = adapters[connector];
  if (!adapter) throw new AppError("internal");
  const action = `unified:${request.resource}.${operation}`;
  const ask: Ask = (call) =>
    withinPatience(tenant, call, () =>
      callOn(tenant, connection, call, { action, readOnly: readOnly || call.method === "GET" }),
    );
  return answered(request, { connector, connectionId }, await perform(ask, adapter, request));
}

/** Through Panora, whose key is the operator's: no connection of the caller's is in it. */
async function throughPanora<T extends UnifiedItem, C, P>(
  tenant: Tenant,
  request: Request<C, P>,
  adapter: Adapter<T, C, P> | undefined,
): Promise<UnifiedAnswer> {
  requireScope(tenant, `actions:${request.operation === "create" ? "run" : "read"}:panora`);
  if (!adapter) throw new AppError("operation_unsupported");
  const { connectionId, providerConfigKey } = whichOf(request.params, request.data);
  if (connectionId ?? providerConfigKey)
    throw new AppError("invalid_request", {
      details: { issues: [{ path: "data", message: "names a connection, which Panora does not take" }] },
    });
  const ask: Ask = (call) => askPanora(tenant, call);
  return answered(request, { connector: null, connectionId: null }, await perform(ask, adapter, request));
}

function route<T extends UnifiedItem, C, P>(
  tenant: Tenant,
  request: Request<C, P>,
  adapters: Record<string, Adapter<T, C, P>>,
  panora?: Adapter<T, C, P>,
): Promise<UnifiedAnswer> {
  return request.provider === "panora"
    ? throughPanora(tenant, request, panora)
    : onConnection(tenant, request, adapters);
}

/**
 * Lists, looks up or creates.
 * @throws AppError operation_unsupported, host_not_allowed, insufficient_scope, panora_not_configured, connection_*,
 *   provider_*, nango_*
 */
export function runUnified(tenant: Tenant, request: UnifiedRequest): Promise<UnifiedAnswer> {
  switch (request.resource) {
    case "crm.contact":
      return route(tenant, request, contacts, panoraContacts);
    case "hr.employee":
      return route(tenant, request, employees, panoraEmployees);
    case "whatsapp.message":
      return route(tenant, request, { "whatsapp-business": whatsappMessages });
    case "twilio.sms":
      return route(tenant, request, { twilio: twilioMessages });
    case "calendar.event":
      return route(tenant, request, events);
  }
}
