"use client";

import { useTranslations } from "next-intl";
import type { NoticeView } from "@/lib/api/views";

/** What a notice says, as a sentence or two. A reason that has no words of its own falls back on the kind's. */
export function useNoticeText() {
  const attention = useTranslations("notices.needsAttention");
  const disconnected = useTranslations("notices.disconnected");
  const t = useTranslations("notices.kinds");
  const somebody = useTranslations("notices");
  return (notice: NoticeView, name: string): string => {
    const reason = notice.reason_code ?? "unknown";
    switch (notice.kind) {
      case "needs_attention": {
        const key = reason as Parameters<typeof attention.has>[0];
        return attention(attention.has(key) ? key : "unknown", { name });
      }
      case "disconnected": {
        const key = reason as Parameters<typeof disconnected.has>[0];
        return disconnected(disconnected.has(key) ? key : "unknown", { name });
      }
      case "expires_soon":
        return t("expires_soon", { days: notice.days ?? 14 });
      case "link_used":
        return t("link_used", { name, person: notice.person ?? somebody("somebody") });
      case "person_left":
      case "contact":
        return t(notice.kind, { count: notice.count ?? 0 });
      default:
        return t(notice.kind, { name });
    }
  };
}
