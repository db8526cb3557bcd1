"use client";

import { useTranslations } from "next-intl";
import { useRef } from "react";
import { CodeExample } from "@/components/ui/code-example";
import { CopyButton } from "@/components/ui/copy-button";
import { Dialog } from "@/components/ui/dialog";
import type { MadeKey } from "@/lib/api/key-views";

/** The one time that a key is shown, with a first call to try it by. */
export function KeyMade({ made, onClose }: { made: MadeKey; onClose: () => void }) {
  const t = useTranslations("apiKeys.made");
  const field = useRef<HTMLInputElement>(null);
  const example = [
    `export PATCHBAY_KEY=${made.key}`,
    `curl -fsS ${window.location.origin}/api/v1/connections \\`,
    '  -H "Authorization: Bearer $PATCHBAY_KEY"',
  ].join("\n");
  return (
    <Dialog
      lasting
      title={t("title", { name: made.api_key.name })}
      onClose={onClose}
      footer={
        <>
          <button type="button" className="btn" onClick={onClose}>
            {t("done")}
          </button>
          <CopyButton first look="solid" text={made.key} shown={field} label={t("copy")} said={t("copied")} />
        </>
      }
    >
      <p>{t("text")}</p>
      <input
        ref={field}
        readOnly
        aria-label={t("key")}
        className="field mt-3 font-mono text-xs"
        value={made.key}
        onFocus={(event) => event.target.select()}
      />
      <p className="mt-4 mb-1.5 font-medium text-ink">{t("try")}</p>
      <CodeExample code={example} label={t("copyExample")} said={t("exampleCopied")} />
    </Dialog>
  );
}
