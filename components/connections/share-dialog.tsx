"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, useId, useState } from "react";
import { VisibilityChoice } from "@/components/connectors/visibility-choice";
import { useOwner } from "@/components/shell/owner";
import { Dialog } from "@/components/ui/dialog";
import { Spinner } from "@/components/ui/spinner";
import { accountName } from "./account-name";
import { type Account, useConnectionMutations } from "./use-connection-mutations";

/** Changes who may use an account; says what that means, and that it is recorded, before it is done. */
export function ShareDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const t = useTranslations("sharing");
  const words = useTranslations("visibility");
  const owner = useOwner();
  const { share } = useConnectionMutations();
  const { connection, connectorName } = account;
  const [visibility, setVisibility] = useState(connection.visibility);
  const formId = useId();
  const changed = visibility !== connection.visibility;
  const values = {
    account: accountName(connection, connectorName),
    name: connectorName,
    organization: owner.organizationName ?? words("yourOrganization"),
  };
  const change = t(connection.visibility === "everyone" ? "willClose" : "willOpen", values);
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (share.isPending) return;
    if (changed) share.mutate({ ...account, visibility }, { onSuccess: onClose });
    else onClose();
  };
  return (
    <Dialog
      title={t("title", values)}
      onClose={onClose}
      footer={
        <>
          <button type="button" className="btn" onClick={onClose}>
            {t("cancel")}
          </button>
          <button type="submit" form={formId} className="btn btn-solid" aria-disabled={share.isPending || undefined}>
            {share.isPending ? <Spinner /> : null}
            {t(share.isPending ? "saving" : "save")}
          </button>
        </>
      }
    >
      <form id={formId} onSubmit={save}>
        <div className="mt-3">
          <VisibilityChoice
            value={visibility}
            onChange={setVisibility}
            organizationName={owner.organizationName}
            asked
          />
        </div>
        {/* The longer of the two sentences keeps its place, so that the buttons stay where they are. */}
        <div className="wrap-any mt-3 grid *:[grid-area:1/1]">
          <p aria-hidden="true" className="invisible">
            {change}
          </p>
          <p role="status">{changed ? change : t("unchanged")}</p>
        </div>
      </form>
    </Dialog>
  );
}
