import type { Context } from "hono";
import { z } from "zod";
import { NangoFault, parse } from "../answers";
import { freshen } from "../auth/refresh";
import { type BuiltCall, buildCall, CallNotPossible } from "../auth/request";
import { apiKeyGuard } from "../guard";
import type { Connection, Integration } from "../model";
import { connectionIdSchema, integrationKeySchema } from "../schemas";
import type { App, Env, Standin } from "../standin";

const headersSchema = z.object({
  "provider-config-key": integrationKeySchema,
  "connection-id": connectionIdSchema,
  retries: z.coerce.number().optional().default(0),
  "base-url-override": z.url().or(z.literal("")).optional(),
  "retry-on": z
    .string()
    .regex(/^\d+(,\d+)*$/)
    .optional(),
});

/** What of a successful answer's headers comes through. */
const SHOWN_HEADERS = ["content-type", "mcp-session-id", "x-request-id", "x-correlation-id"];
/** What of a refusal's headers does not: they speak of the connection to the provider, not of this one. */
const OWN_HEADERS =
  /^(connection|keep-alive|te|trailer|transfer-encoding|upgrade|content-length|content-encoding|proxy-.*|access-control-.*|date)$/;

/**
 * The proxy: any call to a provider, with a connection's credentials. The provider's status and body come back as they
 * are, so what is Nango's own can only be told by `error.code`.
 */
export function proxyRoutes(app: App, nango: Standin): void {
  app.all("/proxy/*", apiKeyGuard(nango, "proxy"), async (c) => {
    const headers = parse(headersSchema, c.req.header(), "invalid_headers");
    const { integration, connection } = await usable(nango, headers["provider-config-key"], headers["connection-id"]);
    const url = new URL(c.req.url);
    const body = ["GET", "HEAD"].includes(c.req.method) ? undefined : new Uint8Array(await c.req.arrayBuffer());
    let call: BuiltCall;
    try {
      call = buildCall(integration, connection, {
        method: c.req.method,
        endpoint: c.req.url.slice(url.origin.length).replace(/^\/proxy\/?/, "/"),
        headers: passedOn(c),
        body: body && body.length > 0 ? body : undefined,
        baseUrlOverride: headers["base-url-override"],
      });
    } catch (error) {
      if (error instanceof CallNotPossible) throw new NangoFault(400, error.code, error.message);
      throw error;
    }
    const alsoRetried = headers["retry-on"]?.split(",").map(Number) ?? [];
    return passThrough(await withRetries(nango, call, headers.retries, alsoRetried));
  });
}

async function usable(
  nango: Standin,
  key: string,
  connectionId: string,
): Promise<{ integration: Integration; connection: Connection }> {
  const integration = nango.store.integration(key);
  if (!integration) throw new NangoFault(404, "unknown_provider_config", "There is no such integration.");
  const connection = nango.store.connection(key, connectionId);
  if (!connection) throw new NangoFault(400, "server_error", "Failed to get connection");
  const problem = await freshen(nango, integration, connection, { force: false });
  if (!problem) return { integration, connection };
  if (problem.type === "connection_refresh_backoff") throw new NangoFault(424, problem.type, problem.message);
  throw new NangoFault(problem.status, "server_error", `Failed to get connection credentials: '${problem.message}'`);
}

/** The caller's headers for the provider: those marked for it, and what says how the body is written. */
function passedOn(c: Context<Env>): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(c.req.header())) {
    const marked = /^nango-proxy-(.+)$/i.exec(name)?.[1];
    if (marked) passed[marked.toLowerCase()] = value;
  }
  const contentType = c.req.header("content-type");
  if (contentType && !passed["content-type"]) passed["content-type"] = contentType;
  return passed;
}

/** Calls, and calls again after 5xx, 429, network trouble and the statuses named, waiting twice as long each time. */
async function withRetries(nango: Standin, call: BuiltCall, retries: number, also: number[]): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    const last = attempt >= retries;
    let wait = nango.timing.proxyRetry * 2 ** attempt;
    try {
      const response = await fetch(nango.upstream(call.url), {
        method: call.method,
        headers: call.headers,
        ...(call.body === undefined ? {} : { body: call.body as BodyInit }),
        signal: AbortSignal.timeout(nango.timing.proxyTimeout),
      });
      const again = response.status >= 500 || response.status === 429 || also.includes(response.status);
      if (!again || last) return response;
      const asked = Number(response.headers.get("retry-after"));
      if (Number.isFinite(asked) && asked > 0) wait = asked * 1000;
      await response.body?.cancel();
    } catch (error) {
      if (last) {
        const why = error instanceof Error ? error.message : "unknown";
        throw new NangoFault(500, "server_error", `The provider could not be reached: ${why}`);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

function passThrough(response: Response): Response {
  const headers = new Headers();
  for (const [name, value] of response.headers) {
    if (response.ok ? SHOWN_HEADERS.includes(name) : !OWN_HEADERS.test(name)) headers.set(name, value);
  }
  const empty = [204, 205, 304].includes(response.status);
  return new Response(empty ? null : response.body, { status: response.status, headers });
}
