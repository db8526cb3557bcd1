"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { useRef } from "react";
import { CopyButton } from "@/components/ui/copy-button";
import { Dialog } from "@/components/ui/dialog";
import type { MadeLink } from "@/lib/api/link-views";

/** The one time that a link is shown. */
export function LinkMade({ made, onClose }: { made: MadeLink; onClose: () => void }) {
  const t = useTranslations("links.ask");
  const field = useRef<HTMLInputElement>(null);
  return (
    <Dialog
      lasting
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
        <CopyButton
          first
          look="solid"
          className="h-9 min-w-[6.75rem] rounded-[10px]"
          text={made.url}
          shown={field}
          label={t("copy")}
          said={t("copied")}
        />
      </div>
    </Dialog>
  );
}
