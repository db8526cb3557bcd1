/**
 * The closed lists of the data: what a status, a reason, an outcome, an event can be. Safe in the browser.
 * The migrations hold the same lists as CHECK constraints; tests/rls/vocabulary.test.ts compares them.
 */

export const visibilities = ["everyone", "only_me"] as const;
export type Visibility = (typeof visibilities)[number];

export const connectionStatuses = ["pending", "connected", "needs_attention", "disconnected"] as const;
export type ConnectionStatus = (typeof connectionStatuses)[number];

/** Why a connection needs attention. */
export const attentionReasons = [
  "auth_failed",
  "permission_lost",
  "refresh_failed",
  "expired",
  "account_mismatch",
] as const;

/** Why a connection needs attention, or is disconnected. */
export const connectionReasons = [
  ...attentionReasons,
  "by_person",
  "gone_upstream",
  "owner_left",
  "owner_deleted",
] as const;
export type ConnectionReason = (typeof connectionReasons)[number];

export const attemptStatuses = ["open", "abandoned", "confirmed", "failed", "cancelled", "expired"] as const;
export type AttemptStatus = (typeof attemptStatuses)[number];

export const attemptOutcomes = [
  "connected",
  "reconnected",
  "closed",
  "denied",
  "failed",
  "cancelled",
  "expired",
  "not_configured",
  "nango_unavailable",
  "direct_unavailable",
] as const;
export type AttemptOutcome = (typeof attemptOutcomes)[number];

/** How somebody comes back from a connect link who has connected nothing by it. */
export const linkOutcomes = [
  "denied",
  "failed",
  "cancelled",
  "expired",
  "not_configured",
  "nango_unavailable",
  "direct_unavailable",
] as const;
export type LinkOutcome = (typeof linkOutcomes)[number];

/** How a person or a page ends an attempt. */
export type CloseReason = "closed" | "denied" | "failed" | "cancelled";

/** Why a connection at Nango was not adopted. */
export const quarantineReasons = [
  "missing_tags",
  "foreign_instance",
  "unknown_attempt",
  "tags_mismatch",
  "attempt_cancelled",
  "attempt_used",
  "attempt_expired",
  "reappeared",
] as const;
export type QuarantineReason = (typeof quarantineReasons)[number];

export const eventTypes = [
  "connected",
  "reconnected",
  "activated",
  "suspected",
  "recovered",
  "needs_attention",
  "identified",
  "account_kept",
  "labelled",
  "default_set",
  "visibility_changed",
  "contact_changed",
  "check_requested",
  "expiry_warned",
  "retagged",
  "adopted",
  "disconnected",
  "disconnect_undone",
  "remote_deleted",
  "quarantined",
  "policy_changed",
] as const;
export type EventType = (typeof eventTypes)[number];
export type EventReason = ConnectionReason | QuarantineReason;

/** What a person is told, once per transition. */
export const noticeKinds = [
  "needs_attention",
  "recovered",
  "expires_soon",
  "disconnected",
  "duplicate_account",
  "quarantined",
  "link_used",
  "person_left",
  "contact",
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** Why somebody is no member of an organisation any more: they left it, or are gone altogether. */
export const departureReasons = ["left", "deleted"] as const;
export type DepartureReason = (typeof departureReasons)[number];

/** Why a key of the API no longer opens anything. */
export const keyEndings = ["by_person", "owner_left", "owner_deleted"] as const;

/** What became of a delivery of Clerk's: something changed, or what it said was no longer so (or of no interest). */
export const clerkVerdicts = ["applied", "ignored"] as const;
export type ClerkVerdict = (typeof clerkVerdicts)[number];

export const actorKinds = ["person", "nango", "system"] as const;
export type ActorKind = (typeof actorKinds)[number];

export const verdicts = ["applied", "duplicate", "ignored", "parked", "quarantined", "refused"] as const;
export type Verdict = (typeof verdicts)[number];

/** What the disconnect receipt says of Nango, and of the provider. */
export const remoteResults = ["deleted", "already_gone"] as const;
export type RemoteResult = (typeof remoteResults)[number];
export const upstreamResults = ["revoked", "not_supported", "kept_in_use", "failed"] as const;
export type UpstreamResult = (typeof upstreamResults)[number];

/** Where facts about a connection came from. */
export type FactSource = "page" | "poll" | "webhook" | "reconcile";

/**
 * How a connection stands, as people, the API and tools are told: what `status` and `reason_code` say, and what follows
 * from times and permissions. docs/status-codes.md explains each.
 */
export const conditionCodes = [
  "healthy",
  "checking",
  "expires_soon",
  "scopes_missing",
  "awaiting_approval",
  ...attentionReasons,
  "by_person",
  "removing",
  "removal_stuck",
  "gone_upstream",
  "owner_left",
  "owner_deleted",
] as const;
export type ConditionCode = (typeof conditionCodes)[number];

export const turns = ["nobody", "you", "connector_person", "operator", "patchbay", "provider"] as const;
export type Turn = (typeof turns)[number];

export const nextSteps = [
  "none",
  "wait",
  "reconnect",
  "reconnect_or_keep",
  "connect_again",
  "undo",
  "ask_manager",
  "check_operator",
] as const;
export type NextStep = (typeof nextSteps)[number];
