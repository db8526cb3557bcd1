"use client";

import { useTranslations } from "next-intl";
import { useOwner } from "@/components/shell/owner";
import { Dialog } from "@/components/ui/dialog";
import { RelativeTime } from "@/components/ui/relative-time";
import { Spinner } from "@/components/ui/spinner";
import type { KeyView } from "@/lib/api/key-views";
import { useKeyMutations } from "./use-keys";

/** Asks before a key is revoked, which cannot be undone, and says whether something still uses it. */
export function RevokeKeyDialog({ apiKey, onClose }: { apiKey: KeyView; onClose: () => void }) {
  const t = useTranslations("apiKeys.revoking");
  const owner = useOwner();
  const { revoke } = useKeyMutations();
  const { name, last_used_at: lastUsed } = apiKey;
  return (
    <Dialog
      title={t("title", { name })}
      onClose={onClose}
      footer={
        <>
          <button type="button" data-first-focus="" className="btn" onClick={onClose}>
            {t("keep")}
          </button>
          <button
            type="button"
            className="btn btn-danger"
            aria-disabled={revoke.isPending || undefined}
            onClick={() => {
              if (!revoke.isPending) revoke.mutate(apiKey, { onSettled: onClose });
            }}
          >
            {revoke.isPending ? <Spinner /> : null}
            {t(revoke.isPending ? "pending" : "confirm")}
          </button>
        </>
      }
    >
      <p>{t("text")}</p>
      <p className="mt-2">
        {lastUsed
          ? t.rich("used", { when: () => <RelativeTime iso={lastUsed} serverNow={owner.serverNow} /> })
          : t("neverUsed")}
      </p>
    </Dialog>
  );
}
