"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, useId, useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { Spinner } from "@/components/ui/spinner";
import { type Account, useConnectionMutations } from "./use-connection-mutations";

const longestLabel = 80;

/** Gives an account a label of the team's own; an empty one brings back the account's own name. */
export function RenameDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const t = useTranslations("rename");
  const { rename } = useConnectionMutations();
  const [label, setLabel] = useState(account.connection.label ?? "");
  const formId = useId();
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (rename.isPending) return;
    rename.mutate({ ...account, label: label.trim() || null }, { onSuccess: onClose });
  };
  return (
    <Dialog
      title={t("title")}
      onClose={onClose}
      footer={
        <>
          <button type="button" className="btn" onClick={onClose}>
            {t("cancel")}
          </button>
          <button type="submit" form={formId} className="btn btn-solid" aria-disabled={rename.isPending || undefined}>
            {rename.isPending ? <Spinner /> : null}
            {t(rename.isPending ? "saving" : "save")}
          </button>
        </>
      }
    >
      <form id={formId} onSubmit={save}>
        <label className="block">
          {t("label", { account: account.connection.account_name ?? account.accountName })}
          <input
            data-first-focus=""
            className="field mt-2"
            value={label}
            maxLength={longestLabel}
            placeholder={t("placeholder")}
            autoComplete="off"
            onChange={(event) => setLabel(event.target.value)}
          />
        </label>
        <p className="mt-2 text-xs text-ink-3">{t("hint")}</p>
      </form>
    </Dialog>
  );
}
