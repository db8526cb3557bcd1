import { type ErrorCode, errorStatus } from "@/lib/error-codes";

export type { ErrorCode } from "@/lib/error-codes";

/**
 * What a caller is told, per code. Fixed texts: neither SQL nor an upstream's words ever reach a caller.
 * Pages show their own sentence from the message files; these are for API callers.
 */
const messages: Record<ErrorCode, string> = {
  invalid_json: "The body is not valid JSON.",
  invalid_request: "The request is not valid.",
  method_not_allowed: "This address does not take that method.",
  unsupported_media_type: "Send the body as application/json.",
  payload_too_large: "The body is too large.",
  rate_limited: "Too many requests. Try again in a moment.",
  idempotency_mismatch: "This Idempotency-Key was used for another request.",
  idempotency_running: "The first request with this Idempotency-Key is still running.",
  idempotency_spent: "The request with this Idempotency-Key was done. Its answer was not kept.",
  unauthenticated: "Sign in first.",
  forbidden: "You are not allowed to do this.",
  cross_site_request: "The request came from another site.",
  insufficient_scope: "The key lacks the scope for this. See `scope`.",
  not_a_member: "The person is not in the organisation that this token was issued for (any more). Sign in again.",
  owner_mismatch: "You have switched organisation since this page was loaded.",
  not_found: "There is no such thing, or it is not yours.",
  unknown_connector: "There is no such connector.",
  connector_unavailable: "This connector is not available.",
  connector_not_configured: "This connector has not been set up by the operator.",
  connector_blocked: "Your organisation does not allow this connector.",
  attempt_finished: "This attempt to connect is already over.",
  connection_config_required: "Say first which account this is about: some of the fields are missing or malformed.",
  connection_not_ready: "The connection is not there yet.",
  connection_mismatch: "That connection does not belong to this attempt.",
  connection_disconnected: "This connection has been disconnected.",
  connection_gone: "The connection service no longer has this connection. Connect the account again.",
  link_finished: "This link has been used, revoked, or its time is over.",
  redirect_not_allowed: "This address is not among those that the operator allows people to be sent back to.",
  unknown_scope: "The connector does not ask for one of these scopes.",
  not_renewable: "This kind of sign-in is not renewed. If it stopped working, connect the account again.",
  too_many_links: "There are as many open links as there may be. Revoke one, or wait until one is used.",
  too_many_keys: "You have fifty keys already. Revoke one first.",
  signed_in_by_other: "Somebody else signed in on this connection last. Sign in again yourself first.",
  sign_in_under_way: "Somebody else is signing in on this connection right now. Try again when they have finished.",
  undo_expired: "It is too late to undo this.",
  action_unknown: "This connector has no such action.",
  action_invalid_input: "The input does not fit the action. See `issues`.",
  connection_needed: "No account is connected. Connect one first.",
  connection_choice: "Several accounts are connected. Say which one with connection_id.",
  connection_needs_attention: "This connection does not work at present. See `next_step`.",
  provider_auth: "The provider does not accept the sign-in any more.",
  provider_permission: "The provider does not allow this account to do that.",
  provider_not_found: "The provider has no such thing, or this account may not see it.",
  provider_rate_limited: "The provider asks for fewer requests. Try again later.",
  provider_invalid: "The provider did not accept the request.",
  provider_upstream: "The provider did not give an answer that can be used.",
  operation_unsupported: "This service cannot do that with this kind of thing.",
  host_not_allowed: "That host is not one of the service's own.",
  panora_not_configured: "Panora has not been set up for your organisation by the operator.",
  invalid_signature: "The signature is missing or wrong.",
  webhooks_not_configured: "Webhooks are not set up.",
  cron_not_configured: "Scheduled jobs are not set up.",
  nango_unreachable: "The connection service cannot be reached.",
  nango_timeout: "The connection service did not answer in time.",
  nango_rate_limited: "The connection service is busy. Try again in a moment.",
  nango_rejected: "The connection service refused the request.",
  nango_invalid_answer: "The connection service gave an answer that makes no sense.",
  nango_disabled: "This needs Nango, which this installation does not use.",
  direct_unreachable: "The provider does not answer. Try again in a moment.",
  direct_not_configured: "Direct sign-in has not been set up by the operator for this connector.",
  database_unavailable: "The database cannot be reached.",
  auth_unavailable: "Signing in cannot be checked right now.",
  misconfigured: "The server is not set up correctly.",
  internal: "Something went wrong.",
};

/** JSON beside code and message. */
export type ErrorDetails = { readonly [name: string]: Json };
type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/**
 * A fault with a code of the closed list. `cause` is for the log only; callers see the fixed text of the code.
 */
export class AppError extends Error {
  override name = "AppError";
  readonly code: ErrorCode;
  readonly status: number;
  /** Seconds after which trying again makes sense; becomes Retry-After. */
  readonly retryAfter: number | undefined;
  /** Another way to what was asked for; the caller may ask again for that one. */
  readonly fallback: "direct" | undefined;
  /** What else the error's body says, such as the choices. Our own words and ids only, never an upstream's. */
  readonly details: ErrorDetails | undefined;

  constructor(
    code: ErrorCode,
    options: { cause?: unknown; retryAfter?: number; fallback?: "direct"; details?: ErrorDetails } = {},
  ) {
    super(messages[code], options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = errorStatus[code];
    this.retryAfter = options.retryAfter;
    this.fallback = options.fallback;
    this.details = options.details;
  }
}
