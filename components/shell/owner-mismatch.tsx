"use client";

import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { onOwnerMismatch } from "@/components/api-client";
import { Dialog } from "@/components/ui/dialog";

/** The organisation was switched in another tab: nothing was changed, and this page shows the wrong one. */
export function OwnerMismatch() {
  const t = useTranslations("mismatch");
  const [open, setOpen] = useState(false);
  useEffect(() => onOwnerMismatch(() => setOpen(true)), []);
  if (!open) return null;
  return (
    <Dialog
      title={t("title")}
      onClose={() => setOpen(false)}
      footer={
        <button type="button" className="btn btn-solid" onClick={() => window.location.reload()}>
          {t("reload")}
        </button>
      }
    >
      <p>{t("text")}</p>
    </Dialog>
  );
}
