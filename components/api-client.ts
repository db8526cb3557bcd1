"use client";

import { type ErrorCode, isErrorCode } from "@/lib/error-codes";

/** What went wrong with a call of ours: one of the API's codes, or `offline` when no answer came. */
export type FailureCode = ErrorCode | "offline";

export type FieldFault = "missing" | "malformed";

export class ApiFailure extends Error {
  override name = "ApiFailure";
  constructor(
    readonly code: FailureCode,
    readonly requestId: string | null = null,
    /** Another way to what was asked for, which the caller may ask for. */
    readonly fallback: "direct" | null = null,
    /** What is wrong with what was sent, by the name of the field. */
    readonly fields: Readonly<Record<string, FieldFault>> = {},
  ) {
    super(code);
  }
}

/** The code of anything that was thrown; what we do not know counts as our own fault. */
export function failureCode(error: unknown): FailureCode {
  return error instanceof ApiFailure ? error.code : "internal";
}

const timeoutMilliseconds = 15_000;

// The page was drawn for another owner than the session's: one dialog for all mutations listens here.
type MismatchListener = (method: string) => void;
const mismatchListeners = new Set<MismatchListener>();
export function onOwnerMismatch(listener: MismatchListener): () => void {
  mismatchListeners.add(listener);
  return () => void mismatchListeners.delete(listener);
}

type ClerkGlobal = { session?: { getToken(options: { skipCache: boolean }): Promise<string | null> } | null };

/** A tab that slept may hold a session cookie that has just run out; Clerk renews it when asked for a token. */
async function renewSession(): Promise<boolean> {
  const clerk = (window as unknown as { Clerk?: ClerkGlobal }).Clerk;
  const token = await clerk?.session?.getToken({ skipCache: true }).catch(() => null);
  return Boolean(token);
}

async function send(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const limit = AbortSignal.timeout(timeoutMilliseconds);
  try {
    return await fetch(path, {
      method,
      headers: body === undefined ? undefined : { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      cache: "no-store",
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiFailure("offline");
  }
}

/**
 * Calls our own API.
 * @throws ApiFailure with the answer's code, or `offline` when none came within 15 s
 */
export async function callApi<T>(
  method: "GET" | "POST" | "PATCH" | "DELETE",
  path: string,
  options: { body?: unknown; signal?: AbortSignal } = {},
): Promise<T> {
  let response = await send(method, path, options.body, options.signal);
  if (response.status === 401 && (await renewSession())) {
    response = await send(method, path, options.body, options.signal);
  }
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer as T;
  type ErrorBody = { error?: { code?: unknown; request_id?: unknown; fallback?: unknown; fields?: unknown } };
  const error = (answer as ErrorBody | null)?.error;
  const code = isErrorCode(error?.code) ? error.code : "internal";
  if (code === "owner_mismatch") for (const listener of mismatchListeners) listener(method);
  const requestId = typeof error?.request_id === "string" ? error.request_id : null;
  throw new ApiFailure(code, requestId, error?.fallback === "direct" ? "direct" : null, fieldFaults(error?.fields));
}

function fieldFaults(fields: unknown): Record<string, FieldFault> {
  const faults = Object.entries(typeof fields === "object" && fields !== null ? fields : {});
  return Object.fromEntries(faults.filter(([, fault]) => fault === "missing" || fault === "malformed"));
}
