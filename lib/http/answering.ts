import "server-only";
import { randomUUID } from "node:crypto";
import { tooLate, withDeadline } from "@/lib/deadline";
import { EnvironmentError } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";

/** What upstream calls may take of a person's 5 s, in milliseconds. */
const REQUEST_BUDGET = 4_500;
/** So long after that a person gets an error even if something without a timeout of its own still hangs. */
const GRACE = 400;

/** Whatever was thrown, as an error of the closed list. */
export function asKnown(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError(error instanceof EnvironmentError ? "misconfigured" : "internal", { cause: error });
}

/** What an error's answer says: its code and fixed text, and what goes beside them. */
export function errorBody(known: AppError, requestId: string) {
  return {
    error: {
      ...known.details,
      code: known.code,
      message: known.message,
      request_id: requestId,
      ...(known.fallback && { fallback: known.fallback }),
    },
  };
}

function errorResponse(error: unknown, requestId: string): Response {
  const known = asKnown(error);
  if (known.status >= 500) log().error({ err: error, request_id: requestId, code: known.code }, "request failed");
  else log().debug({ err: error, request_id: requestId, code: known.code }, "request refused");
  return Response.json(errorBody(known, requestId), {
    status: known.status,
    headers: {
      "cache-control": "no-store",
      ...(known.retryAfter && { "retry-after": String(Math.ceil(known.retryAfter)) }),
    },
  });
}

/**
 * Runs a handler and turns whatever it throws into a coded error.
 * @param work its headers are on the answer whatever becomes of it
 */
export async function answering(work: (requestId: string, always: Headers) => Promise<Response>): Promise<Response> {
  const requestId = randomUUID();
  const always = new Headers({ "x-request-id": requestId });
  let response: Response;
  try {
    response = await work(requestId, always);
  } catch (error) {
    response = errorResponse(error, requestId);
  }
  for (const [name, value] of always) response.headers.set(name, value);
  return response;
}

/**
 * Ends waiting in time. Upstreams end by their own deadline before: what is left to hang is the database.
 * @throws AppError database_unavailable after that many milliseconds
 */
export async function inTime<T>(work: Promise<T>, milliseconds: number): Promise<T> {
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

/**
 * Does what a request asks for, within the time that a person waits. The work cannot be stopped then, only kept from
 * calling anybody: what was said to be undone must not be done later.
 * @throws AppError database_unavailable when that is over; `outcome` unknown where something may have been changed
 */
export function withinRequest<T>(work: () => Promise<T>): Promise<T> {
  return withDeadline(REQUEST_BUDGET, async (budget) => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      budget.onMove = () => {
        clearTimeout(timer);
        timer = setTimeout(
          () => {
            budget.over = true;
            reject(tooLate(budget));
          },
          budget.end + GRACE - Date.now(),
        );
      };
      budget.onMove();
    });
    try {
      return await Promise.race([work(), late]);
    } finally {
      budget.onMove = undefined;
      clearTimeout(timer);
    }
  });
}
