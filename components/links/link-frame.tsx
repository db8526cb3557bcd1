"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { brand } from "@/brand";
import { PersonButton } from "@/components/shell/account-controls";
import { BrandMark } from "@/components/ui/brand-mark";
import { ThemeToggle } from "@/components/ui/theme";

/** Around the page of a link: whoever comes need be no member of anything, so there is no way around but home and out. */
export function LinkFrame({ children }: { children: ReactNode }) {
  const t = useTranslations("shell");
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="flex h-14 items-center justify-between gap-3 px-4 sm:px-6">
        {/* A new document: public pages have a security policy of their own. */}
        <a href="/" className="flex items-center gap-2.5 rounded-md font-semibold">
          <BrandMark />
          {brand.name}
        </a>
        <div className="flex min-w-0 items-center gap-1">
          <PersonButton />
          <ThemeToggle toDark={t("toDark")} toLight={t("toLight")} />
        </div>
      </header>
      <main className="mx-auto w-full max-w-[560px] flex-1 px-4 pt-8 pb-20 sm:pt-14">{children}</main>
    </div>
  );
}
