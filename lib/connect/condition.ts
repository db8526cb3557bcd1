import "server-only";
import type { Condition } from "@/lib/api/views";
import type { ConnectionRow } from "@/lib/db/connections";
import type { ConditionCode, NextStep, Turn } from "@/lib/db/vocabulary";

/**
 * How a connection stands, in one of sixteen codes, with its cause, whose turn it is and the next step. One function, so
 * that a page, the API and a tool never disagree. docs/status-codes.md explains the codes.
 */

/** A look that takes longer than this no longer counts as under way, in milliseconds. */
const LONGEST_LOOK = 5 * 60_000;
const DAY = 86_400_000;
/** Days before the end of a sign-in at which people are told first. */
const SOON = 14;
/** Failed deletions at Nango in a row after which a person should know. */
const STUCK = 5;

/** Deleting it at Nango keeps failing. */
export const isStuck = (row: ConnectionRow): boolean => row.remoteDeletedAt === null && row.errorCount >= STUCK;

const daysLeft = (row: ConnectionRow, now: number): number =>
  row.expiresAt === null ? Number.POSITIVE_INFINITY : Math.ceil((Date.parse(row.expiresAt) - now) / DAY);

function codeOf(row: ConnectionRow, missing: boolean, now: number): ConditionCode {
  const { status, reasonCode } = row;
  if (status === "disconnected") {
    if (reasonCode === "gone_upstream" || row.remoteDeletedAt !== null) return reasonCode ?? "by_person";
    return isStuck(row) ? "removal_stuck" : "removing";
  }
  if (status === "pending") return "awaiting_approval";
  if (row.lookingSince !== null) {
    const since = Date.parse(row.lookingSince);
    // Of a new sign-in nothing is known before a look has seen it, however long the provider keeps it waiting.
    const unseen = status === "connected" && row.signedInAt !== null && since <= Date.parse(row.signedInAt);
    if (unseen || now - since < LONGEST_LOOK) return "checking";
  }
  if (status === "needs_attention") return reasonCode ?? "auth_failed";
  if (row.suspectSince !== null) return "checking";
  if (daysLeft(row, now) <= SOON) return "expires_soon";
  return missing ? "scopes_missing" : "healthy";
}

type Part = { turn: Turn; next: NextStep; since: (row: ConnectionRow) => string | null };

const nobody: Part = { turn: "nobody", next: "none", since: (row) => row.signedInAt };
const signIn: Part = { turn: "you", next: "reconnect", since: (row) => row.suspectSince ?? row.updatedAt };
const over: Part = { turn: "nobody", next: "connect_again", since: (row) => row.disconnectedAt };

const parts: Record<ConditionCode, Part> = {
  healthy: nobody,
  checking: { turn: "patchbay", next: "wait", since: (row) => row.lookingSince ?? row.suspectSince },
  expires_soon: { ...signIn, since: (row) => row.signedInAt },
  scopes_missing: { ...signIn, since: (row) => row.signedInAt },
  awaiting_approval: { turn: "provider", next: "wait", since: (row) => row.createdAt },
  auth_failed: signIn,
  permission_lost: signIn,
  refresh_failed: signIn,
  expired: signIn,
  account_mismatch: { ...signIn, next: "reconnect_or_keep" },
  by_person: over,
  removing: { turn: "patchbay", next: "wait", since: (row) => row.disconnectedAt },
  removal_stuck: { turn: "operator", next: "check_operator", since: (row) => row.disconnectedAt },
  gone_upstream: over,
  owner_left: over,
  owner_deleted: over,
};

type Said = { connector: string; account: string; found: string; days: number; direct: boolean };

/** Fixed texts for API callers; pages say the same from the message files (`conditions.*`). */
const causes: Record<ConditionCode, (said: Said) => string> = {
  healthy: ({ connector }) => `${connector} accepts the sign-in.`,
  checking: ({ connector }) => `It is being checked whether ${connector} still accepts the sign-in.`,
  expires_soon: ({ connector, days }) =>
    days <= 0 ? `The sign-in to ${connector} has ended.` : `The sign-in to ${connector} ends in ${days} day(s).`,
  scopes_missing: ({ connector }) => `${connector} granted fewer permissions than were asked for.`,
  awaiting_approval: ({ connector }) => `${connector} has not finished setting the connection up.`,
  auth_failed: ({ connector }) => `${connector} no longer accepts the sign-in.`,
  permission_lost: ({ connector }) => `${connector} no longer lets this account do what it could.`,
  refresh_failed: ({ connector }) => `${connector} did not renew the sign-in.`,
  expired: ({ connector }) => `The sign-in to ${connector} has come to its end.`,
  account_mismatch: ({ account, found }) => `${found} signed in instead of ${account}.`,
  by_person: () => "It was disconnected.",
  removing: ({ direct }) =>
    `It is disconnected here. The credentials are deleted${direct ? "" : " at Nango"} within a minute.`,
  removal_stuck: ({ direct }) =>
    `It is disconnected here. The credentials could not be deleted${direct ? "" : " at Nango"} so far.`,
  gone_upstream: ({ direct }) => (direct ? "Its credentials were gone." : "It was deleted at Nango."),
  owner_left: () => "The person it belonged to has left.",
  owner_deleted: () => "The organisation it belonged to was deleted.",
};

/**
 * @param about the connector's name, and whether the provider granted less than was asked for
 * @param now milliseconds since 1970
 */
export function conditionOf(
  row: ConnectionRow,
  about: { connector: string; missing: boolean },
  now: number = Date.now(),
): Condition {
  const code = codeOf(row, about.missing, now);
  const part = parts[code];
  const mayUndo = code === "removing" && row.undoUntil !== null && Date.parse(row.undoUntil) > now;
  const othersTurn = part.turn === "you" && !row.canManage;
  return {
    code,
    cause: causes[code]({
      connector: about.connector,
      account: row.label ?? row.accountName ?? about.connector,
      found: row.foundAccountName ?? "Another account",
      days: daysLeft(row, now),
      direct: row.authMethod === "direct",
    }),
    turn: othersTurn ? "connector_person" : part.turn,
    next_step: mayUndo ? "undo" : othersTurn ? "ask_manager" : part.next,
    since: part.since(row),
  };
}
