"use client";

import { useTranslations } from "next-intl";
import type { OAuthMethod, Receipt } from "@/lib/api/views";

type Props = { receipt: Receipt; connectorName: string; method: OAuthMethod };

/** The receipt of a disconnect in one line, for lists. Until Nango is done, the cause beside it says how far it is. */
export function ReceiptLine({ receipt, connectorName, method }: Props) {
  const t = useTranslations("receipt");
  const { nango, upstream } = receipt;
  if (nango === "waiting" || nango === "stuck") return null;
  return (
    <p className="text-xs text-ink-2">
      {t(`line.${nango}`, { method })}
      {upstream === "waiting" ? null : ` ${t(`upstreamLine.${upstream}`, { name: connectorName })}`}
    </p>
  );
}
