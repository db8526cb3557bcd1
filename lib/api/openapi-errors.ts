import type { Operation } from "@/lib/api/operation";
import { type ErrorCode, errorStatus } from "@/lib/error-codes";
import { AppError } from "@/lib/errors";

/** The errors of a call as OpenAPI responses: one per status, with its codes and what they mean. */

const takesOwner = ({ body, query }: Operation) =>
  [body, query].some((schema) => schema && "shape" in schema && "owner_id" in (schema.shape as object));

/** What can go wrong with any call of this kind: see `route` (lib/http.ts). */
function errorsOf(operation: Operation): ErrorCode[] {
  const { body, params, method, idempotent, errors } = operation;
  return [
    ...new Set<ErrorCode>([
      ...errors,
      "invalid_request",
      "unauthenticated",
      "insufficient_scope",
      "rate_limited",
      ...(params ? (["not_found"] as const) : []),
      ...(body ? (["invalid_json", "unsupported_media_type", "payload_too_large"] as const) : []),
      ...(method === "GET" ? [] : (["cross_site_request"] as const)),
      ...(takesOwner(operation) ? (["owner_mismatch"] as const) : []),
      ...(idempotent ? (["idempotency_mismatch", "idempotency_running", "idempotency_spent"] as const) : []),
      "auth_unavailable",
      "database_unavailable",
      "misconfigured",
      "internal",
    ]),
  ];
}

/** One status of a call: its codes, and whether it may repeat the answer of an earlier request. */
type Kind = { status: number; codes: ErrorCode[]; kept: boolean };

/** Of reads it says when to ask again. */
const mayWait = (code: ErrorCode): boolean =>
  errorStatus[code] === 429 || errorStatus[code] === 503 || /running$/.test(code) || code === "provider_upstream";

function response({ status, codes, kept }: Kind) {
  const waits = codes.some(mayWait);
  return {
    description: codes.map((code) => `\`${code}\`: ${new AppError(code).message}`).join("\n\n"),
    headers: {
      "X-Request-Id": { $ref: "#/components/headers/X-Request-Id" },
      ...(waits && { "Retry-After": { $ref: "#/components/headers/Retry-After" } }),
      // Only those are counted of whom it is known who they are.
      ...(status !== 401 && {
        RateLimit: { $ref: "#/components/headers/RateLimit" },
        "RateLimit-Policy": { $ref: "#/components/headers/RateLimit-Policy" },
      }),
      ...(kept && { "Idempotent-Replayed": { $ref: "#/components/headers/Idempotent-Replayed" } }),
    },
    content: {
      "application/json": {
        schema: {
          allOf: [
            { $ref: "#/components/schemas/Error" },
            { type: "object", properties: { error: { type: "object", properties: { code: { enum: codes } } } } },
          ],
        },
      },
    },
  };
}

/** A name that says it all: the status, the codes, and whether it may be the answer of an earlier request. */
const nameOf = ({ status, codes, kept }: Kind) => [status, ...codes, ...(kept ? ["kept"] : [])].join(".");

function byStatus(operation: Operation): Kind[] {
  const codes = errorsOf(operation).sort();
  return [...new Set(codes.map((code) => errorStatus[code]))]
    .sort((a, b) => a - b)
    .map((status) => ({
      status,
      codes: codes.filter((code) => errorStatus[code] === status),
      // What was asked before is asked by somebody, too.
      kept: operation.idempotent !== undefined && status !== 401,
    }));
}

/** The errors of one call, by status. */
export function errorResponses(operation: Operation): Record<string, { $ref: string }> {
  return Object.fromEntries(
    byStatus(operation).map((kind) => [String(kind.status), { $ref: `#/components/responses/${nameOf(kind)}` }]),
  );
}

/** What those refer to, once each. */
export function errorComponents(operations: readonly Operation[]): Record<string, unknown> {
  return Object.fromEntries(operations.flatMap(byStatus).map((kind) => [nameOf(kind), response(kind)]));
}
