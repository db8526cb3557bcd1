"use client";

import type { ReactNode } from "react";
import { brand } from "@/brand";
import { BrandMark } from "@/components/ui/brand-mark";
import { Theme, ThemeToggle } from "@/components/ui/theme";

export type FrameWords = Record<
  "skip" | "navigation" | "integrations" | "open" | "toDark" | "toLight" | "footer" | "support",
  string
>;

/**
 * Header and footer of public pages. Links are plain: each page is a small static document of its own, and the signed-in
 * part must start with a document of its own anyway, because its security policy is another one.
 * A client component for the size of its pages: as server output all of it would be in each of them twice.
 */
export function PublicFrame({ words, children }: { words: FrameWords; children: ReactNode }) {
  return (
    <Theme>
      <a href="#main" className="btn btn-solid fixed top-2 left-2 z-50 -translate-y-16 focus-visible:translate-y-0">
        {words.skip}
      </a>
      <header className="border-b border-line">
        <div className="mx-auto flex h-14 max-w-[1100px] items-center gap-1 px-4 sm:px-6">
          <a href="/" className="mr-auto flex items-center gap-2.5 rounded-md font-semibold">
            <BrandMark />
            <span className="max-[359px]:sr-only">{brand.name}</span>
          </a>
          <nav aria-label={words.navigation} className="flex items-center gap-1">
            <a href="/integrations" className="btn btn-ghost">
              {words.integrations}
            </a>
            <a href="/connectors" className="btn">
              {words.open}
            </a>
          </nav>
          <ThemeToggle toDark={words.toDark} toLight={words.toLight} />
        </div>
      </header>
      <main id="main">{children}</main>
      <footer className="mt-20 border-t border-line">
        <div className="mx-auto flex max-w-[1100px] flex-wrap items-center justify-between gap-x-6 gap-y-2 px-4 py-6 text-sm text-ink-2 sm:px-6">
          <p>{words.footer}</p>
          {brand.supportUrl ? (
            <a className="link" href={brand.supportUrl}>
              {words.support}
            </a>
          ) : null}
        </div>
      </footer>
    </Theme>
  );
}
