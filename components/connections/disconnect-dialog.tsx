"use client";

import { ExternalLink } from "lucide-react";
import { useTranslations } from "next-intl";
import { useOwner } from "@/components/shell/owner";
import { Dialog } from "@/components/ui/dialog";
import { type Account, useConnectionMutations } from "./use-connection-mutations";

type Props = { account: Account; revocationUrl: string | null; onClose: () => void };

/** Asks before an account is disconnected: names it, and says what stops. */
export function DisconnectDialog({ account, revocationUrl, onClose }: Props) {
  const t = useTranslations("disconnect");
  const owner = useOwner();
  const { disconnect } = useConnectionMutations();
  const { connection, connectorName, accountName } = account;
  const shared = connection.visibility === "everyone" && owner.inOrganization;
  return (
    <Dialog
      title={t("title", { account: accountName })}
      onClose={onClose}
      footer={
        <>
          <button type="button" data-first-focus="" className="btn" onClick={onClose}>
            {t("keep")}
          </button>
          <button
            type="button"
            className="btn btn-danger"
            onClick={() => {
              disconnect.mutate(account);
              onClose();
              // The row that held the focus goes away with the account.
              requestAnimationFrame(() => document.getElementById("page-title")?.focus());
            }}
          >
            {t("confirm")}
          </button>
        </>
      }
    >
      <p>{t(shared ? "stopsShared" : "stopsMine", { account: accountName, name: connectorName })}</p>
      <p className="mt-2">{t("undoHint", { method: connection.oauth_method })}</p>
      <p className="mt-2">{t("receiptHint", { name: connectorName, method: connection.oauth_method })}</p>
      {revocationUrl ? (
        <p className="mt-2">
          <a
            className="link inline-flex items-center gap-1"
            href={revocationUrl}
            target="_blank"
            rel="noopener noreferrer"
          >
            {t("alsoAt", { name: connectorName })}
            <ExternalLink size={13} aria-hidden="true" />
          </a>
        </p>
      ) : null}
    </Dialog>
  );
}
