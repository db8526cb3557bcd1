import "server-only";
import { createHash } from "node:crypto";
import { callerName, type Tenant } from "@/lib/auth/tenant";
import { beginRequest, endRequest, type RequestName } from "@/lib/db/idempotent-requests";
import { AppError, type ErrorCode } from "@/lib/errors";
import { asKnown, errorBody } from "@/lib/http/answering";
import { openAnswer, sealAnswer } from "@/lib/http/kept-answer";
import { log } from "@/lib/log";

/**
 * Threat: a request that is sent again after its answer was lost is done twice; a store of answers is a store of other
 * people's mail.
 * Invariant: of one caller's requests with the same Idempotency-Key one runs, over all processes, for a day. Its answer is
 * kept encrypted under the Idempotency-Key itself, of which there is only a digest here. An answer that holds a secret of
 * ours is not kept at all. Guarded by tests/integration/idempotency.test.ts.
 */

/** Longest answer that is kept, in characters. */
const MAX_KEPT = 256 * 1024;
const printable = /^[\x20-\x7e]{1,255}$/;

const digest = (...parts: unknown[]): Uint8Array => createHash("sha256").update(JSON.stringify(parts)).digest();

type Outcome = { status: number; text: string };

/** The answer that was kept; an error's under the id of the request that gets it now. */
function replay({ status, text }: Outcome, requestId: string): Response {
  const kept = status < 400 ? null : JSON.parse(text);
  return new Response(kept ? JSON.stringify({ ...kept, error: { ...kept.error, request_id: requestId } }) : text, {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store", "idempotent-replayed": "true" },
  });
}

/** What is wrong with the request itself: it will meet that again, whatever anybody does meanwhile. */
const inTheRequest: ReadonlySet<ErrorCode> = new Set([
  "invalid_json",
  "invalid_request",
  "unsupported_media_type",
  "payload_too_large",
  "unknown_connector",
  "unknown_scope",
  "action_unknown",
  "action_invalid_input",
  "operation_unsupported",
  "host_not_allowed",
  "provider_invalid",
]);

/** It says itself that things may change: by waiting, by a step that somebody can take, by choosing. */
const mayChange = ({ retryAfter, details }: AppError): boolean =>
  retryAfter !== undefined ||
  details?.next_step !== undefined ||
  details?.choices !== undefined ||
  (details?.retry ?? "no") !== "no";

/**
 * Whether an error is an answer to keep. A refusal did nothing, so it costs nothing to try again once somebody has connected
 * the account or opened the door. Where a provider may have done what it was asked for and did not say so, another try may
 * do it twice, so that stays the answer.
 */
const isFinal = (error: AppError): boolean =>
  error.details?.outcome === "unknown" || (inTheRequest.has(error.code) && !mayChange(error));

/**
 * Runs a request unless one with the same Idempotency-Key ran; without that header it just runs.
 *
 * @param mode once: the answer of a success is not kept, and whoever asks again is told that it was done
 * @param content what must be the same for it to be the same request
 * @throws AppError invalid_request (a header that is no key), idempotency_mismatch, idempotency_running, idempotency_spent
 */
export async function onlyOnce(
  request: Request,
  { tenant, mode, content, requestId }: { tenant: Tenant; mode: true | "once"; content: unknown; requestId: string },
  run: () => Promise<Response>,
): Promise<Response> {
  const key = request.headers.get("idempotency-key");
  if (key === null) return run();
  if (!printable.test(key)) throw new AppError("invalid_request");
  const { pathname, search } = new URL(request.url);
  const name: RequestName = { caller: callerName(tenant), keyHash: digest(request.method, pathname, key) };
  const begun = await beginRequest(tenant, name, digest(search, content));
  if (begun.state === "mismatch") throw new AppError("idempotency_mismatch");
  if (begun.state === "running") throw new AppError("idempotency_running", { retryAfter: 1 });
  if (begun.state === "spent") throw new AppError("idempotency_spent");
  if (begun.state === "kept") return replay({ status: begun.status, text: openAnswer(begun.answer, key) }, requestId);

  /** What was done stays done when this fails: the answer goes out, and a repetition is refused while it looks unfinished. */
  const end = (kept: { status: number; answer: Uint8Array | null } | null) =>
    endRequest(tenant, name, begun.run, kept).catch((error: unknown) =>
      log().error({ err: error, request_id: requestId }, "the end of an idempotent request was not recorded"),
    );
  try {
    const response = await run();
    const text = await response.clone().text();
    const keep = mode === true && text.length <= MAX_KEPT;
    await end({ status: response.status, answer: keep ? sealAnswer(text, key) : null });
    return response;
  } catch (error) {
    const known = asKnown(error);
    const text = JSON.stringify(errorBody(known, requestId));
    await end(isFinal(known) ? { status: known.status, answer: sealAnswer(text, key) } : null);
    throw known;
  }
}
