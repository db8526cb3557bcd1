"use client";

import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { onOwnerMismatch } from "@/components/api-client";
import { Dialog } from "@/components/ui/dialog";
import { useOwner } from "./owner";

/** A switch in this very tab reaches the cookie a moment before the page; a read in between is no reason to ask. */
const aMoment = 1_500;

/** The organisation was switched in another tab: nothing was changed, and this page shows the wrong one. */
export function OwnerMismatch() {
  const t = useTranslations("mismatch");
  const { id } = useOwner();
  const [mismatched, setMismatched] = useState<string | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onOwnerMismatch((method) => {
      clearTimeout(timer);
      timer = setTimeout(() => setMismatched(id), method === "GET" ? aMoment : 0);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [id]);
  if (mismatched !== id) return null;
  return (
    <Dialog
      title={t("title")}
      onClose={() => setMismatched(null)}
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
