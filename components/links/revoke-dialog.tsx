"use client";

import { useTranslations } from "next-intl";
import { Dialog } from "@/components/ui/dialog";
import { Spinner } from "@/components/ui/spinner";
import { type NamedLink, useLinkMutations } from "./use-links";

/** Asks before a link is revoked, which cannot be undone. */
export function RevokeDialog({ named, onClose }: { named: NamedLink; onClose: () => void }) {
  const t = useTranslations("links.revoking");
  const { revoke } = useLinkMutations();
  const { name, email } = named;
  return (
    <Dialog
      title={t("title", { email })}
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
              if (!revoke.isPending) revoke.mutate(named, { onSettled: onClose });
            }}
          >
            {revoke.isPending ? <Spinner /> : null}
            {t(revoke.isPending ? "pending" : "confirm")}
          </button>
        </>
      }
    >
      <p>{t("text", { email, name })}</p>
    </Dialog>
  );
}
