import { CalendarClock, CircleAlert, CircleCheck, CircleDashed, CircleSlash, Clock } from "lucide-react";

export type StatusKind =
  | "connected"
  | "needs_attention"
  | "expiring"
  | "partial"
  | "checking"
  | "pending"
  | "disconnected"
  | "unavailable";

/** The picture and the colour of each kind. */
export const looks = {
  connected: { Icon: CircleCheck, colour: "text-good" },
  needs_attention: { Icon: CircleAlert, colour: "text-warn" },
  expiring: { Icon: CalendarClock, colour: "text-warn" },
  partial: { Icon: CircleAlert, colour: "text-warn" },
  checking: { Icon: CircleDashed, colour: "text-ink-2" },
  pending: { Icon: Clock, colour: "text-ink-2" },
  disconnected: { Icon: CircleSlash, colour: "text-ink-2" },
  unavailable: { Icon: CircleSlash, colour: "text-ink-2" },
} as const;

/** How a connection stands: a shape and words, and colour on top of them, never colour alone. */
export function ConnectionStatus({ kind, children }: { kind: StatusKind; children: string }) {
  const { Icon, colour } = looks[kind];
  return (
    <span
      className={`inline-flex items-center gap-1.5 align-middle text-xs leading-5 font-medium ${colour}`}
      data-status={kind}
    >
      <Icon size={13} strokeWidth={2.25} aria-hidden="true" className="flex-none" />
      {children}
    </span>
  );
}
