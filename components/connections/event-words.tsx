"use client";

import {
  BellRing,
  CircleAlert,
  CircleCheck,
  CircleHelp,
  type LucideIcon,
  MessageCircleQuestionMark,
  Plug,
  RefreshCw,
  Search,
  Star,
  Tag,
  Undo2,
  Unplug,
  UserRoundCheck,
  Users,
} from "lucide-react";
import { useTranslations } from "next-intl";
import { brand } from "@/brand";
import type { EventView } from "@/lib/api/views";
import { eventMessage } from "./event-message";

const icons: Partial<Record<EventView["type"], LucideIcon>> = {
  connected: Plug,
  adopted: Plug,
  reconnected: RefreshCw,
  activated: CircleCheck,
  recovered: CircleCheck,
  suspected: CircleHelp,
  check_requested: Search,
  needs_attention: CircleAlert,
  identified: UserRoundCheck,
  account_kept: UserRoundCheck,
  labelled: Tag,
  retagged: Tag,
  default_set: Star,
  visibility_changed: Users,
  contact_changed: MessageCircleQuestionMark,
  expiry_warned: BellRing,
  disconnected: Unplug,
  remote_deleted: Unplug,
  disconnect_undone: Undo2,
};

/** A picture of the kind of event; its words are beside it. */
export function EventIcon({ event }: { event: EventView }) {
  const Icon = icons[event.type] ?? CircleHelp;
  const colour = event.type === "needs_attention" ? "text-warn" : "text-ink-3";
  return <Icon size={15} aria-hidden="true" className={`mt-[3px] flex-none ${colour}`} />;
}

/** One line of history as a sentence: who or what did it, what it was, and how it came to be known. */
export function EventWords({ event, connectorName }: { event: EventView; connectorName: string }) {
  const t = useTranslations("timeline");
  const reasons = useTranslations("reasons");
  const { kind, name } = event.actor;
  const who = kind === "nango" ? t("nango") : kind === "system" ? brand.name : (name ?? t("somebody"));
  const { key, values, upstream, source } = eventMessage(event);
  const code = (event.reason_code ?? "unknown") as Parameters<typeof reasons.has>[0];
  const aside = upstream ? t(`upstream.${upstream}`, { name: connectorName }) : source ? t(`sources.${source}`) : null;
  return (
    <p className="wrap-any min-w-0 text-sm text-ink-2">
      {t.rich(`events.${key}`, {
        ...values,
        name: connectorName,
        reason: reasons(reasons.has(code) ? code : "unknown", { name: connectorName }),
        who: () => <span className="font-medium text-ink">{who}</span>,
      })}
      {aside ? <span className="text-ink-3"> · {aside}</span> : null}
    </p>
  );
}
