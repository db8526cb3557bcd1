import type { EventView } from "@/lib/api/views";
import type messages from "@/messages/en.json";

type Timeline = typeof messages.timeline;
type Values = { account: string; found: string; label: string; days: number };

/** Which sentence of the message files tells an event, and with what. */
export type EventMessage = {
  key: keyof Timeline["events"];
  values: Values;
  /** What became of the access at the provider, for the end of a disconnect. */
  upstream: keyof Timeline["upstream"] | null;
  /** How we came to know of it, where that was not the person's own doing. */
  source: keyof Timeline["sources"] | null;
};

const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
const oneOf = <T extends string>(values: readonly T[], value: unknown): T | null =>
  values.find((each) => each === value) ?? null;

const plain = {
  connected: "connected",
  reconnected: "reconnected",
  activated: "activated",
  suspected: "suspected",
  recovered: "recovered",
  default_set: "default_set",
  contact_changed: "contact_changed",
  check_requested: "check_requested",
  retagged: "retagged",
  adopted: "adopted",
  disconnect_undone: "disconnect_undone",
  quarantined: "other",
  policy_changed: "other",
} as const;

function keyOf({ type, reason_code, data }: EventView): EventMessage["key"] {
  switch (type) {
    case "needs_attention":
      return reason_code === "account_mismatch" && text(data.found) ? "mismatch" : "needs_attention";
    case "identified":
      return text(data.account) ? "identified" : "other";
    case "account_kept":
      return text(data.account) ? "account_kept_as" : "account_kept";
    case "labelled":
      return text(data.label) ? "labelled" : "unlabelled";
    case "expiry_warned":
      return typeof data.days === "number" ? "expiry_warned" : "expiry_warned_soon";
    case "disconnected":
      return oneOf(["by_person", "gone_upstream", "owner_left", "owner_deleted"], reason_code) ?? "disconnected";
    case "visibility_changed":
      return data.to === "everyone" ? "opened" : "closed";
    case "remote_deleted":
      return oneOf(["already_gone"], data.result) ?? "deleted";
    default:
      return plain[type] ?? "other";
  }
}

/** Events that are told by who did them; how we heard of those is of no interest. */
const ownDoing = new Set<EventView["type"]>(["connected", "reconnected"]);

export function eventMessage(event: EventView): EventMessage {
  const { type, data } = event;
  return {
    key: keyOf(event),
    values: {
      account: text(data.account) ?? "",
      found: text(data.found) ?? text(data.account) ?? "",
      label: text(data.label) ?? "",
      days: typeof data.days === "number" ? data.days : 0,
    },
    upstream:
      type === "remote_deleted" ? oneOf(["revoked", "not_supported", "kept_in_use", "failed"], data.upstream) : null,
    source: ownDoing.has(type) ? null : oneOf(["page", "poll", "webhook", "reconcile", "probe", "import"], data.source),
  };
}
