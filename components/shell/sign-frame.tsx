"use client";

import { ClerkFailed, ClerkLoading } from "@clerk/nextjs";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { brand } from "@/brand";
import { BrandMark } from "@/components/ui/brand-mark";
import { ThemeToggle } from "@/components/ui/theme";

/** Around Clerk's forms: the way home, and words for when Clerk does not come. */
export function SignFrame({ children }: { children: ReactNode }) {
  const t = useTranslations("sign");
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="flex h-14 items-center justify-between px-4 sm:px-6">
        {/* A new document: public pages have a security policy of their own. */}
        <a href="/" className="flex items-center gap-2.5 rounded-md font-semibold">
          <BrandMark />
          {brand.name}
        </a>
        <ThemeToggle toDark={t("toDark")} toLight={t("toLight")} />
      </header>
      <main className="grid flex-1 justify-items-center px-4 pt-[8vh] pb-16">
        <div className="relative w-full max-w-[400px]">
          <ClerkLoading>
            <div aria-busy="true" className="panel grid h-[400px] content-start gap-5 p-8">
              <span className="sr-only">{t("loading")}</span>
              <span aria-hidden="true" className="skeleton mx-auto h-5 w-44" />
              <span aria-hidden="true" className="skeleton h-9 w-full" />
              <span aria-hidden="true" className="skeleton h-9 w-full" />
              <span aria-hidden="true" className="skeleton h-9 w-full" />
            </div>
          </ClerkLoading>
          <ClerkFailed>
            <div role="alert" className="panel grid justify-items-start gap-1 p-6">
              <h1 className="text-base font-semibold">{t("failedTitle")}</h1>
              <p className="mb-3 text-sm text-ink-2">{t("failedText")}</p>
              <button type="button" className="btn btn-solid" onClick={() => window.location.reload()}>
                {t("reload")}
              </button>
            </div>
          </ClerkFailed>
          {children}
        </div>
      </main>
    </div>
  );
}
