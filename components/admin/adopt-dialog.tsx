"use client";

import { useTranslations } from "next-intl";
import { useOwner } from "@/components/shell/owner";
import { Dialog } from "@/components/ui/dialog";
import { Spinner } from "@/components/ui/spinner";
import { useQuarantineMutations, type Waiting } from "./use-quarantine-mutations";

/** Asks before a connection is adopted: says whose it becomes, and who will be able to use it. */
export function AdoptDialog({ waiting, onClose }: { waiting: Waiting; onClose: () => void }) {
  const t = useTranslations("quarantine.adopting");
  const visibility = useTranslations("visibility");
  const owner = useOwner();
  const { adopt } = useQuarantineMutations();
  const { item, connectorName } = waiting;
  const person = item.started_by?.name ?? t("somebody");
  const organization = owner.organizationName ?? visibility("yourOrganization");
  return (
    <Dialog
      title={t("title", { name: connectorName })}
      onClose={onClose}
      footer={
        <>
          <button type="button" data-first-focus="" className="btn" onClick={onClose}>
            {t("cancel")}
          </button>
          <button
            type="button"
            className="btn btn-solid"
            aria-disabled={adopt.isPending || undefined}
            onClick={() => {
              if (!adopt.isPending) adopt.mutate(waiting, { onSuccess: onClose });
            }}
          >
            {adopt.isPending ? <Spinner /> : null}
            {t(adopt.isPending ? "pending" : "confirm")}
          </button>
        </>
      }
    >
      <p>
        {t("becomes", { person })}{" "}
        {item.visibility === "only_me" ? t("usedByOne", { person }) : t("usedByAll", { organization })}
      </p>
      <p className="mt-2">{t("beSure")}</p>
    </Dialog>
  );
}
