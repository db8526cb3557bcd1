"use client";

import { Check, Copy } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useRef, useState } from "react";
import { announce } from "@/components/ui/announcer";
import { Dialog } from "@/components/ui/dialog";
import type { MadeLink } from "@/lib/api/link-views";

/** The one time that a link is shown. */
export function LinkMade({ made, onClose }: { made: MadeLink; onClose: () => void }) {
  const t = useTranslations("links.ask");
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(made.url);
      setCopied(true);
      announce(t("copiedSaid"));
    } catch {
      // Not allowed, or not there without https: the person copies what is selected.
      announce(t("selected"));
    }
  };
  return (
    <Dialog
      title={t("madeTitle", { email: made.link.email ?? "" })}
      onClose={onClose}
      footer={
        <>
          <Link href="/connections/links" prefetch={false} className="btn btn-ghost mr-auto -ml-3">
            {t("all")}
          </Link>
          <button type="button" className="btn" onClick={onClose}>
            {t("done")}
          </button>
        </>
      }
    >
      <p>{t("madeText")}</p>
      <div className="mt-3 flex items-center gap-2">
        <input
          ref={field}
          readOnly
          aria-label={t("address")}
          className="field min-w-0 flex-1 font-mono text-xs"
          value={made.url}
          onFocus={(event) => event.target.select()}
        />
        <button
          type="button"
          data-first-focus=""
          className="btn btn-solid h-9 min-w-[6.75rem] rounded-[10px]"
          onClick={() => void copy()}
        >
          {copied ? <Check size={14} aria-hidden="true" /> : <Copy size={14} aria-hidden="true" />}
          {t(copied ? "copied" : "copy")}
        </button>
      </div>
    </Dialog>
  );
}
