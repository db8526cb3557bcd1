"use client";

import {
  CircleAlert,
  CircleCheck,
  CircleSlash,
  ClockAlert,
  Copy,
  Link2,
  type LucideIcon,
  MessageCircleQuestionMark,
  ShieldQuestionMark,
  UserRoundMinus,
} from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { useVisibilityWords } from "@/components/connections/visibility-words";
import { useOwner } from "@/components/shell/owner";
import { Avatar } from "@/components/ui/avatar";
import { LogoTile } from "@/components/ui/logo-tile";
import { RelativeTime } from "@/components/ui/relative-time";
import type { NoticeView } from "@/lib/api/views";
import { type ConnectorEntry, connectorOf } from "./connector-entry";
import { noticeHref } from "./notice-href";
import { useNoticeText } from "./use-notice-text";

const looks: Record<NoticeView["kind"], { Icon: LucideIcon; colour: string }> = {
  needs_attention: { Icon: CircleAlert, colour: "text-warn" },
  recovered: { Icon: CircleCheck, colour: "text-good" },
  expires_soon: { Icon: ClockAlert, colour: "text-warn" },
  disconnected: { Icon: CircleSlash, colour: "text-ink-3" },
  duplicate_account: { Icon: Copy, colour: "text-ink-3" },
  quarantined: { Icon: ShieldQuestionMark, colour: "text-ink-3" },
  link_used: { Icon: Link2, colour: "text-good" },
  person_left: { Icon: UserRoundMinus, colour: "text-ink-3" },
  contact: { Icon: MessageCircleQuestionMark, colour: "text-ink-3" },
};

/** What all notices of the panel share; `leave` closes it. */
export type NoticeContext = { connectors: ConnectorEntry[]; seesQuarantine: boolean; leave: () => void };

type Props = NoticeContext & { notice: NoticeView; isNew: boolean };

/** One notice: which account, what happened, when. All of it leads to where something can be done about it. */
export function NoticeRow({ notice, isNew, connectors, seesQuarantine, leave }: Props) {
  const t = useTranslations("notices");
  const owner = useOwner();
  const textOf = useNoticeText();
  const { Icon, colour } = looks[notice.kind];
  const visibilityWords = useVisibilityWords();
  // A notice is of a connector's account or of a person.
  const connector = notice.connector === null ? null : connectorOf(connectors, notice.connector);
  const name = connector?.name ?? notice.person ?? t("somebody");
  return (
    <li data-notice={notice.id} className="border-b border-line last:border-b-0">
      <Target href={noticeHref(notice, seesQuarantine)} leave={leave}>
        {connector ? (
          <LogoTile logo={connector.logo} size="sm" eager />
        ) : (
          <span className="grid size-7 flex-none place-items-center">
            <Avatar name={name} />
          </span>
        )}
        <span className="min-w-0 flex-1">
          <span className="flex items-baseline justify-between gap-3">
            <span className="wrap-any line-clamp-2 text-sm font-semibold">
              {notice.account && notice.account !== name ? `${name} · ${notice.account}` : name}
            </span>{" "}
            <span className="flex flex-none items-center gap-1.5 text-xs text-ink-3">
              <RelativeTime iso={notice.created_at} serverNow={owner.serverNow} />
              {isNew ? (
                <span className="size-1.5 flex-none rounded-full bg-solid">
                  <span className="sr-only">{` ${t("new")} `}</span>
                </span>
              ) : null}
            </span>
          </span>
          <span className="wrap-any mt-0.5 flex gap-1.5 text-sm text-ink-2">
            <Icon size={14} aria-hidden="true" className={`mt-[3px] flex-none ${colour}`} />
            {textOf(notice, name)}
          </span>
          {notice.visibility ? (
            <span className="wrap-any block text-xs text-ink-3">{visibilityWords(notice.visibility)}</span>
          ) : null}
        </span>
      </Target>
    </li>
  );
}

function Target({ href, leave, children }: { href: string | null; leave: () => void; children: ReactNode }) {
  const shape = "flex items-start gap-3 px-4 py-3";
  if (href === null) return <div className={shape}>{children}</div>;
  return (
    <Link
      href={href}
      prefetch={false}
      onClick={leave}
      className={`${shape} transition-colors hover:bg-hover focus-visible:-outline-offset-2`}
    >
      {children}
    </Link>
  );
}
