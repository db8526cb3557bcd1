"use client";

import { useTranslations } from "next-intl";
import type { Receipt } from "@/lib/api/views";

/** The receipt of a disconnect in one line, for lists. */
export function ReceiptLine({ receipt, connectorName }: { receipt: Receipt; connectorName: string }) {
  const t = useTranslations("receipt");
  const { nango, upstream } = receipt;
  return (
    <p className="text-xs text-ink-2">
      {t(`line.${nango}`)}
      {upstream === "waiting" ? null : ` ${t(`upstreamLine.${upstream}`, { name: connectorName })}`}
    </p>
  );
}
