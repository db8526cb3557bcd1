"use client";

import { useTranslations } from "next-intl";
import { lazy, Suspense, useState } from "react";
import type { ConnectionView } from "@/lib/api/views";
import { accountName } from "./account-name";

const ChooseAccountDialog = lazy(() =>
  import("./choose-account-dialog").then((module) => ({ default: module.ChooseAccountDialog })),
);

type Props = {
  connection: ConnectionView;
  connectorName: string;
  label?: string;
  look?: "outline" | "solid";
};

/** For a connection that another account signed in to: opens the choice between the two. */
export function ChooseAccount({ connection, connectorName, label, look = "outline" }: Props) {
  const t = useTranslations("accounts");
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        data-reconnect={connection.id}
        className={`btn ${look === "solid" ? "btn-solid" : ""} ${label ? "btn-wrap" : ""}`}
        aria-haspopup="dialog"
        aria-label={label ?? t("chooseName", { account: accountName(connection, connectorName) })}
        onClick={() => setOpen(true)}
      >
        {label ?? t("choose")}
      </button>
      <Suspense>
        {open ? (
          <ChooseAccountDialog connection={connection} connectorName={connectorName} onClose={() => setOpen(false)} />
        ) : null}
      </Suspense>
    </>
  );
}
