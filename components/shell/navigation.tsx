"use client";

import { LayoutGrid, Plug } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { useConnectionCount } from "@/components/connections/use-connections";

export type NavigationCounts = { ownerId: string; at: number; connectors: number; connections: number };

/** The places of the signed-in part, with how much is in each. */
export function Navigation({ counts }: { counts: NavigationCounts }) {
  const t = useTranslations("shell");
  const pathname = usePathname();
  const connections = useConnectionCount({ ownerId: counts.ownerId, at: counts.at, count: counts.connections });
  const places = [
    { href: "/connectors", label: t("connectors"), count: counts.connectors, Icon: LayoutGrid },
    { href: "/connections", label: t("connections"), count: connections, Icon: Plug },
  ];
  return (
    <nav aria-label={t("navigation")}>
      <ul className="grid gap-0.5">
        {places.map(({ href, label, count, Icon }) => {
          const current = pathname === href || pathname.startsWith(`${href}/`);
          return (
            <li key={href}>
              <Link
                href={href}
                aria-current={current ? "page" : undefined}
                className={`flex h-9 items-center gap-2.5 rounded-lg border px-2.5 font-medium transition-colors ${
                  current
                    ? "border-line bg-card text-ink"
                    : "border-transparent text-ink-2 hover:bg-hover hover:text-ink"
                }`}
              >
                <Icon size={16} aria-hidden="true" className="flex-none" />
                <span className="flex-1">{label}</span>
                <span className="count">{count ?? ""}</span>
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
