"use client";

import { useTranslations } from "next-intl";
import { Dialog } from "@/components/ui/dialog";
import { Spinner } from "@/components/ui/spinner";
import { useQuarantineMutations, type Waiting } from "./use-quarantine-mutations";

/** Asks before a connection in quarantine is deleted, which cannot be undone. */
export function DeleteDialog({ waiting, onClose }: { waiting: Waiting; onClose: () => void }) {
  const t = useTranslations("quarantine.deleting");
  const { remove } = useQuarantineMutations();
  return (
    <Dialog
      title={t("title", { name: waiting.connectorName })}
      onClose={onClose}
      footer={
        <>
          <button type="button" data-first-focus="" className="btn" onClick={onClose}>
            {t("keep")}
          </button>
          <button
            type="button"
            className="btn btn-danger"
            aria-disabled={remove.isPending || undefined}
            onClick={() => {
              if (!remove.isPending) remove.mutate(waiting, { onSuccess: onClose });
            }}
          >
            {remove.isPending ? <Spinner /> : null}
            {t(remove.isPending ? "pending" : "confirm")}
          </button>
        </>
      }
    >
      <p>{t("text")}</p>
    </Dialog>
  );
}
