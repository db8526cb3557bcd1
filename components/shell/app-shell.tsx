import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { brand } from "@/brand";
import type { ConnectorEntry } from "@/components/notices/connector-entry";
import { NoticeBell } from "@/components/notices/notice-bell";
import { BrandMark } from "@/components/ui/brand-mark";
import { ThemeToggle } from "@/components/ui/theme";
import { OwnerSwitcher, PersonButton } from "./account-controls";
import { MobileMenu } from "./mobile-menu";
import { Navigation, type NavigationCounts } from "./navigation";

type Props = {
  counts: NavigationCounts;
  /** Names and marks for the notices. */
  connectors: ConnectorEntry[];
  children: ReactNode;
};

/** The frame of every signed-in page: a sidebar on wide screens, a header with a menu on small ones. */
export function AppShell({ counts, connectors, children }: Props) {
  const t = useTranslations("shell");
  const theme = <ThemeToggle toDark={t("toDark")} toLight={t("toLight")} />;
  const bell = (
    <NoticeBell
      drawn={{ ownerId: counts.ownerId, at: counts.at, unseen: counts.unseenNotices }}
      connectors={connectors}
      seesQuarantine={counts.decides || counts.quarantined > 0}
    />
  );
  return (
    <div className="min-h-dvh md:grid md:grid-cols-[232px_minmax(0,1fr)]">
      {/* A landmark of its own, without a size: the header that it would belong to is not there on wide screens. */}
      <nav aria-label={t("skipLinks")} className="absolute">
        <a href="#main" className="btn btn-solid fixed top-2 left-2 z-50 -translate-y-16 focus-visible:translate-y-0">
          {t("skip")}
        </a>
      </nav>

      <header className="sticky top-0 z-30 flex h-14 items-center justify-between gap-2 border-b border-line bg-page px-4 md:hidden">
        <Link href="/connectors" className="flex items-center gap-2.5 rounded-md font-semibold">
          <BrandMark />
          {brand.name}
        </Link>
        <div className="flex items-center gap-1">
          {theme}
          {bell}
          <MobileMenu>
            <OwnerSwitcher />
            <Navigation counts={counts} />
            <div className="mt-auto">
              <PersonButton />
            </div>
          </MobileMenu>
        </div>
      </header>

      <aside
        aria-label={t("sidebar")}
        className="sticky top-0 hidden h-dvh flex-col gap-3 border-r border-line bg-side px-2.5 py-3 md:flex"
      >
        <div className="flex items-center gap-1">
          <div className="min-w-0 flex-1">
            <OwnerSwitcher />
          </div>
          {bell}
        </div>
        <Navigation counts={counts} />
        <div className="mt-auto flex items-center justify-between gap-1">
          <div className="min-w-0 flex-1">
            <PersonButton />
          </div>
          {theme}
        </div>
      </aside>

      <main id="main" className="mx-auto w-full max-w-[1100px] min-w-0 px-4 pt-6 pb-20 sm:px-6 lg:px-[34px]">
        {children}
      </main>
    </div>
  );
}
