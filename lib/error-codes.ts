/**
 * Every error that a caller can meet, with its HTTP status: one closed list. Safe in the browser.
 * Each code has a sentence in messages/<language>.json under `errors.<code>`.
 */
export const errorStatus = {
  // the request
  invalid_json: 400,
  invalid_request: 400,
  method_not_allowed: 405,
  unsupported_media_type: 415,
  payload_too_large: 413,
  rate_limited: 429,
  idempotency_mismatch: 422,
  idempotency_running: 409,
  idempotency_spent: 409,
  // the caller
  unauthenticated: 401,
  forbidden: 403,
  cross_site_request: 403,
  insufficient_scope: 403,
  not_a_member: 403,
  owner_mismatch: 409,
  // what was asked for
  not_found: 404,
  unknown_connector: 404,
  connector_unavailable: 409,
  connector_not_configured: 409,
  connector_blocked: 403,
  attempt_finished: 409,
  connection_config_required: 422,
  connection_not_ready: 409,
  connection_mismatch: 409,
  connection_disconnected: 409,
  connection_gone: 409,
  link_finished: 409,
  too_many_links: 409,
  redirect_not_allowed: 400,
  unknown_scope: 400,
  not_renewable: 409,
  too_many_keys: 409,
  signed_in_by_other: 409,
  sign_in_under_way: 409,
  undo_expired: 409,
  // running an action
  action_unknown: 404,
  action_invalid_input: 400,
  connection_needed: 409,
  connection_choice: 409,
  connection_needs_attention: 409,
  provider_auth: 409,
  provider_permission: 403,
  provider_not_found: 404,
  provider_rate_limited: 429,
  provider_invalid: 422,
  provider_upstream: 502,
  // the unified endpoint
  operation_unsupported: 400,
  host_not_allowed: 400,
  panora_not_configured: 409,
  // webhooks and cron
  invalid_signature: 401,
  webhooks_not_configured: 503,
  cron_not_configured: 503,
  // what we depend on
  nango_unreachable: 503,
  nango_timeout: 504,
  nango_rate_limited: 503,
  nango_rejected: 502,
  nango_invalid_answer: 502,
  direct_unreachable: 503,
  nango_disabled: 503,
  direct_not_configured: 409,
  database_unavailable: 503,
  auth_unavailable: 503,
  // us
  misconfigured: 500,
  internal: 500,
} as const;

export type ErrorCode = keyof typeof errorStatus;

export const errorCodes = Object.keys(errorStatus) as ErrorCode[];

/** True when a text is one of our codes; for bodies that come from the network. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(errorStatus, value);
}
