"use client";

import { KeyRound, LayoutGrid, type LucideIcon, Plug, ShieldQuestionMark, UserRoundMinus } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { useId } from "react";
import { useQuarantineCount } from "@/components/admin/use-quarantine-count";
import { useConnectionCount } from "@/components/connections/use-connections";
import { useOwner } from "./owner";

export type NavigationCounts = {
  ownerId: string;
  at: number;
  connectors: number;
  connections: number;
  unseenNotices: number;
  /** Whether the person decides about what is everyone's. */
  decides: boolean;
  /** How many connections wait in quarantine for the person's decision. */
  quarantined: number;
};

const groupTitle = "mt-5 mb-1.5 px-2.5 text-xs font-medium text-ink-3";

/** The places of the signed-in part, with how much is in each. */
export function Navigation({ counts }: { counts: NavigationCounts }) {
  const t = useTranslations("shell");
  const owner = useOwner();
  const connections = useConnectionCount({ ownerId: counts.ownerId, at: counts.at, count: counts.connections });
  const { ownerId, at, quarantined, decides } = counts;
  const settings = useId();
  return (
    <nav aria-label={t("navigation")}>
      <ul className="grid gap-0.5">
        <Place href="/connectors" label={t("connectors")} count={counts.connectors} Icon={LayoutGrid} />
        <Place href="/connections" label={t("connections")} count={connections} Icon={Plug} />
      </ul>
      {/* What the server said of one organisation holds for that one only. */}
      {ownerId === owner.id ? (
        <QuarantinePlace initial={{ ownerId, at, count: quarantined }} isAdmin={owner.inOrganization && decides} />
      ) : null}
      <p id={settings} className={groupTitle}>
        {t("settings")}
      </p>
      <ul aria-labelledby={settings} className="grid gap-0.5">
        <Place href="/settings/api-keys" label={t("apiKeys")} count={null} Icon={KeyRound} />
      </ul>
    </nav>
  );
}

type QuarantineProps = { initial: { ownerId: string; at: number; count: number }; isAdmin: boolean };

/**
 * The quarantine, among the places of an organisation's admins. Everybody else is shown it only when something of theirs
 * is in it. The page checks for itself who comes.
 */
function QuarantinePlace({ initial, isAdmin }: QuarantineProps) {
  const t = useTranslations("shell");
  const pathname = usePathname();
  const quarantined = useQuarantineCount(initial);
  const label = useId();
  const quarantine = (
    <Place href="/admin/quarantine" label={t("quarantine")} count={quarantined || null} Icon={ShieldQuestionMark} />
  );
  if (!isAdmin)
    return quarantined || pathname === "/admin/quarantine" ? (
      <ul className="mt-0.5 grid gap-0.5">{quarantine}</ul>
    ) : null;
  return (
    <>
      <p id={label} className={groupTitle}>
        {t("organisation")}
      </p>
      <ul aria-labelledby={label} className="grid gap-0.5">
        {quarantine}
        <Place href="/admin/people-left" label={t("peopleLeft")} count={null} Icon={UserRoundMinus} />
      </ul>
    </>
  );
}

type PlaceProps = { href: string; label: string; count: number | null; Icon: LucideIcon };

function Place({ href, label, count, Icon }: PlaceProps) {
  const pathname = usePathname();
  const current = pathname === href || pathname.startsWith(`${href}/`);
  return (
    <li>
      <Link
        href={href}
        aria-current={current ? "page" : undefined}
        className={`flex h-9 items-center gap-2.5 rounded-lg border px-2.5 font-medium transition-colors ${
          current ? "border-line bg-card text-ink" : "border-transparent text-ink-2 hover:bg-hover hover:text-ink"
        }`}
      >
        <Icon size={16} aria-hidden="true" className="flex-none" />
        <span className="flex-1">{label}</span>
        <span className="count">{count ?? ""}</span>
      </Link>
    </li>
  );
}
