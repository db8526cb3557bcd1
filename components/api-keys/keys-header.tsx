"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { useOwner } from "@/components/shell/owner";

/** @param children what can be done, at the right */
export function KeysHeader({ children }: { children: ReactNode }) {
  const t = useTranslations("apiKeys");
  const owner = useOwner();
  return (
    <header className="mb-5 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0 flex-1 basis-80">
        <h1 id="page-title" tabIndex={-1} className="text-title font-semibold tracking-[-0.02em] outline-none">
          {t("title")}
        </h1>
        <p className="text-ink-2">{t(owner.inOrganization ? "lead" : "leadOwn")}</p>
      </div>
      {children}
    </header>
  );
}
