import "server-only";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { Nango } from "@nangohq/node";
import { z } from "zod";
import { timeLeft } from "@/lib/deadline";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";

/**
 * The one door to Nango. Everything outside lib/nango sees our own types and coded errors only: the SDK's errors carry
 * the request, API key included, and must not travel.
 */

/** Longest wait for one call, in milliseconds; a request's own deadline shortens it. */
const CALL_TIMEOUT = 4_000;
const MAX_ANSWER_BYTES = 5 * 1024 * 1024;

/** As many as calls that take long may be open at once (lib/actions/patience.ts): a call's time runs while it waits for one. */
const SOCKETS = { keepAlive: true, maxSockets: 256 };

const clients = new Map<string, Nango>();

/**
 * The SDK's client for the configured server; kept between calls. Calls that may take longer than others have a client, and
 * so sockets, of their own: those that nobody waits long for must not stand behind them.
 */
function nangoClient(longest: number): Nango {
  const { host, apiKey } = env().nango;
  const id = `${host} ${apiKey} ${longest}`;
  const known = clients.get(id);
  if (known) return known;
  const httpAgent = new HttpAgent(SOCKETS);
  const nango = new Nango(
    { host, apiKey },
    {
      userAgent: "patchbay",
      httpsAgent: new HttpsAgent(SOCKETS),
      interceptors: {
        request: (config) => {
          config.httpAgent = httpAgent;
          // A signal bounds the whole call, the body included; axios's own timeout starts anew with every packet.
          config.signal = AbortSignal.timeout(timeLeft(longest));
          config.maxRedirects = 0;
          config.maxContentLength = MAX_ANSWER_BYTES;
          return config;
        },
      },
    },
  );
  clients.set(id, nango);
  return nango;
}

/** How Nango or the network refused a call, reduced to what decides. */
export type NangoFailure = {
  /** HTTP status, or null when there was no answer. */
  status: number | null;
  /** `error.code` of Nango's answer, or the network error's code. */
  code: string | null;
  retryAfter: number | null;
  timedOut: boolean;
  /** The body of the answer, if there was one. */
  data: unknown;
};

const errorBody = z.object({ error: z.object({ code: z.string() }) });
const callError = z.object({
  code: z.string().optional(),
  name: z.string().optional(),
  response: z
    .object({ status: z.number(), data: z.unknown(), headers: z.record(z.string(), z.unknown()).optional() })
    .optional(),
});

/** Reads an error of the SDK's HTTP client; null for any other error. */
function readFailure(error: unknown): NangoFailure | null {
  if (typeof error !== "object" || error === null || !("isAxiosError" in error)) return null;
  const parsed = callError.safeParse({
    code: "code" in error ? error.code : undefined,
    response: pickResponse(error),
  });
  if (!parsed.success) return { status: null, code: null, retryAfter: null, timedOut: false, data: undefined };
  const { code, response } = parsed.data;
  if (!response) {
    const timedOut = code === "ERR_CANCELED" || code === "ECONNABORTED" || code === "ETIMEDOUT";
    return { status: null, code: code ?? null, retryAfter: null, timedOut, data: undefined };
  }
  const body = errorBody.safeParse(response.data);
  const seconds = Number(response.headers?.["retry-after"]);
  return {
    status: response.status,
    code: body.success ? body.data.error.code : null,
    retryAfter: Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 3600) : null,
    timedOut: false,
    data: response.data,
  };
}

function pickResponse(error: object): unknown {
  if (!("response" in error) || typeof error.response !== "object" || error.response === null) return undefined;
  const { response } = error;
  return {
    status: "status" in response ? response.status : undefined,
    data: "data" in response ? response.data : undefined,
    headers: "headers" in response && response.headers ? { ...(response.headers as object) } : undefined,
  };
}

/**
 * Nango itself says that it has no such connection, or no such integration. Any other 404 comes from something in between,
 * or from another server, and says nothing about a connection.
 */
export const isUnknown = ({ status, code }: NangoFailure): boolean =>
  (status === 404 && code === "not_found") ||
  (status === 400 && (code === "unknown_connection" || code === "unknown_provider_config"));

/** A text for the log: status and code, never the request. */
function forLog(failure: NangoFailure, what: string): Error {
  return new Error(`${what}: ${failure.status ?? "no answer"} ${failure.code ?? ""}`.trim());
}

/** The coded error that a failed call becomes for callers. */
function toAppError(failure: NangoFailure, what: string): AppError {
  const cause = forLog(failure, what);
  if (failure.timedOut) return new AppError("nango_timeout", { cause, retryAfter: 5 });
  if (failure.status === null) {
    // An answer that is too large or cut off is an answer, only not one that makes sense.
    const code = failure.code === "ERR_BAD_RESPONSE" ? "nango_invalid_answer" : "nango_unreachable";
    return new AppError(code, { cause, retryAfter: 5 });
  }
  if (failure.status === 429)
    return new AppError("nango_rate_limited", { cause, retryAfter: failure.retryAfter ?? 30 });
  if (failure.status >= 500) return new AppError("nango_unreachable", { cause, retryAfter: 5 });
  if (failure.status < 400) return new AppError("nango_invalid_answer", { cause });
  return new AppError("nango_rejected", { cause });
}

/**
 * Makes one call and parses its answer. An installation that does without Nango calls nobody.
 * @param what names the call in the log
 * @param expected turns a refusal that the caller can handle into a value; undefined means it is a fault
 * @param longest milliseconds that the call may take
 * @throws AppError nango_*
 */
export async function callNango<S extends z.ZodType, E = never>(
  what: string,
  schema: S,
  call: (nango: Nango) => Promise<unknown>,
  expected?: (failure: NangoFailure) => E | undefined,
  longest: number = CALL_TIMEOUT,
): Promise<z.output<S> | E> {
  if (!env().nango.enabled) throw new AppError("nango_disabled");
  let answer: unknown;
  try {
    answer = await call(nangoClient(longest));
  } catch (error) {
    const failure = readFailure(error);
    // The SDK itself stumbles over answers of another shape than it expects.
    if (!failure)
      throw new AppError("nango_invalid_answer", { cause: new Error(`${what}: the answer cannot be read`) });
    const value = expected?.(failure);
    if (value !== undefined) return value;
    throw toAppError(failure, what);
  }
  const parsed = schema.safeParse(answer);
  if (!parsed.success) {
    throw new AppError("nango_invalid_answer", {
      cause: new Error(`${what}: ${z.prettifyError(parsed.error).slice(0, 300)}`),
    });
  }
  return parsed.data;
}

/**
 * Connection ids and integration keys as Nango makes them. The SDK puts them into paths unescaped, so nothing else may
 * pass: `..` or a slash would name another endpoint.
 */
const pathSafe = /^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,255}$/;
export function isPathSafe(id: string): boolean {
  return pathSafe.test(id);
}
