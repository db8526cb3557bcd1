"use client";

import { ClerkDegraded, ClerkFailed, ClerkLoading } from "@clerk/nextjs";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { brand } from "@/brand";
import { BrandMark } from "@/components/ui/brand-mark";
import { useHydrated } from "@/components/ui/hydrated";
import { ThemeToggle } from "@/components/ui/theme";

/** Around Clerk's forms: the way home, and words for when Clerk does not come. */
export function SignFrame({ children }: { children: ReactNode }) {
  const t = useTranslations("sign");
  // Clerk may be there before this is hydrated; the first render must be the server's all the same.
  const hydrated = useHydrated();
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
          {hydrated ? (
            <>
              <ClerkLoading>
                <FormToBe label={t("loading")} />
              </ClerkLoading>
              <ClerkFailed>
                <Failure />
              </ClerkFailed>
              <ClerkDegraded>
                <Failure />
              </ClerkDegraded>
              {children}
            </>
          ) : (
            <FormToBe label={t("loading")} />
          )}
        </div>
      </main>
    </div>
  );
}

function FormToBe({ label }: { label: string }) {
  return (
    <div aria-busy="true" className="panel grid h-[400px] content-start gap-5 p-8">
      <span className="sr-only">{label}</span>
      <span aria-hidden="true" className="skeleton mx-auto h-5 w-44" />
      <span aria-hidden="true" className="skeleton h-9 w-full" />
      <span aria-hidden="true" className="skeleton h-9 w-full" />
      <span aria-hidden="true" className="skeleton h-9 w-full" />
    </div>
  );
}

/** Clerk's scripts did not come, or came and cannot reach Clerk: its form would only fail. */
function Failure() {
  const t = useTranslations("sign");
  return (
    <div role="alert" className="panel mb-4 grid justify-items-start gap-1 p-6">
      <h1 className="text-base font-semibold">{t("failedTitle")}</h1>
      <p className="mb-3 text-sm text-ink-2">{t("failedText")}</p>
      <button type="button" className="btn btn-solid" onClick={() => window.location.reload()}>
        {t("reload")}
      </button>
    </div>
  );
}
