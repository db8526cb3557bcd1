import "server-only";
import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import type { z } from "zod";
import { requestTenant, type SessionCaller } from "@/lib/auth/session";
import type { Tenant } from "@/lib/auth/tenant";
import { withDeadline } from "@/lib/deadline";
import { EnvironmentError, env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";

/**
 * Threat: a handler that forgets to check who calls, where the request came from, how large it is, or what it answers.
 * Invariant: `route` does all of it before and after the handler, in one place; a handler never sees an unchecked body
 * and cannot answer with more than its answer schema holds. Guarded by tests/integration/server-requests.test.ts.
 */

/** Largest body that is read, in bytes. */
const MAX_BODY_BYTES = 1024 * 1024;
/** What upstream calls may take of a person's 5 s, in milliseconds. */
const REQUEST_BUDGET = 4_500;
/** After this a person gets an error even if something without a timeout of its own still hangs. */
const LAST_MOMENT = 4_900;

/**
 * Reads a body up to the limit, without buffering more than that.
 * @throws AppError payload_too_large
 */
export async function readBody(request: Request, limit: number = MAX_BODY_BYTES): Promise<Uint8Array> {
  const declared = request.headers.get("content-length");
  if (declared !== null && Number(declared) > limit) throw new AppError("payload_too_large");
  if (!request.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > limit) {
      await reader.cancel().catch(() => {});
      throw new AppError("payload_too_large");
    }
    chunks.push(value);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

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

/** @throws AppError unsupported_media_type, payload_too_large, invalid_json */
async function readJson(request: Request): Promise<unknown> {
  const type = request.headers.get("content-type");
  // A DELETE often comes without a body; everything else says what it sends, and a form cannot say this.
  const bare = request.method === "DELETE" && type === null;
  if (!bare && !/^application\/json\s*(;|$)/i.test(type ?? "")) throw new AppError("unsupported_media_type");
  const bytes = await readBody(request);
  if (bytes.byteLength === 0 && request.method === "DELETE") return {};
  if (bare) throw new AppError("unsupported_media_type");
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new AppError("invalid_json");
  }
}

function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new AppError("invalid_request", { cause: parsed.error });
  return parsed.data;
}

/** The answer to an error: its code and fixed text, or the fixed text for whatever we did not foresee. */
function errorResponse(error: unknown, requestId: string): Response {
  const known =
    error instanceof AppError
      ? error
      : new AppError(error instanceof EnvironmentError ? "misconfigured" : "internal", { cause: error });
  if (known.status >= 500) log().error({ err: error, request_id: requestId, code: known.code }, "request failed");
  else log().debug({ err: error, request_id: requestId, code: known.code }, "request refused");
  return Response.json(
    {
      error: {
        code: known.code,
        message: known.message,
        request_id: requestId,
        ...(known.fallback && { fallback: known.fallback }),
        ...(known.fields && { fields: known.fields }),
      },
    },
    {
      status: known.status,
      headers: {
        "cache-control": "no-store",
        "x-request-id": requestId,
        ...(known.retryAfter && { "retry-after": String(Math.ceil(known.retryAfter)) }),
      },
    },
  );
}

/** Runs a handler and turns whatever it throws into a coded error. */
export async function answering(work: (requestId: string) => Promise<Response>): Promise<Response> {
  const requestId = randomUUID();
  try {
    const response = await work(requestId);
    response.headers.set("x-request-id", requestId);
    return response;
  } catch (error) {
    return errorResponse(error, requestId);
  }
}

/** For methods that an address does not have; Next's own answer would have no body. */
export function notAllowed(): Promise<Response> {
  return answering(() => Promise.reject(new AppError("method_not_allowed")));
}

/** For addresses under /api that do not exist. */
export function notFound(): Promise<Response> {
  return answering(() => Promise.reject(new AppError("not_found")));
}

/**
 * Ends waiting in time. Upstreams end by their own deadline before: what is left to hang is the database.
 * @throws AppError database_unavailable after that many milliseconds
 */
export async function inTime<T>(work: Promise<T>, milliseconds: number = LAST_MOMENT): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new AppError("database_unavailable", { retryAfter: 5 })), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
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

type RouteOptions<A extends z.ZodType, B extends z.ZodType, Q extends z.ZodType, P extends z.ZodType> = {
  /** What the answer may hold; everything else is dropped. */
  answer: A;
  status?: number;
  /** The JSON body, for methods that change something. Its `owner_id`, if any, must be the caller's owner. */
  body?: B;
  /** The same holds of an `owner_id` here: a page must not show another owner's rows as its own. */
  query?: Q;
  /** Path parameters. A value that does not fit is something that does not exist. */
  params?: P;
  handle: (context: Context<z.output<B>, z.output<Q>, z.output<P>>) => Promise<z.input<A>>;
};

const changes = new Set(["POST", "PUT", "PATCH", "DELETE"]);

function queryOf(request: Request): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [name, value] of new URL(request.url).searchParams) {
    if (name in query) throw new AppError("invalid_request"); // given twice: neither is right
    query[name] = value;
  }
  return query;
}

function checkOwner(given: unknown, tenant: Tenant): void {
  if (typeof given !== "object" || given === null || !("owner_id" in given) || given.owner_id === undefined) return;
  if (given.owner_id !== tenant.ownerId) throw new AppError("owner_mismatch");
}

/**
 * A handler for signed-in people: authenticates, checks the origin of changes, parses what comes in and what goes out.
 */
export function route<
  A extends z.ZodType,
  B extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodType = z.ZodUndefined,
  P extends z.ZodType = z.ZodUndefined,
>(options: RouteOptions<A, B, Q, P>) {
  return (request: Request, context?: { params: Promise<Record<string, string | string[] | undefined>> }) =>
    answering((requestId) =>
      inTime(
        withDeadline(REQUEST_BUDGET, async () => {
          const caller: SessionCaller = await requestTenant(request);
          if (changes.has(request.method) && caller.via === "cookie")
            checkOrigin(request, new URL(env().appUrl).origin);
          const params = options.params?.safeParse(await context?.params);
          if (params && !params.success) throw new AppError("not_found");
          const query = options.query && parse(options.query, queryOf(request));
          const body = options.body && parse(options.body, await readJson(request));
          checkOwner(query, caller.tenant);
          checkOwner(body, caller.tenant);
          const answerHeaders = new Headers({ "cache-control": "no-store" });
          // The schemas decide these types; an option that is left out leaves undefined.
          const answer = await options.handle({
            tenant: caller.tenant,
            body: body as z.output<B>,
            query: query as z.output<Q>,
            params: params?.data as z.output<P>,
            requestId,
            answerHeaders,
          });
          return Response.json(options.answer.parse(answer), {
            status: options.status ?? 200,
            headers: answerHeaders,
          });
        }),
      ),
    );
}

/**
 * Refuses callers without the secret that a scheduler or monitor was given. Compares digests, so the time taken says
 * nothing about the secret.
 * @throws AppError unauthenticated; cron_not_configured without a secret
 */
export function checkBearerSecret(request: Request, secret: string | undefined): void {
  if (secret === undefined) throw new AppError("cron_not_configured");
  const given = request.headers.get("authorization")?.replace(/^Bearer /, "") ?? "";
  const digest = (text: string) => createHash("sha256").update(text).digest();
  if (!timingSafeEqual(digest(given), digest(secret))) throw new AppError("unauthenticated");
}
