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
      ...(idempotent ? (["idempotency_mismatch", "idempotency_running"] as const) : []),
      ...(idempotent === "once" ? (["idempotency_spent"] as const) : []),
      "auth_unavailable",
      "database_unavailable",
      "misconfigured",
      "internal",
    ]),
  ];
}

function response(codes: readonly ErrorCode[]) {
  const waits = codes.some((code) => errorStatus[code] === 429 || errorStatus[code] === 503 || /running$/.test(code));
  return {
    description: codes.map((code) => `\`${code}\`: ${new AppError(code).message}`).join("\n\n"),
    headers: {
      "X-Request-Id": { $ref: "#/components/headers/X-Request-Id" },
      ...(waits && { "Retry-After": { $ref: "#/components/headers/Retry-After" } }),
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

/** A name that says it all: the status, and the codes. */
const nameOf = (status: number, codes: readonly ErrorCode[]) => [status, ...codes].join(".");

function byStatus(operation: Operation): [number, ErrorCode[]][] {
  const codes = errorsOf(operation).sort();
  return [...new Set(codes.map((code) => errorStatus[code]))]
    .sort((a, b) => a - b)
    .map((status) => [status, codes.filter((code) => errorStatus[code] === status)]);
}

/** The errors of one call, by status. */
export function errorResponses(operation: Operation): Record<string, { $ref: string }> {
  return Object.fromEntries(
    byStatus(operation).map(([status, codes]) => [
      String(status),
      { $ref: `#/components/responses/${nameOf(status, codes)}` },
    ]),
  );
}

/** What those refer to, once each. */
export function errorComponents(operations: readonly Operation[]): Record<string, unknown> {
  return Object.fromEntries(
    operations.flatMap(byStatus).map(([status, codes]) => [nameOf(status, codes), response(codes)]),
  );
}
