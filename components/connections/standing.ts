import type { StatusKind } from "@/components/connectors/connection-status";
import type { Condition, ConnectionView } from "@/lib/api/views";
import type { ConditionCode } from "@/lib/db/vocabulary";

const day = 86_400_000;

/** Days until a sign-in ends, a part of a day as a whole one; 0 when it is over, null when no end is known. */
export function daysLeft(expiresAt: string | null, now: number): number | null {
  return expiresAt === null ? null : Math.max(0, Math.ceil((Date.parse(expiresAt) - now) / day));
}

/** How loudly the end of a sign-in is said: 14, 3 and 1 days ahead. */
export type Urgency = "calm" | "soon" | "now";
export const urgencyOf = (days: number): Urgency => (days <= 1 ? "now" : days <= 3 ? "soon" : "calm");

const kinds: Record<ConditionCode, StatusKind> = {
  healthy: "connected",
  checking: "checking",
  expires_soon: "expiring",
  scopes_missing: "partial",
  awaiting_approval: "pending",
  auth_failed: "needs_attention",
  permission_lost: "needs_attention",
  refresh_failed: "needs_attention",
  expired: "needs_attention",
  account_mismatch: "needs_attention",
  by_person: "disconnected",
  removing: "disconnected",
  removal_stuck: "disconnected",
  gone_upstream: "disconnected",
  owner_left: "disconnected",
  owner_deleted: "disconnected",
};

/** The shape and colour in which a condition is shown. */
export const kindOf = ({ code }: Pick<Condition, "code">): StatusKind => kinds[code];

/** It does not work, and nobody is looking into it at the moment: what a look finds is known soon enough. */
export const isBroken = ({ status, condition }: ConnectionView): boolean =>
  status === "needs_attention" && condition.code !== "checking";

/** What a person should see to first: what is broken, then what ends within three days, the sooner before the later. */
export function mostPressing(connections: ConnectionView[], now: number): ConnectionView[] {
  const end = (connection: ConnectionView) => Date.parse(connection.expires_at ?? "") || Number.POSITIVE_INFINITY;
  const broken = connections.filter(isBroken);
  const ending = connections.filter(({ condition, expires_at }) => {
    const days = daysLeft(expires_at, now);
    return condition.code === "expires_soon" && days !== null && days <= 3;
  });
  return [...broken, ...ending.sort((a, b) => end(a) - end(b))];
}
