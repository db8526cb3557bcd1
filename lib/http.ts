import "server-only";
import type { z } from "zod";
import type { RouteShape } from "@/lib/api/operation";
import { requestCaller } from "@/lib/auth/caller";
import { requireScope, requireSession, requireSomeAction, type Scope, type ScopePattern } from "@/lib/auth/scopes";
import type { Tenant } from "@/lib/auth/tenant";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { answering, withinRequest } from "@/lib/http/answering";
import { readJson, refuseNul } from "@/lib/http/body";
import { onlyOnce } from "@/lib/http/idempotency";

/**
 * Threat: a handler that forgets to check who calls, with which scope and how often, where the request came from, how large
 * it is, or what it answers.
 * Invariant: `route` does all of it before and after the handler, in one place; a handler never sees an unchecked body
 * and cannot answer with more than its answer schema holds. What names no scope is closed to keys.
 * Guarded by tests/integration/server-requests.test.ts and tests/integration/key-scopes.test.ts.
 */

/**
 * Refuses what another site made the browser send. Applies where a cookie authenticates.
 * Browsers name the origin with every request that changes something; a request without it fails closed.
 * @throws AppError cross_site_request
 */
function checkOrigin(request: Request, ownOrigin: string): void {
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  if (site !== null && site !== "same-origin") throw new AppError("cross_site_request");
  if (origin === null ? site === null : origin !== ownOrigin) throw new AppError("cross_site_request");
}

function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, 10).map(({ path, message }) => ({
    path: path.join("."),
    message: message.slice(0, 200),
  }));
  throw new AppError("invalid_request", { cause: parsed.error, details: { issues } });
}

/** For methods that an address does not have; Next's own answer would have no body. */
export function notAllowed(): Promise<Response> {
  return answering(() => Promise.reject(new AppError("method_not_allowed")));
}

/** For addresses under /api that do not exist. */
export function notFound(): Promise<Response> {
  return answering(() => Promise.reject(new AppError("not_found")));
}

type Context<B, Q, P> = {
  tenant: Tenant;
  body: B;
  query: Q;
  params: P;
  requestId: string;
  /** What the answer carries besides its body, such as a cookie. */
  answerHeaders: Headers;
};

type PathParameters = Record<string, string | string[] | undefined>;

const changes = new Set(["POST", "PUT", "PATCH", "DELETE"]);

function queryOf(request: Request): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [name, value] of new URL(request.url).searchParams) {
    refuseNul(name + value);
    if (name in query) throw new AppError("invalid_request"); // given twice: neither is right
    query[name] = value;
  }
  return query;
}

/** An owner's id is a text. A number of that name is a provider's, in the input of an action. */
function checkOwner(given: unknown, tenant: Tenant): void {
  if (typeof given !== "object" || given === null || !("owner_id" in given) || typeof given.owner_id !== "string")
    return;
  if (given.owner_id !== tenant.ownerId) throw new AppError("owner_mismatch");
}

/** @throws AppError insufficient_scope */
function checkScope(tenant: Tenant, pattern: ScopePattern | null | undefined, params: PathParameters): void {
  if (!pattern) requireSession(tenant);
  else if (pattern === "actions") requireSomeAction(tenant);
  else requireScope(tenant, pattern.replace(/\{(\w+)\}/g, (_, name: string) => String(params[name])) as Scope);
}

/**
 * A handler for people and keys: authenticates, counts, checks the scope and the origin of changes, parses what comes in
 * and what goes out. Refusals come in that order.
 */
export function route<
  A extends z.ZodType,
  B extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodType = z.ZodUndefined,
  P extends z.ZodType = z.ZodUndefined,
>(
  shape: RouteShape<A, B, Q, P>,
  handle: (context: Context<z.output<B>, z.output<Q>, z.output<P>>) => Promise<z.input<A>>,
) {
  return (request: Request, context?: { params: Promise<PathParameters> }) =>
    answering((requestId, always) =>
      withinRequest(async () => {
        const { tenant, via } = await requestCaller(request, always);
        const given = (await context?.params) ?? {};
        checkScope(tenant, shape.scope, given);
        if (changes.has(request.method) && via === "cookie") checkOrigin(request, new URL(env().appUrl).origin);
        const params = shape.params?.safeParse(given);
        if (params && !params.success) throw new AppError("not_found");
        const asked = queryOf(request);
        if (!shape.query && Object.keys(asked).length > 0) throw new AppError("invalid_request");
        const query = shape.query && parse(shape.query, asked);
        const body = shape.body && parse(shape.body, await readJson(request));
        checkOwner(query, tenant);
        checkOwner(body, tenant);
        const run = async () => {
          const answerHeaders = new Headers({ "cache-control": "no-store" });
          // The schemas decide these types; an option that is left out leaves undefined.
          const answer = await handle({
            tenant,
            body: body as z.output<B>,
            query: query as z.output<Q>,
            params: params?.data as z.output<P>,
            requestId,
            answerHeaders,
          });
          return Response.json(shape.answer.parse(answer), { status: shape.status ?? 200, headers: answerHeaders });
        };
        if (!shape.idempotent) return run();
        return onlyOnce(request, { tenant, mode: shape.idempotent, content: body, requestId }, run);
      }),
    );
}
